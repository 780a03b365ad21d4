import type { Reader } from '../types.ts'
import { ReadAhead } from './read-ahead.ts'
import type { ZipEnd } from './zip-end.ts'
import { extraFields, flag, signature, uint64, view, zip64Sizes } from './zip-fields.ts'
import type { ZipFindings } from './zip-findings.ts'
import type { ZipEntry, ZipExtent } from './zip-types.ts'

const headerLength = 30

/**
 * Walks the entries in the order of their bytes: every local header must repeat its central record, no two
 * entries may share bytes, and no byte may belong to nothing (which only a complete directory can tell).
 */
export async function readLayout(
  reader: Reader,
  entries: readonly ZipEntry[],
  end: ZipEnd,
  findings: ZipFindings,
  complete: boolean,
): Promise<Map<ZipEntry, ZipExtent>> {
  const extents = new Map<ZipEntry, ZipExtent>()
  const window = new ReadAhead(reader, 128 * 1024, 4096)
  const ordered = [...entries].sort((a, b) => a.headerOffset - b.headerOffset)
  let position = 0
  let first = true
  for (const entry of ordered) {
    const extent = await readExtent(window, entry, end.directoryOffset, findings)
    if (extent === undefined) continue
    if (entry.headerOffset < position) {
      findings.add('zip-overlap', 'it shares bytes with another entry', entry.name)
    } else if (complete && entry.headerOffset > position) {
      await judgeGap(
        window,
        position,
        entry.headerOffset,
        first ? 'zip-leading-bytes' : 'zip-unclaimed-bytes',
        findings,
      )
    }
    extents.set(entry, extent)
    position = Math.max(position, extent.end)
    first = false
  }
  if (!complete) return extents
  if (position < end.directoryOffset && (!first || entries.length === 0)) {
    // An archive without entries may still have a block of its own there, as an empty signed APK has.
    const code = first && end.shift > 0 ? 'zip-leading-bytes' : 'zip-bytes-before-directory'
    await judgeGap(window, position, end.directoryOffset, code, findings)
  }
  judgeAfterDirectory(end, findings)
  return extents
}

async function judgeGap(
  window: ReadAhead,
  from: number,
  to: number,
  code: 'zip-leading-bytes' | 'zip-unclaimed-bytes' | 'zip-bytes-before-directory',
  findings: ZipFindings,
): Promise<void> {
  findings.add(code, `${to - from} bytes at offset ${from} belong to no entry`)
  if (to - from < headerLength) return
  const start = view(await window.at(from, 4))
  if (start.getUint32(0, true) === signature.local) {
    findings.add('zip-hidden-entry', `at offset ${from} there is an entry that the directory does not list`)
  }
}

function judgeAfterDirectory(end: ZipEnd, findings: ZipFindings): void {
  if (end.recordsOffset > end.directoryOffset + end.directorySize) {
    const count = end.recordsOffset - end.directoryOffset - end.directorySize
    findings.add('zip-bytes-after-directory', `${count} bytes stand between the directory and the end record`)
  }
}

async function readExtent(
  window: ReadAhead,
  entry: ZipEntry,
  directoryOffset: number,
  findings: ZipFindings,
): Promise<ZipExtent | undefined> {
  const { headerOffset, name } = entry
  if (!(headerOffset + headerLength <= directoryOffset)) {
    findings.add('zip-out-of-bounds', 'it does not lie before the central directory', name)
    return undefined
  }
  const header = view(await window.at(headerOffset, headerLength))
  if (header.getUint32(0, true) !== signature.local) {
    findings.add('zip-local-header-missing', 'there is no local header where the directory says', name)
    return undefined
  }
  const nameLength = header.getUint16(26, true)
  const dataOffset = headerOffset + headerLength + nameLength + header.getUint16(28, true)
  if (!(dataOffset + entry.compressedSize <= directoryOffset)) {
    findings.add('zip-out-of-bounds', 'its data does not end before the central directory', name)
    return undefined
  }
  const rest = await window.at(headerOffset + headerLength, dataOffset - headerOffset - headerLength)
  // A copy: a view would keep the whole read window alive for as long as the extent.
  const localExtraField = Uint8Array.from(rest.subarray(nameLength))
  compareHeader(header, rest.subarray(0, nameLength), localExtraField, entry, findings)
  const dataEnd = dataOffset + entry.compressedSize
  const flags = header.getUint16(6, true)
  if ((flags & flag.descriptor) === 0) return { dataOffset, end: dataEnd, localExtraField }
  const tail = await window.at(dataEnd, Math.min(24, directoryOffset - dataEnd))
  const length = descriptorLength(tail, entry)
  if (length === 0) {
    const needed = header.getUint32(14, true) !== entry.crc32
    if (needed) findings.add('zip-descriptor-mismatch', 'its data descriptor contradicts the directory', name)
    else findings.add('zip-descriptor-missing', 'it announces a data descriptor and has none', name)
  }
  return { dataOffset, end: dataEnd + length, localExtraField }
}

function compareHeader(
  header: DataView,
  rawName: Uint8Array,
  localExtraField: Uint8Array,
  entry: ZipEntry,
  findings: ZipFindings,
): void {
  const flags = header.getUint16(6, true)
  const extra = extraFields(localExtraField)
  const sizes = zip64Sizes(
    { compressedSize: header.getUint32(18, true), uncompressedSize: header.getUint32(22, true) },
    extra,
  )
  const differ: string[] = []
  if (Buffer.compare(rawName, entry.rawName) !== 0) differ.push('name')
  if (header.getUint16(8, true) !== entry.method) differ.push('method')
  // With a data descriptor the header may leave these three at zero, but it must not say something else.
  const open = (flags & flag.descriptor) !== 0
  const agrees = (local: number, central: number) => local === central || (open && local === 0)
  if (!agrees(header.getUint32(14, true), entry.crc32)) differ.push('checksum')
  if (!agrees(sizes.compressedSize, entry.compressedSize)) differ.push('compressed size')
  if (!agrees(sizes.uncompressedSize, entry.uncompressedSize)) differ.push('size')
  if (((flags ^ entry.flags) & flag.encrypted) !== 0) differ.push('encryption')
  if (differ.length > 0) {
    const what = `its local header has another ${differ.join(', ')} than the directory`
    findings.add('zip-local-mismatch', what, entry.name)
  }
  if (((flags ^ entry.flags) & (flag.descriptor | flag.utf8)) !== 0) {
    findings.add('zip-local-flags-differ', 'its local header has other flags than the directory', entry.name)
  }
  if (sizes.lie !== undefined && !open) findings.add('zip-zip64-lie', sizes.lie, entry.name)
  if (!extra.wellFormed) {
    findings.add('zip-bad-extra-field', 'the extra field of its local header is malformed', entry.name)
  }
}

/**
 * Length of the data descriptor that stands in `tail`, 0 when none there agrees with the record. Writers leave
 * out the signature, and choose 64-bit sizes without announcing it, so all four forms are tried, longest first.
 */
function descriptorLength(tail: Uint8Array, entry: ZipEntry): number {
  const numbers = view(tail)
  for (const signed of [true, false]) {
    for (const wide of [true, false]) {
      const start = signed ? 4 : 0
      const length = start + (wide ? 20 : 12)
      if (length > tail.length) continue
      if (signed && numbers.getUint32(0, true) !== signature.descriptor) continue
      const size = (index: number) =>
        wide ? uint64(numbers, start + 4 + 8 * index) : numbers.getUint32(start + 4 + 4 * index, true)
      const agrees =
        numbers.getUint32(start, true) === entry.crc32 &&
        size(0) === entry.compressedSize &&
        size(1) === entry.uncompressedSize
      if (agrees) return length
    }
  }
  return 0
}
