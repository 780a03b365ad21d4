import { Malformed } from '../byte-cursor.ts'
import type { Chunk } from './chunk.ts'

const headerLength = 28
const utf8Flag = 0x100

/**
 * The strings that XML chunks and resource tables refer to by index. Decoded on demand: a pool of a million
 * strings that all point at one long text costs nothing until it is asked, and then only as much as it is big.
 */
export class StringPool {
  readonly count: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #headerSize: number
  readonly #start: number
  readonly #end: number
  readonly #utf8: boolean
  readonly #decoded = new Map<number, string | undefined>()
  #budget: number

  /** @throws Malformed when the pool's own header contradicts itself. */
  constructor(chunk: Chunk) {
    const { bytes, headerSize } = chunk
    if (headerSize < headerLength) throw new Malformed(`a string pool has a header of ${headerSize} bytes`)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#headerSize = headerSize
    const word = (at: number) => this.#view.getUint32(at, true)
    const styles = word(12)
    this.#utf8 = (word(16) & utf8Flag) !== 0
    this.count = word(8)
    this.#start = word(20)
    this.#end = styles > 0 ? word(24) : bytes.length
    this.#budget = bytes.length + 65_536
    if (this.count === 0) return
    if (headerSize + this.count * 4 > bytes.length) {
      throw new Malformed(`a string pool of ${bytes.length} bytes claims ${this.count} strings`)
    }
    if (this.#start >= this.#end || this.#end > bytes.length) {
      throw new Malformed('the strings of a string pool do not lie inside of it')
    }
  }

  /**
   * Undefined for an index without a string, for a string that does not end where it says, and for all further
   * ones when those so far came to more than the pool's size, which only overlapping strings can.
   */
  get(index: number): string | undefined {
    if (index >= this.count) return undefined
    if (!this.#decoded.has(index)) this.#decoded.set(index, this.#decode(index))
    return this.#decoded.get(index)
  }

  #decode(index: number): string | undefined {
    const at = this.#start + this.#view.getUint32(this.#headerSize + 4 * index, true)
    const text = this.#utf8 ? this.#decodeUtf8(at) : this.#decodeUtf16(at)
    this.#budget -= text?.length ?? 0
    return this.#budget < 0 ? undefined : text
  }

  #decodeUtf16(at: number): string | undefined {
    if (at + 2 > this.#end) return undefined
    let from = at + 2
    let length = this.#view.getUint16(at, true)
    if ((length & 0x8000) !== 0) {
      if (at + 4 > this.#end) return undefined
      length = (length & 0x7fff) * 65_536 + this.#view.getUint16(from, true)
      from += 2
    }
    const to = from + 2 * length
    if (to + 2 > this.#end || this.#view.getUint16(to, true) !== 0) return undefined
    return this.#buffer(from, to).toString('utf16le')
  }

  #decodeUtf8(at: number): string | undefined {
    const characters = this.#utf8Length(at)
    const length = characters && this.#utf8Length(characters.next)
    if (length === undefined) return undefined
    // AAPT wrote only the lowest 15 bits of the length of longer strings; Android looks on for the terminator.
    for (let to = length.next + length.value; to < this.#end; to += 0x8000) {
      if (this.#bytes[to] === 0) return this.#buffer(length.next, to).toString('utf8')
    }
    return undefined
  }

  #utf8Length(at: number): { value: number; next: number } | undefined {
    const first = this.#bytes[at]
    const second = this.#bytes[at + 1]
    if (first === undefined || at >= this.#end) return undefined
    if ((first & 0x80) === 0) return { value: first, next: at + 1 }
    return second === undefined ? undefined : { value: ((first & 0x7f) << 8) | second, next: at + 2 }
  }

  #buffer(from: number, to: number): Buffer {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + from, to - from)
  }
}
