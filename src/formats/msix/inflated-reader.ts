import { ZipError } from '../containers/zip.ts'
import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import { checkRange } from '../file-reader.ts'
import type { Finding, Reader } from '../types.ts'

/** Thrown by an {@link inflatedReader} whose entry can't be unpacked, or not within reason. */
export class UnpackingFailed extends Error {
  /** Undefined when it would take too long. */
  readonly finding: Finding | undefined

  constructor(finding: Finding | undefined) {
    super(finding?.message ?? 'the entry would have to be unpacked too often')
    this.finding = finding
  }
}

interface Options {
  /** Most unpacked bytes kept behind the place reached. */
  readonly window: number
  /** Bytes at the end that are kept for good: directories stand there. */
  readonly tail: number
  readonly passes: number
}

const defaults: Options = { window: 64 * 1024 ** 2, tail: 4 * 1024 ** 2, passes: 64 }

/**
 * Random access to a compressed entry in bounded memory: it is unpacked forward, the last megabytes are kept, and
 * reading further back starts over. Inspecting a package reads its end and then goes forward, so two passes do.
 * A read throws {@link UnpackingFailed} when the entry is damaged or would need too many passes.
 */
export function inflatedReader(archive: ZipArchive, entry: ZipEntry, options: Options = defaults): Reader {
  const state = new Inflation(archive, entry, options)
  let last: Promise<unknown> = Promise.resolve()
  return {
    size: entry.uncompressedSize,
    read(offset, length) {
      const result = last.then(() => {
        checkRange(offset, length, entry.uncompressedSize)
        return state.read(offset, length)
      })
      // One read at a time: they share the place reached.
      last = result.catch(() => undefined)
      return result
    },
  }
}

class Inflation {
  readonly #archive: ZipArchive
  readonly #entry: ZipEntry
  readonly #options: Options
  #chunks: Uint8Array[] = []
  #windowStart = 0
  #position = 0
  #iterator: AsyncIterator<Uint8Array> | undefined
  #tail: Uint8Array | undefined
  #passes = 0
  #failure: UnpackingFailed | undefined

  constructor(archive: ZipArchive, entry: ZipEntry, options: Options) {
    this.#archive = archive
    this.#entry = entry
    this.#options = options
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const tailStart = this.#entry.uncompressedSize - (this.#tail?.length ?? 0)
    if (this.#tail !== undefined && offset >= tailStart) {
      return this.#tail.slice(offset - tailStart, offset - tailStart + length)
    }
    if (this.#iterator === undefined || offset < this.#windowStart) await this.#restart()
    while (this.#position < offset + length) await this.#step(offset)
    return this.#copy(offset, length)
  }

  async #restart(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    await this.#iterator?.return?.()
    this.#passes += 1
    if (this.#passes > this.#options.passes) throw this.#fail(undefined)
    this.#iterator = this.#archive.open(this.#entry)[Symbol.asyncIterator]()
    this.#chunks = []
    this.#windowStart = 0
    this.#position = 0
  }

  async #step(wanted: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const { done, value } = await this.#next()
    if (done === true) throw this.#fail(undefined)
    this.#chunks.push(value)
    this.#position += value.length
    this.#forget(wanted)
    if (this.#position === this.#entry.uncompressedSize) await this.#finish()
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return (await this.#iterator?.next()) ?? { done: true, value: undefined }
    } catch (error) {
      if (error instanceof ZipError) throw this.#fail(error.toFinding())
      throw error
    }
  }

  /** Lets go of what lies further behind than the window, unless it is being read. */
  #forget(wanted: number): void {
    for (;;) {
      const [first] = this.#chunks
      if (first === undefined) return
      const end = this.#windowStart + first.length
      if (end > wanted || this.#position - end < this.#options.window) return
      this.#chunks.shift()
      this.#windowStart = end
    }
  }

  /** The end was reached: its checksum is verified, and the directories there are kept. */
  async #finish(): Promise<void> {
    if (this.#tail !== undefined) return
    const rest = await this.#next()
    if (rest.done !== true) throw this.#fail(undefined)
    const from = Math.max(this.#windowStart, this.#position - this.#options.tail)
    this.#tail = this.#copy(from, this.#position - from)
  }

  #copy(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    let at = this.#windowStart
    for (const chunk of this.#chunks) {
      const from = Math.max(offset, at)
      const to = Math.min(offset + length, at + chunk.length)
      if (from < to) bytes.set(chunk.subarray(from - at, to - at), from - offset)
      at += chunk.length
    }
    return bytes
  }

  #fail(finding: Finding | undefined): UnpackingFailed {
    this.#failure ??= new UnpackingFailed(finding)
    return this.#failure
  }
}
