import { flag } from '../../containers/zip-fields.ts'
import type { ZipEntry } from '../../containers/zip-types.ts'
import type { Reader } from '../../types.ts'
import { sameBytes } from '../byte-cursor.ts'

const headerLength = 30

/**
 * Whether Android accepts an entry's local header: same name, same data descriptor flag and, without a
 * descriptor, same checksum and sizes. The compression method is not compared.
 */
export async function localHeaderAgrees(reader: Reader, entry: ZipEntry): Promise<boolean> {
  const { headerOffset, rawName } = entry
  if (headerOffset + headerLength + rawName.length > reader.size) return false
  const bytes = await reader.read(headerOffset, headerLength + rawName.length)
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const descriptor = header.getUint16(6, true) & flag.descriptor
  if (descriptor !== (entry.flags & flag.descriptor)) return false
  if (header.getUint16(26, true) !== rawName.length) return false
  if (!sameBytes(bytes.subarray(headerLength), rawName)) return false
  if (descriptor !== 0) return true
  return (
    header.getUint32(14, true) === entry.crc32 &&
    header.getUint32(18, true) === entry.compressedSize &&
    header.getUint32(22, true) === entry.uncompressedSize
  )
}
