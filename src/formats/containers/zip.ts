import { defaultLimits, type InspectionLimits, type Reader } from '../types.ts'
import { entryContent } from './zip-content.ts'
import { readDirectory } from './zip-directory.ts'
import { findEnd } from './zip-end.ts'
import { ZipError } from './zip-error.ts'
import { ZipFindings } from './zip-findings.ts'
import { readLayout } from './zip-layout.ts'
import { judgeNames } from './zip-names.ts'
import type { ZipArchive, ZipEntry } from './zip-types.ts'
import { verifyContent } from './zip-verify.ts'

export { ZipError } from './zip-error.ts'

/**
 * Opens a ZIP archive and judges it as an attacker's: its end records, its directory, its names and the layout
 * of its bytes, local headers included. Content is verified only when it is read ({@link ZipArchive.verify}).
 *
 * Never throws for bad content: an archive whose directory can't be found has no entries and an error finding.
 * What the reader throws goes through. Memory: the directory (at most 32 MiB), never an entry.
 *
 * No library reads the archive: yauzl stops at the first thing it dislikes, and gives neither local headers in
 * full, nor the place of the directory, nor what lies between the entries; signatures (APK), block maps (MSIX)
 * and a complete list of findings need all of these.
 */
export async function openZip(reader: Reader, limits: InspectionLimits = defaultLimits): Promise<ZipArchive> {
  const findings = new ZipFindings()
  const end = await findEnd(reader, findings)
  if (end === undefined) return unreadable(reader, findings)
  const { entries, complete } = await readDirectory(reader, end, limits, findings)
  judgeNames(entries, findings)
  judgeSizes(entries, limits, findings)
  const extents = await readLayout(reader, entries, end, findings, complete)
  const byName = new Map<string, ZipEntry>()
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry)
  const open = (entry: ZipEntry) => entryContent(reader, entry, extents.get(entry))
  return {
    entries,
    findings: findings.list(),
    find: (name) => byName.get(name),
    extent: (entry) => extents.get(entry),
    async dataOffset(entry) {
      const extent = extents.get(entry)
      if (extent !== undefined) return extent.dataOffset
      throw new ZipError('zip-local-header-missing', entry.name, 'it has no usable local header')
    },
    open,
    read: (entry, maxBytes) => readWhole(entry, maxBytes, open(entry)),
    verify: (options) => verifyContent(reader, entries, extents, options),
    centralDirectoryOffset: end.directoryOffset,
    centralDirectorySize: end.directorySize,
    endOffset: end.endOffset,
    isZip64: end.isZip64 || entries.some((entry) => entry.isZip64),
  }
}

function unreadable(reader: Reader, findings: ZipFindings): ZipArchive {
  const refuse = (entry: ZipEntry) =>
    new ZipError('zip-local-header-missing', entry.name, 'it is not in this archive')
  return {
    entries: [],
    findings: findings.list(),
    find: () => undefined,
    extent: () => undefined,
    dataOffset: (entry) => Promise.reject(refuse(entry)),
    // biome-ignore lint/correctness/useYield: there is nothing to give
    async *open(entry) {
      throw refuse(entry)
    },
    read: (entry) => Promise.reject(refuse(entry)),
    verify: async () => [],
    centralDirectoryOffset: reader.size,
    centralDirectorySize: 0,
    endOffset: reader.size,
    isZip64: false,
  }
}

const ratioMatters = 1024 ** 2

/** Declared sizes; that the content keeps to them is checked while it is read. */
function judgeSizes(entries: readonly ZipEntry[], limits: InspectionLimits, findings: ZipFindings): void {
  let total = 0
  for (const entry of entries) {
    total += entry.uncompressedSize
    const most = Math.max(entry.compressedSize, 1) * limits.ratio
    if (entry.uncompressedSize > ratioMatters && entry.uncompressedSize > most) {
      const sizes = `its ${entry.compressedSize} bytes would unpack to ${entry.uncompressedSize}`
      findings.add('zip-ratio', sizes, entry.name)
    }
  }
  if (total > limits.unpackedBytes) {
    findings.add('zip-too-large', `the archive unpacks to ${total} bytes, more than ${limits.unpackedBytes}`)
  }
}

async function readWhole(
  entry: ZipEntry,
  maxBytes: number,
  content: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  if (entry.uncompressedSize > maxBytes) {
    const sizes = `it is ${entry.uncompressedSize} bytes long, more than ${maxBytes}`
    throw new ZipError('zip-too-large', entry.name, sizes)
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
