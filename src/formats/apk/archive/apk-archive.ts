import { entryContent, isSmall, smallContent, smallEntries } from '../../containers/zip-content.ts'
import type { ZipError } from '../../containers/zip-error.ts'
import { flag } from '../../containers/zip-fields.ts'
import type { ZipArchive, ZipEntry } from '../../containers/zip-types.ts'
import type { Reader } from '../../types.ts'
import type { ApkEnd } from './apk-end.ts'

/** An entry under the name that Android gives it. */
export interface ApkEntry {
  /** Always read as UTF-8, whatever the flags say. */
  readonly name: string
  readonly zip: ZipEntry
}

/** A ZIP archive the way Android reads it. */
export interface ApkArchive extends ApkEnd {
  readonly zip: ZipArchive
  /** Files only, in central directory order. */
  readonly entries: readonly ApkEntry[]
  /** Names that stand in the directory more than once. */
  readonly repeated: readonly string[]
  find(name: string): ApkEntry | undefined
  /**
   * Unpacked content: stored for method 0, deflated for any other, the encryption flag ignored.
   * @throws ZipError
   */
  open(entry: ApkEntry): AsyncIterable<Uint8Array>
  /** An {@link open} for entries in the order of their bytes: small neighbours share reads. */
  openInOrder(): (entry: ApkEntry) => AsyncIterable<Uint8Array>
}

/** @param reader for content; `zip` may have been opened with another. */
export function apkArchive(reader: Reader, zip: ZipArchive, end: ApkEnd): ApkArchive {
  const entries: ApkEntry[] = []
  const byName = new Map<string, ApkEntry>()
  const repeated = new Set<string>()
  for (const entry of zip.entries) {
    const name = Buffer.from(entry.rawName).toString('utf8')
    if (name.endsWith('/')) continue
    const apkEntry = { name, zip: entry }
    entries.push(apkEntry)
    if (byName.has(name)) repeated.add(name)
    else byName.set(name, apkEntry)
  }
  return {
    zip,
    entries,
    repeated: [...repeated],
    find: (name) => byName.get(name),
    open: ({ zip: entry }) => entryContent(reader, asAndroidReads(entry), zip.extent(entry)),
    openInOrder: () => openInOrder(reader, zip),
    ...end,
  }
}

const ignoredFlags = flag.encrypted | flag.strongEncryption | flag.maskedHeader | flag.patched

const asAndroidReads = (entry: ZipEntry): ZipEntry =>
  (entry.method === 0 || entry.method === 8) && (entry.flags & ignoredFlags) === 0
    ? entry
    : { ...entry, method: entry.method === 0 ? 0 : 8, flags: entry.flags & ~ignoredFlags }

function openInOrder(reader: Reader, zip: ZipArchive): (entry: ApkEntry) => AsyncIterable<Uint8Array> {
  const ahead = smallEntries(reader)
  return async function* ({ zip: entry }) {
    const patched = asAndroidReads(entry)
    const extent = zip.extent(entry)
    if (isSmall(patched)) yield await smallContent(ahead, patched, extent)
    else yield* entryContent(reader, patched, extent)
  }
}

/** What is wrong, without the entry's name, which is the finding's target. */
export const zipDetail = ({ entry, message }: ZipError): string =>
  message.startsWith(`${entry}: `) ? message.slice(entry.length + 2) : message

/**
 * The whole content of an entry.
 * @throws ZipError, RangeError when it declares more than `most` bytes.
 */
export async function readEntry(archive: ApkArchive, entry: ApkEntry, most: number): Promise<Uint8Array> {
  const size = entry.zip.uncompressedSize
  if (size > most) throw new RangeError(`${entry.name} is ${size} bytes long, more than ${most}`)
  const chunks: Uint8Array[] = []
  for await (const chunk of archive.open(entry)) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
