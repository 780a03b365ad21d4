import { createHash, randomUUID } from 'node:crypto'
import { type Blob, BlobTooLarge, type DirectUploads } from './blob-store.ts'
import { finishedKey, pieceBytes, temporaryKey } from './object-blobs.ts'
import type { Objects } from './objects.ts'
import { sideBySide } from './side-by-side.ts'

const uploads = 'uploads/'

/** Requests for bytes at the same time. */
const sideBySideReads = 2

/**
 * Uploads straight to the service, as objects `uploads/<name>` that clients write to.
 * @param sign makes the URL of an object that its holder may put and read
 */
export function directUploads(
  objects: Objects,
  sign: (key: string, lifeMs: number) => string,
): DirectUploads {
  return {
    url: (name, { lifeMs }) => sign(`${uploads}${name}`, lifeMs),
    async take(name, { maxBytes }) {
      const source = `${uploads}${name}`
      const put = await objects.head(source)
      if (!put) return undefined
      assertWithin(put.size, maxBytes)
      // Hashed only once it lies where the client cannot write: there it stays what it was found to be.
      const copy = temporaryKey(randomUUID())
      try {
        await objects.copy(source, copy, put.size)
        const blob = await hashOf(copy, maxBytes)
        await objects.copy(copy, finishedKey(blob.sha256), blob.size)
        return blob
      } finally {
        await objects.remove(copy).catch(() => {})
      }
    },
    async list(from) {
      const page = await objects.list(uploads, from)
      const kept = page.objects.map(({ key, ageMs }) => ({ name: key.slice(uploads.length), ageMs }))
      return { kept, next: page.next }
    },
    remove: (name) => objects.remove(`${uploads}${name}`),
  }

  async function hashOf(key: string, maxBytes: number): Promise<Blob> {
    const size = (await objects.head(key))?.size ?? 0
    assertWithin(size, maxBytes)
    const hash = createHash('sha256')
    for await (const bytes of sideBySide(rangesOf(size), sideBySideReads, (range) => read(key, range))) {
      hash.update(bytes)
    }
    return { sha256: hash.digest('hex'), size }
  }

  async function read(key: string, range: { start: number; length: number }): Promise<Uint8Array> {
    const bytes = await objects.read(key, range)
    if (bytes?.byteLength !== range.length) throw new Error(`${key} is not what it was a moment ago`)
    return bytes
  }
}

function* rangesOf(size: number): Generator<{ start: number; length: number }> {
  for (let start = 0; start < size; start += pieceBytes) {
    yield { start, length: Math.min(pieceBytes, size - start) }
  }
}

function assertWithin(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new BlobTooLarge(`${size} bytes, more than ${maxBytes}`)
}
