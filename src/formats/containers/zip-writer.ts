import { crc32 } from 'node:zlib'

/** Where an archive is written; a position is never left out. */
export interface ZipSink {
  write(bytes: Uint8Array, position: number): void
}

/** An entry that was written whole. */
export interface WrittenEntry {
  readonly name: string
  /** Where its bytes begin in the archive: they are stored as they are. */
  readonly offset: number
  readonly size: number
}

export interface ZipWriter {
  /** Begins an entry whose size is known; its bytes follow in order. */
  begin(name: string, size: number): void
  add(bytes: Uint8Array): void
  /** @throws RangeError when the entry got more or fewer bytes than announced */
  end(): WrittenEntry
  /** Writes the directory. @returns the size of the archive in bytes */
  finish(): number
}

interface Entry {
  readonly name: Buffer
  readonly size: number
  readonly headerAt: number
  readonly dataAt: number
  checksum: number
}

const largest32 = 0xffff_ffff
const largest16 = 0xffff
/** 1 January 1980, midnight: the format's zero. The same content makes the same bytes. */
const dosDate = 0x0021
const utf8Flag = 0x0800
const crcAt = 14

/**
 * Writes a ZIP archive of stored entries, one after another; Zip64 only where a size or an offset needs it. The
 * directory is kept in memory, the content is not.
 */
export function createZipWriter(sink: ZipSink): ZipWriter {
  const entries: Entry[] = []
  let position = 0
  let current: Entry | undefined
  let written = 0
  const put = (bytes: Uint8Array) => {
    sink.write(bytes, position)
    position += bytes.length
  }

  return {
    begin(name, size) {
      if (current) throw new RangeError('an entry is still open')
      const headerAt = position
      const encoded = Buffer.from(name, 'utf8')
      put(localHeader(encoded, size))
      current = { name: encoded, size, headerAt, dataAt: position, checksum: 0 }
      written = 0
    },
    add(bytes) {
      if (!current || written + bytes.length > current.size) throw new RangeError('more bytes than announced')
      current.checksum = crc32(bytes, current.checksum)
      written += bytes.length
      put(bytes)
    },
    end() {
      if (!current || written !== current.size) throw new RangeError('fewer bytes than announced')
      const { name, size, headerAt, dataAt, checksum } = current
      const field = Buffer.alloc(4)
      field.writeUInt32LE(checksum)
      sink.write(field, headerAt + crcAt)
      entries.push(current)
      current = undefined
      return { name: name.toString('utf8'), offset: dataAt, size }
    },
    finish() {
      const directoryAt = position
      for (const entry of entries) put(directoryRecord(entry))
      put(endOf(entries.length, directoryAt, position - directoryAt))
      return position
    },
  }
}

function localHeader(name: Buffer, size: number): Buffer {
  const extra = size >= largest32 ? zip64Extra([size, size]) : Buffer.alloc(0)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x0403_4b50, 0)
  head.writeUInt16LE(extra.length > 0 ? 45 : 20, 4)
  head.writeUInt16LE(utf8Flag, 6)
  head.writeUInt16LE(dosDate, 12)
  head.writeUInt32LE(Math.min(size, largest32), 18)
  head.writeUInt32LE(Math.min(size, largest32), 22)
  head.writeUInt16LE(name.length, 26)
  head.writeUInt16LE(extra.length, 28)
  return Buffer.concat([head, name, extra])
}

function directoryRecord({ name, size, headerAt, checksum }: Entry): Buffer {
  const large = [...(size >= largest32 ? [size, size] : []), ...(headerAt >= largest32 ? [headerAt] : [])]
  const extra = large.length > 0 ? zip64Extra(large) : Buffer.alloc(0)
  const head = Buffer.alloc(46)
  head.writeUInt32LE(0x0201_4b50, 0)
  head.writeUInt16LE(extra.length > 0 ? 45 : 20, 4)
  head.writeUInt16LE(extra.length > 0 ? 45 : 20, 6)
  head.writeUInt16LE(utf8Flag, 8)
  head.writeUInt16LE(dosDate, 14)
  head.writeUInt32LE(checksum, 16)
  head.writeUInt32LE(Math.min(size, largest32), 20)
  head.writeUInt32LE(Math.min(size, largest32), 24)
  head.writeUInt16LE(name.length, 28)
  head.writeUInt16LE(extra.length, 30)
  head.writeUInt32LE(Math.min(headerAt, largest32), 42)
  return Buffer.concat([head, name, extra])
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(values.length * 8, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  return extra
}

function endOf(count: number, at: number, size: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x0605_4b50, 0)
  end.writeUInt16LE(Math.min(count, largest16), 8)
  end.writeUInt16LE(Math.min(count, largest16), 10)
  end.writeUInt32LE(Math.min(size, largest32), 12)
  end.writeUInt32LE(Math.min(at, largest32), 16)
  const needsZip64 = count >= largest16 || at >= largest32 || size >= largest32
  return needsZip64 ? Buffer.concat([zip64End(count, at, size), end]) : end
}

function zip64End(count: number, at: number, size: number): Buffer {
  const record = Buffer.alloc(56 + 20)
  record.writeUInt32LE(0x0606_4b50, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeUInt16LE(45, 12)
  record.writeUInt16LE(45, 14)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(size), 40)
  record.writeBigUInt64LE(BigInt(at), 48)
  record.writeUInt32LE(0x0706_4b50, 56)
  record.writeBigUInt64LE(BigInt(at + size), 64)
  record.writeUInt32LE(1, 72)
  return record
}
