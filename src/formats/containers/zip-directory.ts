import type { InspectionLimits, Reader } from '../types.ts'
import type { ZipEnd } from './zip-end.ts'
import { type DecodedName, decodeName, extraFields, flag, signature, view, zip64Sizes } from './zip-fields.ts'
import type { ZipFindings } from './zip-findings.ts'
import type { ZipEntry, ZipEntryKind } from './zip-types.ts'

const recordLength = 46
/** 100 000 entries with names of 250 characters; a sound directory is far smaller. */
const mostDirectoryBytes = 32 * 1024 ** 2

export interface ZipDirectory {
  readonly entries: ZipEntry[]
  /** False when reading had to stop, at a limit or at a record that can't be followed; a finding says why. */
  readonly complete: boolean
}

/** Reads the central directory. */
export async function readDirectory(
  reader: Reader,
  end: ZipEnd,
  limits: InspectionLimits,
  findings: ZipFindings,
): Promise<ZipDirectory> {
  if (end.entryCount > limits.entries) {
    findings.add('zip-too-many-entries', `${end.entryCount} entries are more than ${limits.entries}`)
    return { entries: [], complete: false }
  }
  if (end.directorySize > mostDirectoryBytes) {
    findings.add('zip-directory-too-large', `the central directory takes ${end.directorySize} bytes`)
    return { entries: [], complete: false }
  }
  const bytes = await reader.read(end.directoryOffset, end.directorySize)
  const entries: ZipEntry[] = []
  let at = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at)
    if (record === undefined) {
      const where = `record ${entries.length + 1} of the central directory`
      findings.add('zip-bad-directory', `${where} is malformed`)
      return { entries, complete: false }
    }
    if (entries.length === limits.entries) {
      findings.add('zip-too-many-entries', `there are more than ${limits.entries} entries`)
      return { entries, complete: false }
    }
    entries.push(entryOf(record, end, findings))
    at += record.length
  }
  if (entries.length !== end.entryCount) {
    const counts = `the end record counts ${end.entryCount} entries, the central directory has ${entries.length}`
    findings.add('zip-entry-count', counts)
  }
  return { entries, complete: true }
}

function recordAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + recordLength > bytes.length) return undefined
  const fields = view(bytes.subarray(at))
  if (fields.getUint32(0, true) !== signature.central) return undefined
  const lengths = fields.getUint16(28, true) + fields.getUint16(30, true) + fields.getUint16(32, true)
  const end = at + recordLength + lengths
  return end > bytes.length ? undefined : bytes.subarray(at, end)
}

function entryOf(record: Uint8Array, end: ZipEnd, findings: ZipFindings): ZipEntry {
  const fields = view(record)
  const nameEnd = recordLength + fields.getUint16(28, true)
  const rawName = record.subarray(recordLength, nameEnd)
  const extraField = record.subarray(nameEnd, nameEnd + fields.getUint16(30, true))
  const extra = extraFields(extraField)
  const flags = fields.getUint16(8, true)
  const decoded = decodeName(rawName, flags, extra)
  const { name } = decoded
  const externalAttributes = fields.getUint32(38, true)
  const sizes = zip64Sizes(
    {
      compressedSize: fields.getUint32(20, true),
      uncompressedSize: fields.getUint32(24, true),
      headerOffset: fields.getUint32(42, true),
    },
    extra,
  )
  const kind = entryKind(name, externalAttributes, sizes.uncompressedSize)
  const entry: ZipEntry = {
    name,
    rawName,
    kind,
    isDirectory: kind === 'folder',
    method: fields.getUint16(10, true),
    flags,
    versionMadeBy: fields.getUint16(4, true),
    versionNeeded: fields.getUint16(6, true),
    crc32: fields.getUint32(16, true),
    compressedSize: sizes.compressedSize,
    uncompressedSize: sizes.uncompressedSize,
    isZip64: sizes.zip64,
    headerOffset: sizes.headerOffset + end.shift,
    externalAttributes,
    extraField,
  }
  if (sizes.lie !== undefined) findings.add('zip-zip64-lie', sizes.lie, name)
  if (!extra.wellFormed) findings.add('zip-bad-extra-field', 'its extra field is malformed', name)
  const disk = fields.getUint16(34, true)
  if (disk !== 0 && disk !== 0xffff)
    findings.add('zip-multi-disk', 'it begins in another part of the archive', name)
  judgeEncoding(decoded, findings)
  judgeRecord(entry, findings)
  return entry
}

function judgeEncoding({ name, malformed, rival }: DecodedName, findings: ZipFindings): void {
  if (malformed) findings.add('zip-name-encoding', 'its name is marked as UTF-8 and is not', name)
  if (rival !== undefined) findings.add('zip-name-ambiguous', 'its Unicode path field has another name', name)
}

const fileType = { mask: 0o170000, folder: 0o040000, regular: 0o100000, symlink: 0o120000 } as const

function entryKind(name: string, externalAttributes: number, uncompressedSize: number): ZipEntryKind {
  const type = (externalAttributes >>> 16) & fileType.mask
  if (type === fileType.symlink) return 'symlink'
  if (type !== 0 && type !== fileType.regular && type !== fileType.folder) return 'special'
  // .NET once ended folder names in a backslash.
  return name.endsWith('/') || (name.endsWith('\\') && uncompressedSize === 0) ? 'folder' : 'file'
}

function judgeRecord(entry: ZipEntry, findings: ZipFindings): void {
  const { name, kind, flags, method } = entry
  const type = (entry.externalAttributes >>> 16) & fileType.mask
  if (kind === 'symlink') findings.add('zip-symlink', 'it is a symbolic link', name)
  if (kind === 'special') findings.add('zip-special-file', 'it is a device, a pipe or a socket', name)
  if (kind === 'folder' ? type === fileType.regular : kind === 'file' && type === fileType.folder) {
    findings.add(
      'zip-folder-mismatch',
      'its name and its attributes disagree on whether it is a folder',
      name,
    )
  }
  if (kind === 'folder' && entry.uncompressedSize > 0) {
    findings.add('zip-folder-with-data', 'a folder has content', name)
  }
  if ((flags & (flag.encrypted | flag.strongEncryption | flag.maskedHeader)) !== 0) {
    findings.add('zip-encrypted', 'it is encrypted', name)
  } else if (method === 0 && entry.compressedSize !== entry.uncompressedSize) {
    findings.add('zip-size-mismatch', 'it is stored without compression but has two sizes', name)
  }
  if ((flags & flag.patched) !== 0) findings.add('zip-unsupported-flags', 'it is patch data', name)
  if (method !== 0 && method !== 8) {
    findings.add('zip-unsupported-method', `it is compressed with method ${method}`, name)
  }
}
