import { crc32, deflateRawSync } from 'node:zlib'

/**
 * One entry of {@link buildZip}. Only `name` is required; everything else makes the entry special or a lie.
 */
export interface ZipSpec {
  /** Written as UTF-8 with the UTF-8 flag when it is not ASCII, unless {@link rawName} is given. */
  readonly name: string
  /** The unpacked content; empty by default. */
  readonly content?: Uint8Array | string
  /** `stored` for method 0; `deflate` by default for content, `stored` for names that end in "/". */
  readonly method?: 'stored' | 'deflate'
  /** The data as it stands in the archive; replaces what compression would give. */
  readonly data?: Uint8Array
  /** Bytes of the name in both headers. */
  readonly rawName?: Uint8Array
  /** Name in the local header only. */
  readonly localName?: string
  /** Multiple that the data's offset must have; padding goes to the local extra field, as zipalign pads. */
  readonly align?: number
  /** Writes CRC and sizes after the data: `signed` (usual), `unsigned`, or `wide` (signed, 64-bit sizes). */
  readonly descriptor?: 'signed' | 'unsigned' | 'wide'
  /** Sizes and offset in a ZIP64 extra field, in the central record and in the local header. */
  readonly zip64?: boolean
  /** Extra field of the central record. */
  readonly extra?: Uint8Array
  /** Extra field of the local header. */
  readonly localExtra?: Uint8Array
  /** Comment of the central record. */
  readonly comment?: string
  /** Unix mode with its type bits, such as `0o120777` for a symbolic link; sets the host to Unix. */
  readonly unixMode?: number
  readonly externalAttributes?: number
  readonly versionMadeBy?: number
  readonly versionNeeded?: number
  /** Flags added to those the builder sets, such as 1 for encrypted. */
  readonly flags?: number
  /** What the central record says in place of the truth. */
  readonly central?: Partial<ZipLie>
  /** What the local header says in place of the truth. */
  readonly local?: Partial<ZipLie>
  /** What the data descriptor says in place of the truth. */
  readonly descriptorLie?: Partial<Pick<ZipLie, 'crc32' | 'compressedSize' | 'uncompressedSize'>>
  /** Bytes right before the local header, which belong to no entry. */
  readonly before?: Uint8Array
  /** Leaves the entry out of the central directory: only streaming readers see it. */
  readonly unlisted?: boolean
  /** Writes no bytes of its own and lists those of an earlier entry (its index in the array). */
  readonly sharesBytesOf?: number
}

export interface ZipLie {
  readonly crc32: number
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly method: number
  readonly flags: number
  readonly headerOffset: number
  readonly disk: number
}

export interface ZipOptions {
  /** Bytes before the archive; offsets count from the start of the file unless `prefixUncounted`. */
  readonly prefix?: Uint8Array
  /** Offsets count from the end of the prefix, as when a file was concatenated with an archive. */
  readonly prefixUncounted?: boolean
  /** Bytes after the end record. */
  readonly suffix?: Uint8Array
  /** Bytes between the last entry and the central directory, where an APK has its signing block. */
  readonly beforeDirectory?: Uint8Array
  /** Bytes between the central directory and the end records. */
  readonly afterDirectory?: Uint8Array
  /** Archive comment. */
  readonly comment?: Uint8Array
  /** ZIP64 end record and locator, with the ordinary end record's numbers all ones. */
  readonly zip64?: boolean
  /** What the end record (and the ZIP64 end record, by the names with 64) says in place of the truth. */
  readonly end?: Partial<EndLie>
}

export interface EndLie {
  readonly disk: number
  readonly entries: number
  readonly entriesOnDisk: number
  readonly directorySize: number
  readonly directoryOffset: number
  readonly commentLength: number
  readonly entries64: number
  readonly directorySize64: number
  readonly directoryOffset64: number
}

/**
 * Builds a ZIP archive in memory, byte for byte the same for the same input: sound by default, hostile as told.
 *
 * `buildZip({ 'a.txt': 'text' })` and `buildZip([{ name: 'a.txt', content: 'text' }])` are the same. A list may
 * hold the same name twice. See {@link ZipSpec} for one entry's method, alignment, data descriptor, ZIP64, mode,
 * extra fields and lies, and {@link ZipOptions} for junk, comments, ZIP64 and lies of the archive's end.
 */
export function buildZip(
  entries: readonly ZipSpec[] | Readonly<Record<string, Uint8Array | string>>,
  options: ZipOptions = {},
): Uint8Array {
  const specs: readonly ZipSpec[] = Array.isArray(entries)
    ? entries
    : Object.entries(entries).map(([name, content]) => ({ name, content }))
  const out = new Bytes()
  if (options.prefix !== undefined) out.push(options.prefix)
  const base = options.prefixUncounted === true ? out.length : 0
  const written: Written[] = []
  for (const spec of specs) {
    const shared = spec.sharesBytesOf === undefined ? undefined : written[spec.sharesBytesOf]
    written.push(shared === undefined ? writeEntry(out, spec, base) : { ...shared, spec })
  }
  if (options.beforeDirectory !== undefined) out.push(options.beforeDirectory)
  const directoryOffset = out.length - base
  const listed = written.filter((each) => each.spec.unlisted !== true)
  for (const each of listed) writeCentral(out, each)
  const directorySize = out.length - base - directoryOffset
  if (options.afterDirectory !== undefined) out.push(options.afterDirectory)
  writeEnd(out, { entries: listed.length, directorySize, directoryOffset, base }, options)
  if (options.suffix !== undefined) out.push(options.suffix)
  return out.concat()
}

interface Written extends Omit<ZipLie, 'disk'> {
  readonly spec: ZipSpec
  readonly rawName: Uint8Array
}

const max16 = 0xffff
const max32 = 0xffffffff

function writeEntry(out: Bytes, spec: ZipSpec, base: number): Written {
  if (spec.before !== undefined) out.push(spec.before)
  const content =
    typeof spec.content === 'string' ? Buffer.from(spec.content) : (spec.content ?? Buffer.alloc(0))
  const stored = (spec.method ?? (content.length === 0 ? 'stored' : 'deflate')) === 'stored'
  const data = spec.data ?? (stored ? content : deflateRawSync(content))
  const rawName = spec.rawName ?? Buffer.from(spec.name)
  const ascii = rawName.every((byte) => byte < 0x80) || spec.rawName !== undefined
  const truth: Written = {
    spec,
    rawName,
    crc32: crc32(content),
    compressedSize: data.length,
    uncompressedSize: content.length,
    method: stored ? 0 : 8,
    flags: (ascii ? 0 : 1 << 11) | (spec.descriptor === undefined ? 0 : 1 << 3) | (spec.flags ?? 0),
    headerOffset: out.length - base,
  }
  const open = spec.descriptor !== undefined
  const local = {
    ...truth,
    ...(open ? { crc32: 0, compressedSize: 0, uncompressedSize: 0 } : {}),
    ...spec.local,
  }
  const name = spec.localName === undefined ? rawName : Buffer.from(spec.localName)
  const big = spec.zip64 === true && !open
  const sizes64 = big ? zip64Field([local.uncompressedSize, local.compressedSize]) : new Uint8Array(0)
  const ownExtra = Buffer.concat([sizes64, spec.localExtra ?? new Uint8Array(0)])
  const unpadded = out.length + 30 + name.length + ownExtra.length
  const align = spec.align ?? 1
  const extra = Buffer.concat([ownExtra, Buffer.alloc((align - (unpadded % align)) % align)])
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(spec.versionNeeded ?? (spec.zip64 === true ? 45 : 20), 4)
  header.writeUInt16LE(local.flags, 6)
  header.writeUInt16LE(local.method, 8)
  header.writeUInt32LE(dosTime, 10)
  header.writeUInt32LE(local.crc32, 14)
  header.writeUInt32LE(big ? max32 : local.compressedSize, 18)
  header.writeUInt32LE(big ? max32 : local.uncompressedSize, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(extra.length, 28)
  out.push(header, name, extra, data)
  if (open) out.push(descriptor({ ...truth, ...spec.descriptorLie }, spec.descriptor ?? 'signed'))
  return truth
}

/** 1 January 2024, noon. */
const dosTime = (((2024 - 1980) << 25) | (1 << 21) | (1 << 16) | (12 << 11)) >>> 0

function descriptor(
  lie: Pick<ZipLie, 'crc32' | 'compressedSize' | 'uncompressedSize'>,
  form: string,
): Uint8Array {
  const bytes = Buffer.alloc(form === 'wide' ? 24 : 16)
  bytes.writeUInt32LE(0x08074b50, 0)
  bytes.writeUInt32LE(lie.crc32, 4)
  if (form === 'wide') {
    bytes.writeBigUInt64LE(BigInt(lie.compressedSize), 8)
    bytes.writeBigUInt64LE(BigInt(lie.uncompressedSize), 16)
  } else {
    bytes.writeUInt32LE(lie.compressedSize, 8)
    bytes.writeUInt32LE(lie.uncompressedSize, 12)
  }
  return form === 'unsigned' ? bytes.subarray(4) : bytes
}

function zip64Field(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 + 8 * values.length)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(8 * values.length, 2)
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + 8 * index)
  return bytes
}

function writeCentral(out: Bytes, truth: Written): void {
  const { spec, rawName } = truth
  const said = { disk: 0, ...truth, ...spec.central }
  const big = spec.zip64 === true
  const sizes64 = big
    ? zip64Field([said.uncompressedSize, said.compressedSize, said.headerOffset])
    : new Uint8Array(0)
  const extra = Buffer.concat([sizes64, spec.extra ?? new Uint8Array(0)])
  const comment = Buffer.from(spec.comment ?? '')
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(spec.versionMadeBy ?? (spec.unixMode === undefined ? 20 : (3 << 8) | 20), 4)
  record.writeUInt16LE(spec.versionNeeded ?? (big ? 45 : 20), 6)
  record.writeUInt16LE(said.flags, 8)
  record.writeUInt16LE(said.method, 10)
  record.writeUInt32LE(dosTime, 12)
  record.writeUInt32LE(said.crc32, 16)
  record.writeUInt32LE(big ? max32 : said.compressedSize, 20)
  record.writeUInt32LE(big ? max32 : said.uncompressedSize, 24)
  record.writeUInt16LE(rawName.length, 28)
  record.writeUInt16LE(extra.length, 30)
  record.writeUInt16LE(comment.length, 32)
  record.writeUInt16LE(said.disk, 34)
  const folder = spec.name.endsWith('/') ? 0x10 : 0
  const attributes = spec.externalAttributes ?? (((spec.unixMode ?? 0) << 16) | folder) >>> 0
  record.writeUInt32LE(attributes, 38)
  record.writeUInt32LE(big ? max32 : said.headerOffset, 42)
  out.push(record, rawName, extra, comment)
}

function writeEnd(
  out: Bytes,
  truth: { entries: number; directorySize: number; directoryOffset: number; base: number },
  options: ZipOptions,
): void {
  const lie = options.end ?? {}
  const comment = options.comment ?? new Uint8Array(0)
  if (options.zip64 === true) {
    const recordOffset = out.length - truth.base
    const record = Buffer.alloc(56)
    record.writeUInt32LE(0x06064b50, 0)
    record.writeBigUInt64LE(44n, 4)
    record.writeUInt16LE(45, 12)
    record.writeUInt16LE(45, 14)
    record.writeBigUInt64LE(BigInt(lie.entries64 ?? truth.entries), 24)
    record.writeBigUInt64LE(BigInt(lie.entries64 ?? truth.entries), 32)
    record.writeBigUInt64LE(BigInt(lie.directorySize64 ?? truth.directorySize), 40)
    record.writeBigUInt64LE(BigInt(lie.directoryOffset64 ?? truth.directoryOffset), 48)
    const locator = Buffer.alloc(20)
    locator.writeUInt32LE(0x07064b50, 0)
    locator.writeBigUInt64LE(BigInt(recordOffset), 8)
    locator.writeUInt32LE(1, 16)
    out.push(record, locator)
  }
  const big = options.zip64 === true
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(lie.disk ?? 0, 4)
  record.writeUInt16LE(lie.disk ?? 0, 6)
  record.writeUInt16LE(lie.entriesOnDisk ?? lie.entries ?? (big ? max16 : truth.entries), 8)
  record.writeUInt16LE(lie.entries ?? (big ? max16 : truth.entries), 10)
  record.writeUInt32LE(lie.directorySize ?? (big ? max32 : truth.directorySize), 12)
  record.writeUInt32LE(lie.directoryOffset ?? (big ? max32 : truth.directoryOffset), 16)
  record.writeUInt16LE(lie.commentLength ?? comment.length, 20)
  out.push(record, comment)
}

class Bytes {
  readonly #parts: Uint8Array[] = []
  length = 0

  push(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part)
      this.length += part.length
    }
  }

  concat(): Uint8Array {
    return Buffer.concat(this.#parts, this.length)
  }
}
