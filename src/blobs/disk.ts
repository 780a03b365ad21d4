import { randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Blob, type BlobStore, DamagedBlob, type Kept } from './blob-store.ts'
import { writeHashed } from './hashed-file.ts'
import { listEnding, nameOfPartList, readPartList, writePartList } from './part-list.ts'
import { clearScratch, makeScratch } from './scratch.ts'

const readBytes = 1024 * 1024

/**
 * Blobs as files `<first two digits>/<the rest>` below a folder. A put writes a temporary file, syncs it and
 * renames it; what a crash left half-written is removed at the next start, or tidied up by its age where other
 * processes use the folder too.
 */
export function diskBlobs(folder: string, { isShared = false } = {}): BlobStore {
  const temporary = join(folder, 'tmp')
  if (!isShared) rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256.slice(2))
  const shards = new Map<string, Promise<void>>()

  return {
    async put(source, { maxBytes }) {
      const path = join(temporary, randomUUID())
      try {
        const blob = await writeHashed(path, source, maxBytes)
        await moveIn(path, blob.sha256, '')
        return blob
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
    },
    async compose(parts) {
      const list = writePartList(parts)
      for (const { sha256 } of parts) await stat(pathOf(sha256))
      const name = nameOfPartList(list)
      const path = join(temporary, randomUUID())
      await writeFile(path, list, { flush: true })
      await moveIn(path, name, listEnding)
      return { sha256: name, size: sizeOf(parts) }
    },
    async local(sha256) {
      const parts = await partsOf(sha256)
      if (!parts) throw new Error(`there is no blob ${sha256}`)
      for (const part of parts) {
        const { size } = await stat(pathOf(part.sha256))
        if (size !== part.size) throw new DamagedBlob(`${part.sha256} has ${size} bytes, not ${part.size}`)
      }
      return {
        parts: parts.map((part) => ({ path: pathOf(part.sha256), size: part.size })),
        [Symbol.asyncDispose]: async () => {},
      }
    },
    // One piece ahead of the reader: the default would be sixteen.
    stream: (sha256, range) => Readable.from(read(sha256, range), { highWaterMark: 1 }),
    async size(sha256) {
      const parts = await partsOf(sha256)
      return parts && sizeOf(parts)
    },
    scratch: () => makeScratch(temporary),
    async list(from) {
      const kept: Kept[] = []
      let shard = Number(from ?? 0)
      while (shard < shardCount && kept.length < pageSize) {
        kept.push(...(await keptIn(shard.toString(16).padStart(2, '0'))))
        shard += 1
      }
      return { kept, next: shard < shardCount ? String(shard) : null }
    },
    async remove(sha256, { youngerThanMs }) {
      for (const path of [`${pathOf(sha256)}${listEnding}`, pathOf(sha256)]) {
        const ageMs = await unlessMissing(ageOf(path))
        if (ageMs !== undefined && ageMs < youngerThanMs) return false
        if (ageMs !== undefined) await rm(path, { force: true })
      }
      return true
    },
    async tidy({ youngerThanMs }) {
      clearScratch(temporary, youngerThanMs)
    },
  }

  async function keptIn(shard: string): Promise<Kept[]> {
    const files = (await unlessMissing(readdir(join(folder, shard)))) ?? []
    const kept: Kept[] = []
    for (const file of files) {
      const ageMs = await unlessMissing(ageOf(join(folder, shard, file)))
      const name = file.endsWith(listEnding) ? file.slice(0, -listEnding.length) : file
      if (ageMs !== undefined) kept.push({ name: `${shard}${name}`, ageMs })
    }
    return kept
  }

  /** Gives a finished file its name, durably. */
  async function moveIn(path: string, sha256: string, ending: string): Promise<void> {
    const shard = join(folder, sha256.slice(0, 2))
    const made = shards.get(shard) ?? makeShard(shard)
    shards.set(shard, made)
    await made
    await rename(path, `${pathOf(sha256)}${ending}`)
    await syncFolder(shard)
  }

  /** Once for each start: that a folder exists is durable only when the one above it was synced. */
  async function makeShard(shard: string): Promise<void> {
    try {
      await mkdir(shard, { recursive: true })
      await syncFolder(folder)
    } catch (error) {
      shards.delete(shard)
      throw error
    }
  }

  /** What a blob is made of: itself, or what its list names; undefined when there is no such blob. */
  async function partsOf(sha256: string): Promise<Blob[] | undefined> {
    const size = await unlessMissing(stat(pathOf(sha256)))
    if (size) return [{ sha256, size: size.size }]
    const list = await unlessMissing(readFile(`${pathOf(sha256)}${listEnding}`, 'utf8'))
    return list === undefined ? undefined : readPartList(list)
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
        yield* createReadStream(pathOf(part.sha256), { start: from, end: to, highWaterMark: readBytes })
      offset += part.size
    }
  }
}

/** Two hexadecimal digits. */
const shardCount = 256

/** A page ends with the shard that fills it. */
const pageSize = 500

async function ageOf(path: string): Promise<number> {
  return Math.max(0, Date.now() - (await stat(path)).mtimeMs)
}

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

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
