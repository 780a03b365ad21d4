import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Blob, type BlobStore, DamagedBlob } from './blob-store.ts'
import type { Objects } from './objects.ts'
import { listEnding, nameOfPartList, readPartList, writePartList } from './part-list.ts'
import { piecesOf } from './pieces.ts'
import { clearScratch, makeScratch } from './scratch.ts'
import { sideBySide } from './side-by-side.ts'
import { writeTemporary } from './write-temporary.ts'

/** Bytes of one request: S3 takes no part below 5 MiB, and no more than 10 000 of them. */
export const pieceBytes = 8 * 1024 * 1024

/** Requests for bytes at the same time, for one blob. */
const sideBySideReads = 2
/** Questions without bytes at the same time. */
const sideBySideHeads = 16

const finished = 'blobs/'
const temporary = 'tmp/'

export function finishedKey(sha256: string): string {
  return `${finished}${sha256}`
}

export function temporaryKey(name: string): string {
  return `${temporary}${name}`
}

/**
 * Blobs as objects `blobs/<sha256>` of a service. Small ones are written at once; of the others the name is known only
 * at the end, so that they are written under a temporary one and copied inside the service.
 *
 * @param folder on this machine: what is made local, and scratch
 */
export function objectBlobs(objects: Objects, folder: string): BlobStore {
  mkdirSync(folder, { recursive: true })
  clearScratch(folder)

  const blobs: BlobStore = {
    async put(source, { maxBytes }) {
      const key = temporaryKey(randomUUID())
      const pieces = piecesOf(source, pieceBytes, maxBytes)
      const { sha256, size, small } = await writeTemporary(objects, key, pieces)
      if (small) {
        await objects.put(finishedKey(sha256), small)
      } else {
        try {
          await objects.copy(key, finishedKey(sha256), size)
        } finally {
          // What stays after all is tidied up by its age.
          await objects.remove(key).catch(() => {})
        }
      }
      return { sha256, size }
    },
    async compose(parts) {
      const names = new Set(parts.map(({ sha256 }) => sha256))
      const check = async (sha256: string) => {
        if (!(await objects.head(finishedKey(sha256)))) throw missing(sha256)
      }
      for await (const _done of sideBySide(names, sideBySideHeads, check));
      const list = writePartList(parts)
      const sha256 = nameOfPartList(list)
      await objects.put(`${finishedKey(sha256)}${listEnding}`, Buffer.from(list))
      return { sha256, size: sizeOf(parts) }
    },
    async local(sha256) {
      const scratch = await makeScratch(folder)
      try {
        const path = join(scratch.path, 'bytes')
        const parts = await partsOf(sha256)
        await writeFile(path, read(parts, { start: 0, end: sizeOf(parts) - 1 }))
        return {
          parts: [{ path, size: sizeOf(parts) }],
          [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
        }
      } catch (error) {
        await scratch[Symbol.asyncDispose]()
        throw error
      }
    },
    // One piece ahead of the reader: the default would be sixteen.
    stream: (sha256, range) => Readable.from(stream(sha256, range), { highWaterMark: 1 }),
    async size(sha256) {
      const parts = await knownParts(sha256)
      return parts && sizeOf(parts)
    },
    scratch: () => makeScratch(folder),
    async list(from) {
      const page = await objects.list(finished, from)
      const kept = page.objects.map(({ key, ageMs }) => ({ name: nameOf(key), ageMs }))
      return { kept, next: page.next }
    },
    async remove(sha256, { youngerThanMs }) {
      for (const key of [`${finishedKey(sha256)}${listEnding}`, finishedKey(sha256)]) {
        const head = await objects.head(key)
        if (head && head.ageMs < youngerThanMs) return false
        if (head) await objects.remove(key)
      }
      return true
    },
    async tidy({ youngerThanMs }) {
      const { objects: left } = await objects.list(temporary, null)
      for (const { key, ageMs } of left) if (ageMs >= youngerThanMs) await objects.remove(key)
      await objects.abandonUploads({ youngerThanMs })
    },
  }
  return blobs

  /** What a blob is made of: itself, or what its list names. */
  async function knownParts(sha256: string): Promise<Blob[] | undefined> {
    const head = await objects.head(finishedKey(sha256))
    if (head) return [{ sha256, size: head.size }]
    const bytes = await objects.read(`${finishedKey(sha256)}${listEnding}`)
    if (!bytes) return undefined
    const list = Buffer.from(bytes).toString('utf8')
    if (nameOfPartList(list) !== sha256)
      throw new DamagedBlob(`the list of the parts of ${sha256} is damaged`)
    return readPartList(list)
  }

  async function partsOf(sha256: string): Promise<Blob[]> {
    const parts = await knownParts(sha256)
    if (!parts) throw missing(sha256)
    return parts
  }

  async function* stream(sha256: string, range?: { start: number; end: number }): AsyncGenerator<Uint8Array> {
    const parts = await partsOf(sha256)
    yield* read(parts, range ?? { start: 0, end: sizeOf(parts) - 1 })
  }

  /** In pieces, each of them a request that can be made again; parts that are read whole are held to their names. */
  async function* read(
    parts: readonly Blob[],
    range: { start: number; end: number },
  ): AsyncGenerator<Uint8Array> {
    let hash = createHash('sha256')
    for await (const { piece, bytes } of sideBySide(piecesIn(parts, range), sideBySideReads, fetch)) {
      const { part, start } = piece
      if (start === 0) hash = createHash('sha256')
      if (piece.isOfWholePart) hash.update(bytes)
      if (
        piece.isOfWholePart &&
        start + bytes.byteLength === part.size &&
        hash.digest('hex') !== part.sha256
      ) {
        throw new DamagedBlob(`the bytes of ${part.sha256} are not those it was named after`)
      }
      yield bytes
    }
  }

  async function fetch(piece: Piece): Promise<{ piece: Piece; bytes: Uint8Array }> {
    const { part, start, length } = piece
    const bytes = await objects.read(finishedKey(part.sha256), { start, length })
    if (!bytes) throw missing(part.sha256)
    if (bytes.byteLength !== length) {
      throw new DamagedBlob(`${part.sha256} has ${bytes.byteLength} bytes from ${start} on, not ${length}`)
    }
    return { piece, bytes }
  }
}

/** One request's bytes of a part. */
interface Piece {
  readonly part: Blob
  readonly start: number
  readonly length: number
  readonly isOfWholePart: boolean
}

function* piecesIn(parts: readonly Blob[], { start, end }: { start: number; end: number }): Generator<Piece> {
  let offset = 0
  for (const part of parts) {
    const from = Math.max(start - offset, 0)
    const to = Math.min(end - offset, part.size - 1)
    const isOfWholePart = from === 0 && to === part.size - 1
    for (let at = from; at <= to; at += pieceBytes) {
      yield { part, start: at, length: Math.min(pieceBytes, to - at + 1), isOfWholePart }
    }
    offset += part.size
  }
}

function nameOf(key: string): string {
  const name = key.slice(finished.length)
  return name.endsWith(listEnding) ? name.slice(0, -listEnding.length) : name
}

function sizeOf(parts: readonly Blob[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}

function missing(sha256: string): Error {
  return new Error(`there is no blob ${sha256}`)
}
