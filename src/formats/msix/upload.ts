import { ZipError } from '../containers/zip.ts'
import type { ZipEntry } from '../containers/zip-types.ts'
import { rangeReader } from '../range-reader.ts'
import type { Reader } from '../types.ts'
import type { FindSibling } from './bundle.ts'
import { isBundleName, isPackageName, isUploadName } from './container.ts'
import { type Source, unpack } from './content.ts'
import type { Facts } from './facts.ts'
import { pathKey } from './file-name.ts'
import type { MsixFindings } from './findings.ts'
import { inflatedReader, UnpackingFailed } from './inflated-reader.ts'

const baseName = ({ name }: ZipEntry): string => name.slice(name.lastIndexOf('/') + 1)

const isSymbols = (name: string): boolean => /.\.(?:appx|msix)sym$/i.test(name)

/** Inspects what an upload contains. */
export type InspectContent = (
  reader: Reader,
  findings: MsixFindings,
  findSibling: FindSibling,
) => Promise<Facts>

interface Contents {
  readonly bundles: readonly ZipEntry[]
  readonly packages: readonly ZipEntry[]
  readonly symbols: readonly ZipEntry[]
}

/**
 * Inspects an .msixupload or .appxupload: a plain ZIP of one bundle or package, perhaps with its symbols. The
 * content is read in place when it is stored, and unpacked as it is read when it is compressed.
 */
export async function inspectUpload(
  source: Source,
  findings: MsixFindings,
  inspectContent: InspectContent,
): Promise<Facts> {
  const { bundles, packages, symbols } = sort(source.archive.entries, findings)
  const candidates = bundles.length > 0 ? bundles : packages
  const [content, another] = candidates
  const facts = { kind: 'upload', symbols: symbols.map(baseName) }
  if (another !== undefined) sayFound(candidates, findings)
  if (content === undefined || another !== undefined) return facts
  const unused = new Map((bundles.length > 0 ? packages : []).map((each) => [pathKey(baseName(each)), each]))
  const findSibling = async (key: string): Promise<Reader | undefined> => {
    const entry = unused.get(key)
    unused.delete(key)
    return entry === undefined ? undefined : openEntry(source, entry)
  }
  try {
    await verifyStored(source, content)
    const inner = await inspectContent(
      await openEntry(source, content),
      findings.inside(baseName(content)),
      findSibling,
    )
    if (unused.size > 0) sayFound([content, ...unused.values()], findings)
    return { ...inner, ...facts, content: { kind: inner.kind ?? null, fileName: baseName(content) } }
  } catch (error) {
    if (error instanceof ZipError) {
      findings.addAll([error.toFinding()])
    } else if (!(error instanceof UnpackingFailed)) {
      throw error
    } else if (error.finding === undefined) {
      findings.say(
        'msix-upload-too-slow',
        'it would have to be unpacked too often to be inspected',
        content.name,
      )
    } else {
      findings.addAll([error.finding])
    }
    return facts
  }
}

function sayFound(entries: readonly ZipEntry[], findings: MsixFindings): void {
  const names = entries.map(baseName).join(', ')
  findings.say('msix-upload-several', `it contains ${entries.length} packages (${names})`)
}

function sort(entries: readonly ZipEntry[], { say }: MsixFindings): Contents {
  const bundles: ZipEntry[] = []
  const packages: ZipEntry[] = []
  const symbols: ZipEntry[] = []
  for (const entry of entries) {
    if (entry.isDirectory) continue
    if (isBundleName(entry.name)) bundles.push(entry)
    else if (isPackageName(entry.name)) packages.push(entry)
    else if (isSymbols(entry.name)) symbols.push(entry)
    else if (isUploadName(entry.name)) say('msix-upload-nested', 'an upload is in the upload', entry.name)
    else say('msix-upload-extra-file', 'it is neither a package nor symbols', entry.name)
  }
  return { bundles, packages, symbols }
}

async function openEntry({ reader, archive }: Source, entry: ZipEntry): Promise<Reader> {
  if (entry.method !== 0) return inflatedReader(archive, entry)
  return rangeReader(reader, await archive.dataOffset(entry), entry.compressedSize)
}

/** The checksum of a stored entry; that of a compressed one is verified when it is unpacked. */
async function verifyStored(source: Source, entry: ZipEntry): Promise<void> {
  if (entry.method !== 0) return
  for await (const _ of unpack(source, entry));
}
