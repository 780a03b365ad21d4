import { createHash, type Hash } from 'node:crypto'
import type { Reader } from '../types.ts'
import type { HashName } from './block-map.ts'

const readSize = 1024 ** 2

/**
 * Digest of the archive's bytes from its start on, fed with whatever is read anyway: the content of a package
 * is read once, for its blocks and for its signature.
 */
export class RecordDigest {
  readonly #reader: Reader
  readonly #hash: Hash
  #position = 0

  constructor(reader: Reader, hashName: HashName) {
    this.#reader = reader
    this.#hash = createHash(hashName)
  }

  /** Takes bytes of the archive; what was digested already, or does not follow on from it, is passed over. */
  feed(offset: number, bytes: Uint8Array): void {
    const from = this.#position - offset
    if (from < 0 || from >= bytes.length) return
    this.#hash.update(from === 0 ? bytes : bytes.subarray(from))
    this.#position = offset + bytes.length
  }

  /** Reads and digests what nobody fed before `end`. */
  async advance(end: number): Promise<void> {
    while (this.#position < end) {
      const length = Math.min(readSize, end - this.#position)
      this.feed(this.#position, await this.#reader.read(this.#position, length))
    }
  }

  /** Leaves out the bytes up to `end`; call it after {@link advance}. */
  skip(end: number): void {
    this.#position = Math.max(this.#position, end)
  }

  digest(): Buffer {
    return this.#hash.digest()
  }
}
