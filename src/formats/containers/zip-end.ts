import type { Reader } from '../types.ts'
import { max16, max32, signature, uint64, view } from './zip-fields.ts'
import type { ZipFindings } from './zip-findings.ts'

/** Where the central directory is, according to the record at the archive's end. */
export interface ZipEnd {
  readonly endOffset: number
  readonly entryCount: number
  readonly directoryOffset: number
  readonly directorySize: number
  readonly isZip64: boolean
  /** The first byte of the end records, where the directory should have ended. */
  readonly recordsOffset: number
  /** Add it to every offset of the archive: bytes were put before it without correcting the offsets. */
  readonly shift: number
}

interface Candidate {
  readonly offset: number
  readonly commentEnd: number
}

const endLength = 22
const longestTail = endLength + max16

/** Finds and checks the end record; undefined (with an error finding) when the directory can't be found. */
export async function findEnd(reader: Reader, findings: ZipFindings): Promise<ZipEnd | undefined> {
  const tailLength = Math.min(reader.size, longestTail)
  const tail = await reader.read(reader.size - tailLength, tailLength)
  const candidates = endCandidates(tail, reader.size - tailLength)
  const exact = candidates.filter((each) => each.commentEnd === reader.size)
  const chosen = exact.at(-1) ?? candidates.filter((each) => each.commentEnd < reader.size).at(-1)
  if (chosen === undefined) {
    await sayNotAZip(reader, candidates.length > 0, findings)
    return undefined
  }
  if (chosen.commentEnd < reader.size) {
    const count = reader.size - chosen.commentEnd
    findings.add('zip-trailing-bytes', `${count} bytes follow the end of the archive`)
  }
  if (exact.length > 1 || candidates.some((each) => each.offset > chosen.offset)) {
    findings.add('zip-ambiguous-end', 'the archive has more than one end record')
  }
  const record = view(tail.subarray(chosen.offset - (reader.size - tailLength)))
  return locateDirectory(reader, await readNumbers(reader, chosen.offset, record, findings), findings)
}

function endCandidates(tail: Uint8Array, tailOffset: number): Candidate[] {
  const numbers = view(tail)
  const found: Candidate[] = []
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.length)
  for (
    let at = bytes.indexOf('PK\x05\x06', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('PK\x05\x06', at + 1, 'latin1')
  ) {
    if (at + endLength > tail.length) break
    const commentEnd = tailOffset + at + endLength + numbers.getUint16(at + 20, true)
    found.push({ offset: tailOffset + at, commentEnd })
  }
  return found
}

async function sayNotAZip(reader: Reader, cutOff: boolean, findings: ZipFindings): Promise<void> {
  const start = reader.size >= 4 ? view(await reader.read(0, 4)).getUint32(0, true) : 0
  if (cutOff || start === signature.local) {
    findings.add('zip-truncated', 'the archive has no complete end record')
  } else {
    findings.add('zip-not-a-zip', 'this is not a ZIP archive')
  }
}

type Numbers = Omit<ZipEnd, 'shift'> & {
  /** How far the ZIP64 record stands from where its locator says; absent without one. */
  readonly locatorShift?: number
}

async function readNumbers(
  reader: Reader,
  endOffset: number,
  record: DataView,
  findings: ZipFindings,
): Promise<Numbers | undefined> {
  const disks = [record.getUint16(4, true), record.getUint16(6, true)]
  const counts = [record.getUint16(8, true), record.getUint16(10, true)]
  const [diskEntries = 0, entryCount = 0] = counts
  const plain = {
    endOffset,
    entryCount,
    directorySize: record.getUint32(12, true),
    directoryOffset: record.getUint32(16, true),
  }
  const located = await readZip64(reader, endOffset, findings)
  const big = located?.record
  const onOtherDisk = disks.some((disk) => disk !== 0 && !(big !== undefined && disk === max16))
  if (onOtherDisk || diskEntries !== entryCount) {
    findings.add('zip-multi-disk', 'the archive is one part of several')
    return undefined
  }
  if (located === undefined) {
    if (plain.directoryOffset === max32 || plain.directorySize === max32) {
      findings.add('zip-zip64-lie', 'the end record refers to a ZIP64 record that is not there')
      return undefined
    }
    return { ...plain, isZip64: false, recordsOffset: endOffset }
  }
  if (big === undefined) return undefined
  const agrees =
    (plain.entryCount === max16 || plain.entryCount === big.entryCount) &&
    (plain.directorySize === max32 || plain.directorySize === big.directorySize) &&
    (plain.directoryOffset === max32 || plain.directoryOffset === big.directoryOffset)
  if (!agrees) {
    findings.add('zip-zip64-lie', 'the ZIP64 end record contradicts the ordinary one')
    return undefined
  }
  findings.add('zip-zip64', 'the archive uses ZIP64')
  return { ...big, endOffset, isZip64: true }
}

interface Zip64Record {
  readonly entryCount: number
  readonly directorySize: number
  readonly directoryOffset: number
  readonly recordsOffset: number
  readonly locatorShift: number
}

/** Undefined without a locator; `{}` when there is one that leads nowhere (said in a finding). */
async function readZip64(
  reader: Reader,
  endOffset: number,
  findings: ZipFindings,
): Promise<{ record?: Zip64Record } | undefined> {
  if (endOffset < 20) return undefined
  const locator = view(await reader.read(endOffset - 20, 20))
  if (locator.getUint32(0, true) !== signature.locator64) return undefined
  const refuse = (why: string) => {
    findings.add('zip-zip64-lie', why)
    return {}
  }
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1) {
    findings.add('zip-multi-disk', 'the archive is one part of several')
    return {}
  }
  const declared = uint64(locator, 8)
  // Bytes put before an archive move its records; the record then stands right before its locator.
  for (const offset of new Set([declared, endOffset - 20 - 56])) {
    if (offset < 0 || offset + 56 > endOffset - 20) continue
    const record = view(await reader.read(offset, 56))
    if (record.getUint32(0, true) !== signature.end64) continue
    if (offset + 12 + uint64(record, 4) !== endOffset - 20)
      return refuse('the ZIP64 end record has a wrong length')
    if (record.getUint32(16, true) !== 0 || record.getUint32(20, true) !== 0) {
      findings.add('zip-multi-disk', 'the archive is one part of several')
      return {}
    }
    if (uint64(record, 24) !== uint64(record, 32)) return refuse('the ZIP64 end record has two entry counts')
    return {
      record: {
        entryCount: uint64(record, 32),
        directorySize: uint64(record, 40),
        directoryOffset: uint64(record, 48),
        recordsOffset: offset,
        locatorShift: offset - declared,
      },
    }
  }
  return refuse('the ZIP64 locator leads to no end record')
}

async function locateDirectory(
  reader: Reader,
  numbers: Numbers | undefined,
  findings: ZipFindings,
): Promise<ZipEnd | undefined> {
  if (numbers === undefined) return undefined
  const { locatorShift, ...end } = numbers
  const apart = end.recordsOffset - end.directorySize - end.directoryOffset
  if (apart < 0 || !Number.isSafeInteger(apart)) {
    findings.add('zip-bad-directory', 'the central directory does not fit before the end record')
    return undefined
  }
  const shift = await directoryShift(reader, end, apart, findings)
  if (shift === undefined) return undefined
  if (locatorShift !== undefined && locatorShift !== shift) {
    findings.add('zip-zip64-lie', 'the ZIP64 locator has a wrong offset')
    return undefined
  }
  return { ...end, directoryOffset: end.directoryOffset + shift, shift }
}

/** Bytes between the directory and the end record may follow the directory, or have been put before the archive. */
async function directoryShift(
  reader: Reader,
  end: Omit<ZipEnd, 'shift'>,
  apart: number,
  findings: ZipFindings,
): Promise<number | undefined> {
  if (apart === 0) return 0
  const asDeclared = await startsDirectory(reader, end.directoryOffset, end.recordsOffset)
  const asShifted = await startsDirectory(reader, end.directoryOffset + apart, end.recordsOffset)
  if (asDeclared && asShifted) {
    findings.add('zip-ambiguous-end', 'the archive has two central directories')
    return undefined
  }
  return asDeclared || end.entryCount === 0 ? 0 : apart
}

async function startsDirectory(reader: Reader, offset: number, limit: number): Promise<boolean> {
  if (offset + 4 > limit) return false
  return view(await reader.read(offset, 4)).getUint32(0, true) === signature.central
}
