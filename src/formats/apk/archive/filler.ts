import type { Reader } from '../../types.ts'
import type { ApkArchive } from './apk-archive.ts'

const headerLength = 30
const localSignature = 0x04034b50
const mostZeros = 64 * 1024
/** Build tools leave a handful. */
const mostFillers = 1000

/**
 * Whether all bytes that belong to no entry are what Android's build tools fill unused space with: local headers
 * without a name and without data (zipflinger's "virtual entries"), or zeros.
 * @param end where the entries end: the signing block, or the central directory
 */
export async function hasOnlyFiller(reader: Reader, archive: ApkArchive, end: number): Promise<boolean> {
  const extents = archive.zip.entries
    .flatMap((entry) => {
      const extent = archive.zip.extent(entry)
      return extent === undefined ? [] : [{ start: entry.headerOffset, end: extent.end }]
    })
    .sort((a, b) => a.start - b.start)
  let position = 0
  let left = mostFillers
  for (const extent of [...extents, { start: end, end }]) {
    if (extent.start > position) {
      left = await fillersLeft(reader, position, extent.start, left)
      if (left < 0) return false
    }
    position = Math.max(position, extent.end)
  }
  return true
}

/** How many of the allowed fillers are left after this gap; negative for one that is filled with something else. */
async function fillersLeft(reader: Reader, start: number, end: number, allowed: number): Promise<number> {
  let at = start
  let left = allowed
  while (end - at >= headerLength) {
    const bytes = await reader.read(at, headerLength)
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const isEmpty = header.getUint32(18, true) === 0 && header.getUint16(26, true) === 0
    if (header.getUint32(0, true) !== localSignature || !isEmpty) break
    at += headerLength + header.getUint16(28, true)
    left--
    if (left < 0) return left
  }
  if (at > end || end - at > mostZeros) return -1
  const isZeros = (await reader.read(at, end - at)).every((byte) => byte === 0)
  return isZeros ? left - 1 : -1
}
