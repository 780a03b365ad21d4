import type { Reader } from '../types.ts'

/**
 * Reads forward in larger steps, so that small neighbouring pieces cost one read together. A jump over a large
 * piece is no reason to read far ahead; a short step is.
 */
export class ReadAhead {
  readonly #reader: Reader
  readonly #far: number
  readonly #near: number
  #offset = 0
  #bytes: Uint8Array = new Uint8Array(0)

  /** Reads `far` bytes ahead while pieces follow each other, `near` bytes after a jump. */
  constructor(reader: Reader, far: number, near: number) {
    this.#reader = reader
    this.#far = far
    this.#near = near
  }

  /** At most `length` bytes at `offset`; fewer at the end of the package. Not to be written to. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.#offset
    const available = Math.min(length, this.#reader.size - offset)
    if (from >= 0 && from + available <= this.#bytes.length)
      return this.#bytes.subarray(from, from + available)
    const follows = from >= 0 && from <= this.#bytes.length + this.#near
    const size = Math.min(Math.max(available, follows ? this.#far : this.#near), this.#reader.size - offset)
    this.#bytes = await this.#reader.read(offset, size)
    this.#offset = offset
    return this.#bytes.subarray(0, available)
  }
}
