import { createHash, randomUUID } from 'node:crypto'
import { type Blob, BlobTooLarge, type DirectUploads } from './blob-store.ts'
import { finishedKey, pieceBytes, temporaryKey } from './object-blobs.ts'
import type { Objects } from './objects.ts'
import { sideBySide } from './side-by-side.ts'

/** What a service needs to have besides, so that clients can write to it themselves. */
export interface DirectObjects {
  /** The URL of an object that its holder may put and read. */
  sign(key: string, lifeMs: number): string
  /** Keeps the bytes of an object as they are now under a mark, in no time; undefined when there is none. */
  mark(key: string): Promise<string | undefined>
  copyMarked(key: string, mark: string, to: string): Promise<void>
  /** Removes an object and everything that was marked of it, or does nothing. */
  removeMarked(key: string): Promise<void>
}

const uploads = 'uploads/'

/** Requests for bytes at the same time. */
const sideBySideReads = 2

/** Uploads straight to the service, as objects `uploads/<name>` that clients write to. */
export function directUploads(objects: Objects, direct: DirectObjects): DirectUploads {
  const keyOf = (name: string) => `${uploads}${name}`
  return {
    url: (name, { lifeMs }) => direct.sign(keyOf(name), lifeMs),
    mark: (name) => direct.mark(keyOf(name)),
    async take(name, mark, { maxBytes }) {
      // Hashed only once it lies where the client cannot write: there it stays what it was found to be.
      const copy = temporaryKey(randomUUID())
      try {
        await direct.copyMarked(keyOf(name), mark, copy)
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
    remove: (name) => direct.removeMarked(keyOf(name)),
  }

  async function hashOf(key: string, maxBytes: number): Promise<Blob> {
    const size = (await objects.head(key))?.size ?? 0
    if (size > maxBytes) throw new BlobTooLarge(`${size} bytes, more than ${maxBytes}`)
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
