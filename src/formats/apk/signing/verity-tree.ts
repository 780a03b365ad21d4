import { hash } from 'node:crypto'

const page = 4096
const digestLength = 32
const saltLength = 8

/**
 * Root of the dm-verity tree over a stream of bytes: SHA-256 over pages, salted with eight zeros, then over the
 * pages of those digests, until one page holds them all (source.android.com, "dm-verity").
 */
export class VerityTree {
  readonly #levels: Level[] = []
  readonly #partial = new Uint8Array(saltLength + page)
  #filled = 0
  #size = 0n

  add(bytes: Uint8Array): void {
    this.#size += BigInt(bytes.length)
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(page - this.#filled, bytes.length - at)
      this.#partial.set(bytes.subarray(at, at + length), saltLength + this.#filled)
      this.#filled += length
      at += length
      if (this.#filled === page) this.#flush()
    }
  }

  /** The root with the stream's length behind it, as signatures have it. Ends the stream. */
  digest(): Uint8Array {
    if (this.#filled > 0) this.#flush()
    const result = Buffer.alloc(digestLength + 8)
    result.set(this.#root())
    result.writeBigUInt64LE(this.#size, digestLength)
    return result
  }

  #flush(): void {
    this.#partial.fill(0, saltLength + this.#filled)
    this.#filled = 0
    this.#push(0, hash('sha256', this.#partial, 'buffer'))
  }

  #push(index: number, digest: Uint8Array): void {
    this.#levels[index] ??= { page: new Uint8Array(saltLength + page), filled: 0, flushed: false }
    const level = this.#levels[index]
    // A full page goes up only when more follows: the level that needs a single page is the top.
    if (level.filled === page) this.#pushUp(index, level)
    level.page.set(digest, saltLength + level.filled)
    level.filled += digestLength
  }

  #pushUp(index: number, level: Level): void {
    level.page.fill(0, saltLength + level.filled)
    level.filled = 0
    level.flushed = true
    this.#push(index + 1, hash('sha256', level.page, 'buffer'))
  }

  #root(): Uint8Array {
    for (let index = 0; ; index++) {
      const level = this.#levels[index]
      if (level === undefined) return hash('sha256', new Uint8Array(saltLength + page), 'buffer')
      if (level.flushed) {
        this.#pushUp(index, level)
        continue
      }
      level.page.fill(0, saltLength + level.filled)
      return hash('sha256', level.page, 'buffer')
    }
  }
}

interface Level {
  /** Salt and one page of digests. */
  readonly page: Uint8Array
  filled: number
  flushed: boolean
}
