import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type Blob, BlobTooLarge } from './blob-store.ts'

/** Smaller chunks are gathered before they are written: a slow disk is not to be asked for every packet. */
const batchBytes = 512 * 1024

/** Chunks of this size are written as they are. */
const largeBytes = 128 * 1024

/** Batches that nobody fills. Used again: allocating them anew for every file made the collector's work. */
const idle: Buffer[] = []
const mostIdle = 16

/**
 * Bytes written before the disk is told to make them last while the rest still comes; otherwise uploads that run in
 * step all wait for the disk at their ends, and the disk for them in between.
 */
const syncEvery = 2 * 1024 * 1024

/** Syncs that run ahead at the same time: libuv has four threads, and the others are needed for writing. */
const mostEarlySyncs = 2
let earlySyncs = 0

/**
 * Writes a new file that is durable when the promise resolves, and hashes it on the way.
 * @throws BlobTooLarge beyond `maxBytes`; whatever the source or the disk throws
 */
export async function writeHashed(
  path: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Blob> {
  await using file = await open(path, 'wx')
  await using writer = openWriter(file)
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source) {
    size += chunk.byteLength
    if (size > maxBytes) throw new BlobTooLarge(`more than ${maxBytes} bytes`)
    hash.update(chunk)
    await writer.write(chunk)
  }
  await writer.finish()
  return { sha256: hash.digest('hex'), size }
}

interface Writer extends AsyncDisposable {
  /** The chunk is done with when this resolves. */
  write(chunk: Uint8Array): Promise<void>
  /** Everything that was written is durable when this resolves. */
  finish(): Promise<void>
}

function openWriter(file: FileHandle): Writer {
  let batches: readonly [filling: Buffer, other: Buffer] | undefined
  let filled = 0
  let unsynced = 0
  let writing: Promise<void> = Promise.resolve()
  let syncing: Promise<void> = Promise.resolve()

  /** Begins to write when what was begun before is done. */
  async function begin(bytes: Uint8Array): Promise<void> {
    await writing
    if (unsynced >= syncEvery && earlySyncs < mostEarlySyncs) {
      unsynced = 0
      syncing = syncAhead(file, syncing)
    }
    unsynced += bytes.byteLength
    writing = writeAll(file, bytes)
    // A failure is met at the next await of `writing`; until then it must not count as unhandled.
    writing.catch(() => {})
  }

  /** While the full batch goes to the disk, the other one is filled. */
  async function flush(): Promise<void> {
    if (!batches || filled === 0) return
    const [full, other] = batches
    await begin(full.subarray(0, filled))
    batches = [other, full]
    filled = 0
  }

  return {
    async write(chunk) {
      if (chunk.byteLength >= largeBytes) {
        await flush()
        await begin(chunk)
        return writing
      }
      batches ??= [takeBatch(), takeBatch()]
      for (let at = 0; at < chunk.byteLength; ) {
        const part = chunk.subarray(at, at + batchBytes - filled)
        batches[0].set(part, filled)
        filled += part.byteLength
        at += part.byteLength
        if (filled === batchBytes) await flush()
      }
    },
    async finish() {
      await flush()
      await writing
      await syncing
      await file.datasync()
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([writing, syncing])
      for (const batch of batches ?? []) returnBatch(batch)
    },
  }
}

function takeBatch(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(batchBytes)
}

function returnBatch(batch: Buffer): void {
  if (idle.length < mostIdle) idle.push(batch)
}

/** A failure of the disk is told once, to whoever syncs next: it must not get lost here. */
function syncAhead(file: FileHandle, before: Promise<void>): Promise<void> {
  earlySyncs += 1
  const syncing = before
    .then(() => file.datasync())
    .finally(() => {
      earlySyncs -= 1
    })
  syncing.catch(() => {})
  return syncing
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    at += (await file.write(bytes, at)).bytesWritten
  }
}
