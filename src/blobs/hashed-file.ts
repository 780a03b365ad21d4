import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type Blob, BlobTooLarge } from './blob-store.ts'

/** Bytes gathered before they are written: large enough that a slow disk is not asked for every packet. */
const batchBytes = 512 * 1024

/** Batches that nobody fills. Used again: allocating them anew for every file made the collector's work. */
const idle: Buffer[] = []
const mostIdle = 16

const takeBatch = () => idle.pop() ?? Buffer.allocUnsafeSlow(batchBytes)
const returnBatch = (batch: Buffer) => {
  if (idle.length < mostIdle) idle.push(batch)
}

/**
 * Writes a new file that is durable when the promise resolves. Writes and hashes in step: while one batch goes to
 * the disk, the next is read and hashed.
 * @throws BlobTooLarge beyond `maxBytes`; whatever the source or the disk throws
 */
export async function writeHashed(
  path: string,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Blob> {
  await using file = await open(path, 'wx')
  const hash = createHash('sha256')
  let size = 0
  let batch = takeBatch()
  let spare = takeBatch()
  let filled = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await writing
    writing = writeAll(file, batch.subarray(0, filled))
    // A failure is met at the next await of `writing`; until then it must not count as unhandled.
    writing.catch(() => {})
    ;[batch, spare] = [spare, batch]
    filled = 0
  }
  try {
    for await (const chunk of source) {
      size += chunk.byteLength
      if (size > maxBytes) throw new BlobTooLarge(`more than ${maxBytes} bytes`)
      hash.update(chunk)
      for (let at = 0; at < chunk.byteLength; ) {
        const part = chunk.subarray(at, at + batchBytes - filled)
        batch.set(part, filled)
        filled += part.byteLength
        at += part.byteLength
        if (filled === batchBytes) await flush()
      }
    }
    await flush()
  } finally {
    try {
      await writing
    } finally {
      returnBatch(batch)
      returnBatch(spare)
    }
  }
  await file.datasync()
  return { sha256: hash.digest('hex'), size }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    at += (await file.write(bytes, at)).bytesWritten
  }
}
