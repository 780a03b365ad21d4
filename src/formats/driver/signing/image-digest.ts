import { createHash } from 'node:crypto'

export interface FileDigest {
  readonly digest: Buffer
  readonly isImage: boolean
}

/** Reads exactly so many bytes of a file. */
export type ReadAt = (offset: number, length: number) => Buffer

const headBytes = 4096
const chunkBytes = 1024 * 1024

/**
 * SHA-256 of a file as catalogs have it: of a PE image without its checksum, the entry of its certificate table and
 * the table itself ("Windows Authenticode Portable Executable Signature Format"), of any other file as it is.
 */
export function digestOf(read: ReadAt, size: number): FileDigest {
  const holes = holesOf(read(0, Math.min(headBytes, size)), size)
  const hash = createHash('sha256')
  let position = 0
  for (const { start, end } of [...(holes ?? []), { start: size, end: size }]) {
    for (; position < start; position += Math.min(chunkBytes, start - position)) {
      hash.update(read(position, Math.min(chunkBytes, start - position)))
    }
    position = Math.max(position, end)
  }
  return { digest: hash.digest(), isImage: holes !== undefined }
}

/** The ranges that are left out, in order; undefined for what is no sound PE image. */
function holesOf(head: Buffer, size: number): { start: number; end: number }[] | undefined {
  if (head.length < 64 || head.readUInt16LE(0) !== 0x5a4d) return undefined
  const pe = head.readUInt32LE(60)
  const optional = pe + 24
  if (optional + 152 > head.length || head.readUInt32LE(pe) !== 0x4550) return undefined
  const magic = head.readUInt16LE(optional)
  if (magic !== 0x10b && magic !== 0x20b) return undefined
  const checksum = optional + 64
  const entry = optional + (magic === 0x20b ? 144 : 128)
  const [at, length] = [head.readUInt32LE(entry), head.readUInt32LE(entry + 4)]
  const holes = [
    { start: checksum, end: checksum + 4 },
    { start: entry, end: entry + 8 },
  ]
  if (length === 0) return holes
  // A table that is not the end of the file is no table.
  if (at < entry + 8 || at + length > size) return undefined
  return [...holes, { start: at, end: at + length }]
}
