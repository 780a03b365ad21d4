import { deflateRawSync } from 'node:zlib'
import { cabChecksum } from '../../src/formats/containers/cab-checksum.ts'
import { encodeLzx, type LzxOptions } from './lzx-encoder.ts'
import { encodeQuantum } from './quantum-encoder.ts'

export interface CabFileSpec {
  readonly name: string | Uint8Array
  readonly data?: Uint8Array | string
  readonly attributes?: number
  /** Lies of the CFFILE record. */
  readonly size?: number
  readonly offset?: number
  readonly folder?: number
}

export interface CabBlockSpec {
  readonly packed: Uint8Array
  readonly unpackedSize: number
}

export interface CabFolderSpec {
  readonly compression?: 'none' | 'mszip' | 'lzx' | 'quantum'
  readonly windowBits?: number
  readonly lzx?: Omit<LzxOptions, 'windowBits'>
  readonly files: readonly CabFileSpec[]
  /** Replaces the blocks made from the files. */
  readonly blocks?: readonly CabBlockSpec[]
  /** The word typeCompress as it is. */
  readonly type?: number
}

export interface CabOptions {
  readonly reserve?: { readonly header?: Uint8Array; readonly folder?: number; readonly data?: number }
  /** Writes 0 (none) in place of checksums. */
  readonly withoutChecksums?: boolean
  readonly flags?: number
}

/** Where the parts of a built cabinet are, for tests that falsify them. */
export interface BuiltCab {
  readonly bytes: Buffer
  readonly folderRecords: readonly number[]
  readonly fileRecords: readonly number[]
  /** By folder. */
  readonly blocks: readonly (readonly number[])[]
}

const blockSize = 32768
const typeCodes = { none: 0, mszip: 1, quantum: 2, lzx: 3 }

/** Builds a cabinet ([MS-CAB]) as makecab would, or with the lies asked for. */
export function buildCab(folders: readonly CabFolderSpec[], options: CabOptions = {}): BuiltCab {
  const { reserve } = options
  const head = Buffer.alloc(36)
  const reserveHead = reserve === undefined ? Buffer.alloc(0) : reserveHeader(reserve)
  const folderLength = 8 + (reserve?.folder ?? 0)
  const files = folders.flatMap((folder, index) => fileRecords(folder, index))
  const fileTable = head.length + reserveHead.length + folders.length * folderLength
  let at = fileTable
  const fileOffsets = files.map((record) => {
    const offset = at
    at += record.length
    return offset
  })
  const parts: Buffer[] = []
  const blocks: number[][] = []
  const folderTable = folders.map((folder) => {
    const record = Buffer.alloc(folderLength, 0x46)
    const made = folder.blocks ?? packBlocks(folder)
    record.writeUInt32LE(at, 0)
    record.writeUInt16LE(made.length, 4)
    record.writeUInt16LE(folder.type ?? typeWord(folder), 6)
    const offsets: number[] = []
    for (const block of made) {
      const bytes = blockRecord(block, reserve?.data ?? 0, options.withoutChecksums === true)
      parts.push(bytes)
      offsets.push(at)
      at += bytes.length
    }
    blocks.push(offsets)
    return record
  })
  head.write('MSCF', 0, 'latin1')
  head.writeUInt32LE(at, 8)
  head.writeUInt32LE(fileTable, 16)
  head[24] = 3
  head[25] = 1
  head.writeUInt16LE(folders.length, 26)
  head.writeUInt16LE(files.length, 28)
  head.writeUInt16LE((options.flags ?? 0) | (reserve === undefined ? 0 : 4), 30)
  head.writeUInt16LE(1234, 32)
  const bytes = Buffer.concat([head, reserveHead, ...folderTable, ...files, ...parts])
  const firstFolder = head.length + reserveHead.length
  return {
    bytes,
    folderRecords: folders.map((_, i) => firstFolder + i * folderLength),
    fileRecords: fileOffsets,
    blocks,
  }
}

/** A cabinet of these files in one MSZIP folder. */
export function buildMszipCab(files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  return buildCab([
    { compression: 'mszip', files: Object.entries(files).map(([name, data]) => ({ name, data })) },
  ]).bytes
}

function reserveHeader(reserve: NonNullable<CabOptions['reserve']>): Buffer {
  const area = reserve.header ?? new Uint8Array()
  const sizes = Buffer.alloc(4)
  sizes.writeUInt16LE(area.length, 0)
  sizes[2] = reserve.folder ?? 0
  sizes[3] = reserve.data ?? 0
  return Buffer.concat([sizes, area])
}

function fileRecords(folder: CabFolderSpec, index: number): Buffer[] {
  let offset = 0
  return folder.files.map((file) => {
    const size = bytesOf(file.data).length
    const record = Buffer.alloc(16)
    record.writeUInt32LE(file.size ?? size, 0)
    record.writeUInt32LE(file.offset ?? offset, 4)
    record.writeUInt16LE(file.folder ?? index, 8)
    record.writeUInt16LE(0x226c, 10)
    record.writeUInt16LE(0x59ba, 12)
    record.writeUInt16LE(file.attributes ?? 0x20, 14)
    offset += size
    const name =
      typeof file.name === 'string'
        ? Buffer.from(file.name, (file.attributes ?? 0) & 0x80 ? 'utf8' : 'latin1')
        : file.name
    return Buffer.concat([record, name, Buffer.alloc(1)])
  })
}

function bytesOf(data: Uint8Array | string | undefined): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : (data ?? new Uint8Array())
}

function typeWord(folder: CabFolderSpec): number {
  const compression = folder.compression ?? 'none'
  const hasWindow = compression === 'lzx' || compression === 'quantum'
  return (
    typeCodes[compression] |
    (hasWindow ? (folder.windowBits ?? 18) << 8 : 0) |
    (compression === 'quantum' ? 0x10 : 0)
  )
}

/** Packs the files of a folder, back to back, block by block. */
export function packBlocks(folder: CabFolderSpec): CabBlockSpec[] {
  const data = Buffer.concat(folder.files.map((file) => bytesOf(file.data)))
  const windowBits = folder.windowBits ?? 18
  const frames =
    folder.compression === 'lzx'
      ? encodeLzx(data, { windowBits, blocks: [{ type: 'verbatim', length: 3 * blockSize }], ...folder.lzx })
      : folder.compression === 'quantum'
        ? encodeQuantum(data, windowBits)
        : undefined
  const blocks: CabBlockSpec[] = []
  for (let start = 0; start < data.length; start += blockSize) {
    const plain = data.subarray(start, start + blockSize)
    const packed =
      folder.compression === 'mszip'
        ? mszip(plain, data.subarray(Math.max(0, start - blockSize), start))
        : plain
    blocks.push({ packed: frames?.[blocks.length] ?? packed, unpackedSize: plain.length })
  }
  return blocks
}

function mszip(plain: Buffer, before: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('CK'),
    deflateRawSync(plain, before.length === 0 ? {} : { dictionary: before }),
  ])
}

function blockRecord(block: CabBlockSpec, reserve: number, withoutChecksum: boolean): Buffer {
  const head = Buffer.alloc(8 + reserve, 0x52)
  head.writeUInt16LE(block.packed.length, 4)
  head.writeUInt16LE(block.unpackedSize, 6)
  head.writeUInt32LE(withoutChecksum ? 0 : cabChecksum(head.subarray(4), cabChecksum(block.packed, 0)), 0)
  return Buffer.concat([head, block.packed])
}
