import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Blob, type BlobStore, BlobTooLarge } from './blob-store.ts'

/** Bytes gathered before they are written: large enough that a slow disk is not asked for every packet. */
const writeSize = 1024 * 1024

/**
 * Blobs as files `<first two digits>/<the rest>` below a folder. A put writes a temporary file, syncs it and
 * renames it; what a crash left half-written is removed at the next start.
 */
export function diskBlobs(folder: string): BlobStore {
  const temporary = join(folder, 'tmp')
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256.slice(2))

  return {
    async put(source, { maxBytes }) {
      const path = join(temporary, randomUUID())
      try {
        const blob = await write(path, source, maxBytes)
        const shard = join(folder, blob.sha256.slice(0, 2))
        await mkdir(shard, { recursive: true })
        await rename(path, pathOf(blob.sha256))
        await syncFolder(shard)
        await syncFolder(folder)
        return blob
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
    },
    async compose(parts) {
      const text = parts.map(({ sha256, size }) => `${sha256} ${size}\n`).join('')
      for (const { sha256 } of parts) await stat(pathOf(sha256))
      const name = createHash('sha256').update(`parts\n${text}`).digest('hex')
      const shard = join(folder, name.slice(0, 2))
      const path = join(temporary, randomUUID())
      await mkdir(shard, { recursive: true })
      await writeFile(path, text, { flush: true })
      await rename(path, `${pathOf(name)}${listEnding}`)
      await syncFolder(shard)
      await syncFolder(folder)
      return { sha256: name, size: sizeOf(parts) }
    },
    async local(sha256) {
      const parts = await partsOf(sha256)
      if (!parts) throw new Error(`there is no blob ${sha256}`)
      return {
        parts: parts.map((part) => ({ path: pathOf(part.sha256), size: part.size })),
        [Symbol.asyncDispose]: async () => {},
      }
    },
    stream: (sha256, range) => Readable.from(read(sha256, range)),
    async size(sha256) {
      const parts = await partsOf(sha256)
      return parts && sizeOf(parts)
    },
    async scratch() {
      const path = join(temporary, randomUUID())
      await mkdir(path)
      return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
    },
  }

  /** What a blob is made of: itself, or what its list names; undefined when there is no such blob. */
  async function partsOf(sha256: string): Promise<Blob[] | undefined> {
    const size = await unlessMissing(stat(pathOf(sha256)))
    if (size) return [{ sha256, size: size.size }]
    const list = await unlessMissing(readFile(`${pathOf(sha256)}${listEnding}`, 'utf8'))
    return list
      ?.split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ sha256: line.slice(0, 64), size: Number(line.slice(65)) }))
  }

  async function* read(sha256: string, range?: { start: number; end: number }): AsyncGenerator<Buffer> {
    const parts = await partsOf(sha256)
    if (!parts) throw new Error(`there is no blob ${sha256}`)
    const { start, end } = range ?? { start: 0, end: sizeOf(parts) - 1 }
    let offset = 0
    for (const part of parts) {
      const from = Math.max(start - offset, 0)
      const to = Math.min(end - offset, part.size - 1)
      if (from <= to)
        yield* createReadStream(pathOf(part.sha256), { start: from, end: to, highWaterMark: writeSize })
      offset += part.size
    }
  }
}

/** What the file of a composed blob ends with; it holds the list of its parts. */
const listEnding = '.parts'

function sizeOf(parts: readonly Blob[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes and hashes in step: while one batch goes to the disk, the next is read and hashed. */
async function write(path: string, source: AsyncIterable<Uint8Array>, maxBytes: number) {
  await using file = await open(path, 'wx')
  const hash = createHash('sha256')
  let size = 0
  let batch: Uint8Array[] = []
  let batched = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    const ready = batch
    batch = []
    batched = 0
    await writing
    writing = writeAll(file, ready)
    // A failure is met at the next await of `writing`; until then it must not count as unhandled.
    writing.catch(() => {})
  }
  try {
    for await (const chunk of source) {
      size += chunk.byteLength
      if (size > maxBytes) throw new BlobTooLarge(`more than ${maxBytes} bytes`)
      hash.update(chunk)
      batch.push(chunk)
      batched += chunk.byteLength
      if (batched >= writeSize) await flush()
    }
    await flush()
  } finally {
    await writing
  }
  await file.sync()
  return { sha256: hash.digest('hex'), size }
}

async function writeAll(file: FileHandle, chunks: Uint8Array[]): Promise<void> {
  let pending = chunks
  while (pending.length > 0) {
    const { bytesWritten } = await file.writev(pending)
    pending = after(pending, bytesWritten)
  }
}

/** What is left of the chunks when so many bytes of them are done. */
function after(chunks: Uint8Array[], done: number): Uint8Array[] {
  let skip = done
  const left: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip >= chunk.byteLength) skip -= chunk.byteLength
    else {
      left.push(skip > 0 ? chunk.subarray(skip) : chunk)
      skip = 0
    }
  }
  return left
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
