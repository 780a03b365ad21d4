import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Blob } from './blob-store.ts'
import { writeHashed } from './hashed-file.ts'

const readBytes = 1024 * 1024

/**
 * Copies a file into a new one, which is durable when the promise resolves, and hashes it on the way.
 * @throws ENOENT when there is none, and then nothing was made; EEXIST when the other is there
 */
export async function copyHashed(from: string, to: string, signal?: AbortSignal): Promise<Blob> {
  await using source = await open(from, 'r')
  return await writeHashed(to, chunksOf(source, signal), Number.MAX_SAFE_INTEGER)
}

/** The next chunk is read into the memory of the one before. */
async function* chunksOf(source: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { size } = await source.stat()
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 1), readBytes))
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(buffer, 0, buffer.length)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

/** SHA-256 of a file's bytes, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: readBytes }), hash)
  return hash.digest('hex')
}
