import { createHash } from 'node:crypto'
import type { Blob } from './blob-store.ts'
import type { Objects, ObjectUpload } from './objects.ts'
import { sideBySide } from './side-by-side.ts'

/** Pieces on their way at the same time, for one blob. */
const sideBySideParts = 2

/**
 * Writes pieces to an object, hashing them on the way; one piece alone is only hashed and handed back.
 * @throws whatever the pieces throw, once what was begun is given up
 */
export async function writeTemporary(
  objects: Objects,
  key: string,
  pieces: AsyncIterable<Buffer>,
): Promise<Blob & { readonly small?: Uint8Array }> {
  const hash = createHash('sha256')
  let size = 0
  let count = 0
  let upload: ObjectUpload | undefined
  let small: Uint8Array = Buffer.alloc(0)

  /** The first one is kept back until there is a second. */
  async function* numbered(): AsyncGenerator<{ number: number; piece: Uint8Array }> {
    for await (const piece of pieces) {
      hash.update(piece)
      size += piece.byteLength
      count += 1
      if (count === 1) {
        small = piece
        continue
      }
      if (count === 2) {
        upload = await objects.begin(key)
        yield { number: 1, piece: small }
        small = Buffer.alloc(0)
      }
      yield { number: count, piece }
    }
  }

  try {
    const send = async ({ number, piece }: { number: number; piece: Uint8Array }) =>
      upload?.part(number, piece)
    for await (const _sent of sideBySide(numbered(), sideBySideParts, send));
    await upload?.finish(count)
  } catch (error) {
    await upload?.abort().catch(() => {})
    throw error
  }
  const blob = { sha256: hash.digest('hex'), size }
  return upload ? blob : { ...blob, small }
}
