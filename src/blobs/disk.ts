import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobStore, BlobTooLarge } from './blob-store.ts'

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
    async local(sha256) {
      const path = pathOf(sha256)
      await stat(path)
      return { path, [Symbol.asyncDispose]: async () => {} }
    },
    stream: (sha256, range) => createReadStream(pathOf(sha256), range),
    async size(sha256) {
      try {
        return (await stat(pathOf(sha256))).size
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
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
