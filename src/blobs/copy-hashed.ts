import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
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
  const bytes = source.createReadStream({
    highWaterMark: readBytes,
    autoClose: false,
    ...(signal && { signal }),
  })
  return await writeHashed(to, bytes, Number.MAX_SAFE_INTEGER)
}

/** SHA-256 of a file's bytes, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: readBytes }), hash)
  return hash.digest('hex')
}
