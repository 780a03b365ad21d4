import type { InspectionLimits, Reader } from '../types.ts'
import type { CabFindingList } from './cab-findings.ts'
import { asBuffer, headerLength } from './cab-locate.ts'
import { decodeCabName } from './cab-names.ts'
import { type CabCompression, type CabFile, type CabFolder, type CabHead, emptyHead } from './cab-types.ts'

/** The tables at the start of a cabinet, as far as they could be read. */
export interface CabTables extends CabHead {
  /** Where the tables end; folder data can't start before. */
  readonly end: number
}

const flagPrevious = 1
const flagNext = 2
const flagReserve = 4
const attributeUtf8 = 0x80
/** Longest stored name with its zero (CB_MAX_FILENAME of the Cabinet SDK). */
const nameField = 256
const fileRecord = 16
/** Indexes from here on mean "continued from or to another cabinet". */
const spanning = 0xfffd

/** Reads forward through a range, a segment at a time, so that tables of any length cost little memory. */
function openCursor(reader: Reader, start: number, end: number) {
  const segment = 64 * 1024
  let bytes = Buffer.alloc(0)
  let at = 0
  let next = start
  return {
    position: () => next - (bytes.length - at),
    /** Up to `length` bytes, fewer only at the end, not consumed. */
    async peek(length: number): Promise<Buffer> {
      if (bytes.length - at < length && next < end) {
        const more = asBuffer(await reader.read(next, Math.min(segment, end - next)))
        bytes = Buffer.concat([bytes.subarray(at), more])
        at = 0
        next += more.length
      }
      return bytes.subarray(at, at + length)
    },
    skip(length: number) {
      at += length
    },
  }
}

type Cursor = ReturnType<typeof openCursor>

async function take(cursor: Cursor, length: number): Promise<Buffer | undefined> {
  const bytes = await cursor.peek(length)
  if (bytes.length < length) return undefined
  cursor.skip(length)
  return bytes
}

const empty: CabTables = { ...emptyHead, end: 0 }

/** Reads CFHEADER, CFFOLDERs and CFFILEs ([MS-CAB] 2.1–2.3). Stops at the first thing that can't be read. */
export async function readCabTables(
  reader: Reader,
  limits: InspectionLimits,
  findings: CabFindingList,
): Promise<CabTables> {
  if (reader.size < headerLength) {
    findings.add('cab-truncated', undefined, 'its header')
    return empty
  }
  const header = asBuffer(await reader.read(0, headerLength))
  const flags = header.readUInt16LE(30)
  const size = header.readUInt32LE(8)
  if (size > reader.size)
    findings.add('cab-truncated', undefined, `its data (${size - reader.size} bytes are missing)`)
  const cursor = openCursor(reader, headerLength, Math.min(size, reader.size))
  const tables = {
    ...empty,
    size,
    versionMajor: header[25] ?? 0,
    versionMinor: header[24] ?? 0,
    setId: header.readUInt16LE(32),
    setIndex: header.readUInt16LE(34),
    isMultiVolume: (flags & (flagPrevious | flagNext)) !== 0,
  }
  if (tables.versionMajor !== 1 || tables.versionMinor !== 3) {
    findings.add('cab-version', undefined, `${tables.versionMajor}.${tables.versionMinor}`)
  }
  if (tables.isMultiVolume) findings.add('cab-multi-volume', undefined)

  const folderCount = header.readUInt16LE(26)
  const fileCount = header.readUInt16LE(28)
  if (folderCount === 0) findings.add('cab-no-folders', undefined)
  if (fileCount === 0) findings.add('cab-no-files', undefined)
  if (folderCount === 0 || fileCount === 0) return tables
  if (fileCount > limits.entries) {
    findings.add('cab-too-many-entries', undefined, fileCount, limits.entries)
    return tables
  }

  const reserves = await readReserves(cursor, flags)
  if (reserves === undefined || !(await skipSetNames(cursor, flags))) {
    findings.add('cab-truncated', undefined, 'its header')
    return { ...tables, ...reserves }
  }
  const folders = await readFolderTable(cursor, folderCount, reserves.folderReserve, findings)
  const fileTable = header.readUInt32LE(16)
  if (folders.length < folderCount) return { ...tables, ...reserves, folders }
  if (cursor.position() !== fileTable) {
    findings.add('cab-file-table-offset', undefined, fileTable, cursor.position())
    return { ...tables, ...reserves, folders }
  }
  const files = await readFileTable(cursor, fileCount, folders, findings)
  const isMultiVolume = tables.isMultiVolume || files.some((file) => file.spans)
  if (isMultiVolume && !tables.isMultiVolume) findings.add('cab-multi-volume', undefined)
  return { ...tables, ...reserves, isMultiVolume, folders, files, end: cursor.position() }
}

async function readReserves(cursor: Cursor, flags: number) {
  if ((flags & flagReserve) === 0) return { reserve: new Uint8Array(), folderReserve: 0, dataReserve: 0 }
  const sizes = await take(cursor, 4)
  if (sizes === undefined) return undefined
  const length = sizes.readUInt16LE(0)
  const folderReserve = sizes[2] ?? 0
  const dataReserve = sizes[3] ?? 0
  const reserve = await take(cursor, length)
  return reserve && { reserve: Uint8Array.from(reserve), folderReserve, dataReserve }
}

/** The names of the neighbours in a set, zero-terminated: cabinet and disk of the previous, then of the next. */
async function skipSetNames(cursor: Cursor, flags: number): Promise<boolean> {
  const count = ((flags & flagPrevious) !== 0 ? 2 : 0) + ((flags & flagNext) !== 0 ? 2 : 0)
  for (let i = 0; i < count; i += 1) {
    const end = (await cursor.peek(nameField)).indexOf(0)
    if (end < 0) return false
    cursor.skip(end + 1)
  }
  return true
}

const methods: readonly CabCompression[] = ['none', 'mszip', 'quantum', 'lzx']

async function readFolderTable(cursor: Cursor, count: number, reserve: number, findings: CabFindingList) {
  const folders: CabFolder[] = []
  while (folders.length < count) {
    const record = await take(cursor, 8 + reserve)
    if (record === undefined) {
      findings.add('cab-truncated', undefined, 'its folder table')
      break
    }
    const index = folders.length
    const type = record.readUInt16LE(6)
    const folder = {
      index,
      dataOffset: record.readUInt32LE(0),
      blocks: record.readUInt16LE(4),
      ...method(type),
    }
    if (folder.compression === 'unknown') {
      findings.add('cab-compression-unknown', undefined, index, `0x${type.toString(16)}`)
    }
    folders.push(folder)
  }
  return folders
}

function method(type: number): { compression: CabCompression; windowBits: number } {
  const compression = methods[type & 0x0f] ?? 'unknown'
  const stated = (type >> 8) & 0x1f
  if (compression === 'lzx' && (stated < 15 || stated > 21)) return { compression: 'unknown', windowBits: 0 }
  if (compression === 'quantum' && (stated < 10 || stated > 21))
    return { compression: 'unknown', windowBits: 0 }
  if (compression === 'mszip') return { compression, windowBits: 15 }
  return { compression, windowBits: compression === 'none' || compression === 'unknown' ? 0 : stated }
}

async function readFileTable(
  cursor: Cursor,
  count: number,
  folders: readonly CabFolder[],
  findings: CabFindingList,
): Promise<CabFile[]> {
  const files: CabFile[] = []
  while (files.length < count) {
    const record = await cursor.peek(fileRecord + nameField)
    const end = record.indexOf(0, fileRecord)
    if (record.length < fileRecord || end < 0) {
      if (record.length < fileRecord + nameField) findings.add('cab-truncated', undefined, 'its file table')
      else findings.add('cab-name-too-long', undefined)
      break
    }
    cursor.skip(end + 1)
    files.push(readFile(record, end, files.length, folders, findings))
  }
  return files
}

function readFile(
  record: Buffer,
  nameEnd: number,
  index: number,
  folders: readonly CabFolder[],
  findings: CabFindingList,
): CabFile {
  const attributes = record.readUInt16LE(14)
  const isUtf8 = (attributes & attributeUtf8) !== 0
  const nameBytes = Uint8Array.from(record.subarray(fileRecord, nameEnd))
  const { name, broken } = decodeCabName(nameBytes, isUtf8)
  const folder = record.readUInt16LE(8)
  if (name === '') findings.add('cab-name-empty', undefined, index)
  if (broken) findings.add('cab-name-encoding', name)
  if (folder >= folders.length && folder < spanning) findings.add('cab-folder-index', name, folder)
  return {
    index,
    name,
    path: name.replaceAll('\\', '/'),
    nameBytes,
    isUtf8,
    size: record.readUInt32LE(0),
    offset: record.readUInt32LE(4),
    folder: folder < folders.length ? folder : -1,
    spans: folder >= spanning,
    attributes,
    dosDate: record.readUInt16LE(10),
    dosTime: record.readUInt16LE(12),
  }
}
