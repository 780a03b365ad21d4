import type { Reader } from '../../types.ts'
import { type ContentDigester, contentDigester, megabyte } from './content-digest.ts'
import type { ContentDigest } from './signature-algorithms.ts'

/** What signatures cover after the entries. */
export interface SignedTail {
  readonly directoryOffset: number
  readonly directorySize: number
  /** The end record as if the directory stood where the signing block begins. */
  readonly endRecord: Uint8Array
}

/**
 * Reads a package once for two: whoever looks at it from front to back (as the ZIP reader looks at the local
 * headers of ten thousand entries) is given its bytes out of the megabytes that are digested on the way. The next
 * megabyte is read while the last is hashed. Memory: two megabytes, and 32 or 64 bytes for each of the package.
 */
export class ContentSweep implements Reader {
  readonly size: number
  readonly #reader: Reader
  readonly #end: number
  readonly #digesters: ReadonlyMap<ContentDigest, ContentDigester>
  #offset = 0
  #chunk: Uint8Array = new Uint8Array(0)
  #next: Promise<Uint8Array> | undefined

  /** @param end where the entries end and the signing block begins */
  constructor(reader: Reader, end: number, kinds: Iterable<ContentDigest>) {
    this.#reader = reader
    this.size = reader.size
    this.#end = end
    this.#digesters = new Map([...kinds].map((kind) => [kind, contentDigester(kind)]))
  }

  /** As the reader's own; forward reads before the end move the sweep on. Not to be called twice at a time. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.#offset || offset + length > this.#end || length === 0)
      return this.#reader.read(offset, length)
    while (offset >= this.#offset + this.#chunk.length) await this.#advance()
    const from = offset - this.#offset
    if (from + length > this.#chunk.length) return this.#reader.read(offset, length)
    // No Buffer: a slice of it that somebody keeps would keep the megabyte.
    return new Uint8Array(this.#chunk.buffer, this.#chunk.byteOffset + from, length)
  }

  /** Digests what is left of the entries, and the tail. Ends the sweep. */
  async digests({
    directoryOffset,
    directorySize,
    endRecord,
  }: SignedTail): Promise<Map<ContentDigest, Uint8Array>> {
    while (this.#offset + this.#chunk.length < this.#end) await this.#advance()
    for (let at = 0; at < directorySize; at += megabyte) {
      this.#add(await this.#reader.read(directoryOffset + at, Math.min(megabyte, directorySize - at)))
    }
    this.#add(endRecord)
    return new Map([...this.#digesters].map(([kind, digester]) => [kind, digester.digest()]))
  }

  async #advance(): Promise<void> {
    const offset = this.#offset + this.#chunk.length
    this.#chunk = await (this.#next ?? this.#readChunk(offset))
    this.#offset = offset
    const following = offset + this.#chunk.length
    this.#next = following < this.#end ? this.#readChunk(following) : undefined
    // Its failure is seen when it is awaited, which a sweep that is given up never does.
    this.#next?.catch(() => {})
    this.#add(this.#chunk)
  }

  #readChunk(offset: number): Promise<Uint8Array> {
    return this.#reader.read(offset, Math.min(megabyte, this.#end - offset))
  }

  #add(chunk: Uint8Array): void {
    for (const digester of this.#digesters.values()) digester.add(chunk)
  }
}
