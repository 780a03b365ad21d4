import { createHash } from 'node:crypto'
import { uint64, view } from '../containers/zip-fields.ts'
import type { ZipEntry } from '../containers/zip-types.ts'
import type { HashName } from './block-map.ts'
import type { Source } from './content.ts'

const recordLength = 46
const locatorLength = 20
const max16 = 0xffff
const max32 = 0xffffffff

/**
 * The AXCD digest: of the central directory and the end records as they were before the signature, the last file
 * of the archive, was added. Undefined when the records can't be followed.
 */
export async function centralDirectoryDigest(
  { reader, archive }: Source,
  signature: ZipEntry,
  hashName: HashName,
): Promise<Buffer | undefined> {
  const { centralDirectoryOffset, centralDirectorySize, endOffset } = archive
  const extent = archive.extent(signature)
  const index = archive.entries.indexOf(signature)
  if (extent === undefined || index < 0) return undefined
  const directory = await reader.read(centralDirectoryOffset, centralDirectorySize)
  const removed = recordAt(directory, index)
  if (removed === undefined) return undefined
  const unsigned: Unsigned = {
    entries: archive.entries.length - 1,
    size: centralDirectorySize - removed.length,
    offset: centralDirectoryOffset - (extent.end - signature.headerOffset),
  }
  const digest = createHash(hashName)
  digest.update(directory.subarray(0, removed.start))
  digest.update(directory.subarray(removed.start + removed.length))
  const tail = await reader.read(endOffset, reader.size - endOffset)
  const end64 = await zip64Records(reader, endOffset, unsigned)
  if (end64 !== undefined) digest.update(end64)
  digest.update(endRecord(tail, unsigned))
  return digest.digest()
}

interface Unsigned {
  readonly entries: number
  readonly size: number
  readonly offset: number
}

function recordAt(directory: Uint8Array, index: number): { start: number; length: number } | undefined {
  const fields = view(directory)
  let start = 0
  for (let count = 0; start + recordLength <= directory.length; count += 1) {
    const variable =
      fields.getUint16(start + 28, true) +
      fields.getUint16(start + 30, true) +
      fields.getUint16(start + 32, true)
    const length = recordLength + variable
    if (count === index) return start + length <= directory.length ? { start, length } : undefined
    start += length
  }
  return undefined
}

/** The ZIP64 end record and its locator; undefined in an archive without. */
async function zip64Records(
  reader: Source['reader'],
  endOffset: number,
  { entries, size, offset }: Unsigned,
): Promise<Uint8Array | undefined> {
  if (endOffset < locatorLength) return undefined
  const locator = view(await reader.read(endOffset - locatorLength, locatorLength))
  if (locator.getUint32(0, true) !== 0x07064b50) return undefined
  const start = uint64(locator, 8)
  if (!(start + 56 <= endOffset - locatorLength)) return undefined
  const bytes = Uint8Array.from(await reader.read(start, Math.min(endOffset - start, 64 * 1024)))
  if (start + bytes.length !== endOffset) return undefined
  const fields = view(bytes)
  for (const [at, value] of [
    [24, entries],
    [32, entries],
    [40, size],
    [48, offset],
    [bytes.length - locatorLength + 8, offset + size],
  ] as const) {
    fields.setBigUint64(at, BigInt(value), true)
  }
  return bytes
}

/** Fields of all ones stay so, and the disk numbers count as 0 whatever the packer wrote. */
function endRecord(tail: Uint8Array, { entries, size, offset }: Unsigned): Uint8Array {
  const bytes = Uint8Array.from(tail)
  const fields = view(bytes)
  fields.setUint32(4, 0, true)
  for (const at of [8, 10]) if (fields.getUint16(at, true) !== max16) fields.setUint16(at, entries, true)
  if (fields.getUint32(12, true) !== max32) fields.setUint32(12, size, true)
  if (fields.getUint32(16, true) !== max32) fields.setUint32(16, offset, true)
  return bytes
}
