import { createHash } from 'node:crypto'
import { ZipError } from '../containers/zip.ts'
import type { ZipEntry } from '../containers/zip-types.ts'
import type { InspectionLimits } from '../types.ts'
import { type BlockMap, readBlockMap } from './block-map.ts'
import { type Source, unpack, unpackWhole } from './content.ts'
import { type ContentTypes, footprintTypes, readContentTypes } from './content-types.ts'
import { decodeFileName, hasUnencodedCharacters, pathKey, pathProblem } from './file-name.ts'
import type { MsixFindings, Say } from './findings.ts'
import { footprint, mostBytes } from './footprint.ts'
import type { PackageFile, PackageFiles } from './payload.ts'
import { type DigestTag, parseSignature, type Signature, SignatureError } from './signature.ts'

/** What a package and a bundle have in common, read and judged. */
export interface Parts {
  readonly source: Source
  readonly files: PackageFiles
  readonly blockMap: BlockMap | undefined
  /** The entry of AppxSignature.p7x; signed packages only. */
  readonly signatureEntry: ZipEntry | undefined
  /** Undefined when unsigned or unreadable. */
  readonly signature: Signature | undefined
  /** What the signature's digests of single files must be. */
  readonly fileDigests: ReadonlyMap<DigestTag, Buffer>
}

/** Reads everything but the manifest and the payload. */
export async function readParts(
  source: Source,
  limits: InspectionLimits,
  findings: MsixFindings,
): Promise<Parts> {
  const files = listFiles(source.archive.entries, findings.say)
  const reading = new PartReader(source, files, findings)
  const signature = await reading.signature()
  const contentTypes = await reading.streamed(
    'AXCT',
    footprint.contentTypes,
    mostBytes.contentTypes,
    (chunks) => readContentTypes(chunks, findings.say),
  )
  const blockMap = await reading.streamed('AXBM', footprint.blockMap, mostBytes.blockMap, (chunks) =>
    readBlockMap(chunks, limits, findings.say),
  )
  if (signature !== undefined) {
    await reading.streamed('AXCI', footprint.codeIntegrity, mostBytes.codeIntegrity, drain)
  }
  if (contentTypes !== undefined) judgeContentTypes(files, contentTypes, findings.say)
  const signatureEntry = files.get(pathKey(footprint.signature))?.entry
  return { source, files, blockMap, signatureEntry, signature, fileDigests: reading.digests }
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

/** Every file by its key; names that Windows can't unpack are said. */
function listFiles(entries: readonly ZipEntry[], say: Say): Map<string, PackageFile> {
  const files = new Map<string, PackageFile>()
  for (const entry of entries) {
    if (entry.isDirectory) {
      say('msix-folder-entry', 'it is an entry for a folder', entry.name)
      continue
    }
    const path = entry.name === footprint.contentTypes ? entry.name : decodeFileName(entry.name)
    if (path === undefined) {
      say('msix-file-name', 'its name is not a percent-encoded path', entry.name)
      continue
    }
    const problem = pathProblem(path)
    if (problem !== undefined) say('msix-file-name', problem, entry.name)
    if (entry.name !== footprint.contentTypes && hasUnencodedCharacters(entry.name)) {
      say('msix-file-name-unencoded', 'its name has characters that are not encoded', entry.name)
    }
    const key = pathKey(path)
    if (/^microsoft\.system\.package\.metadata(?:\\|$)/.test(key)) {
      say('msix-reserved-folder', 'it is in a folder of the system', path)
    }
    if (files.has(key)) say('msix-file-twice', `two entries hold the file ${path}`, entry.name)
    else files.set(key, { path, entry })
  }
  return files
}

function judgeContentTypes(files: PackageFiles, contentTypes: ContentTypes, say: Say): void {
  for (const { path, entry } of files.values()) {
    if (path === footprint.contentTypes) continue
    const type = contentTypes.of(entry.name) ?? contentTypes.of(path.replaceAll('\\', '/'))
    if (type === undefined) say('msix-content-type-missing', 'it has no content type', path)
    const expected = footprintTypes.get(entry.name)
    if (type !== undefined && expected !== undefined && type.toLowerCase() !== expected) {
      say('msix-content-type-unexpected', `its content type is ${type}, not ${expected}`, path)
    }
  }
}

const missing = {
  [footprint.contentTypes]: 'msix-content-types-missing',
  [footprint.blockMap]: 'msix-block-map-missing',
} as const

class PartReader {
  readonly digests = new Map<DigestTag, Buffer>()
  #signature: Signature | undefined
  readonly #source: Source
  readonly #files: PackageFiles
  readonly #findings: MsixFindings

  constructor(source: Source, files: PackageFiles, findings: MsixFindings) {
    this.#source = source
    this.#files = files
    this.#findings = findings
  }

  async signature(): Promise<Signature | undefined> {
    const { say } = this.#findings
    const bytes = await readFootprint(
      this.#source,
      this.#files,
      footprint.signature,
      mostBytes.signature,
      this.#findings,
    )
    if (bytes === undefined) return undefined
    try {
      this.#signature = parseSignature(bytes)
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error
      say('msix-signature-invalid', error.message, footprint.signature)
    }
    return this.#signature
  }

  /** Hands a footprint file to `read` as it is unpacked, and digests it for the signature on the way. */
  async streamed<T>(
    tag: DigestTag,
    name: string,
    most: number,
    read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T | undefined> {
    const entry = this.#files.get(pathKey(decodedName(name)))?.entry
    if (entry === undefined) {
      if (name === footprint.contentTypes || name === footprint.blockMap) {
        this.#findings.say(missing[name], `the package has no ${name}`)
      }
      return undefined
    }
    if (tooLarge(entry, most, this.#findings.say)) return undefined
    const digest = this.#signature === undefined ? undefined : createHash(this.#signature.hashName)
    const source = this.#source
    const digests = this.digests
    async function* chunks(content: AsyncIterable<Uint8Array>) {
      for await (const chunk of content) {
        digest?.update(chunk)
        yield chunk
      }
      if (digest !== undefined) digests.set(tag, digest.digest())
    }
    try {
      return await read(chunks(unpack(source, entry)))
    } catch (error) {
      if (!(error instanceof ZipError)) throw error
      this.#findings.addAll([error.toFinding()])
      return undefined
    }
  }
}

const decodedName = (name: string): string => name.replaceAll('/', '\\')

function tooLarge(entry: ZipEntry, most: number, say: Say): boolean {
  if (entry.uncompressedSize <= most) return false
  say('msix-part-too-large', `it has ${entry.uncompressedSize} bytes, more than ${most}`, entry.name)
  return true
}

/** A small footprint file as a whole; undefined when it is missing or, with a finding, unreadable. */
export async function readFootprint(
  source: Source,
  files: PackageFiles,
  name: string,
  most: number,
  { say, addAll }: MsixFindings,
): Promise<Uint8Array | undefined> {
  const entry = files.get(pathKey(decodedName(name)))?.entry
  if (entry === undefined || tooLarge(entry, most, say)) return undefined
  try {
    return await unpackWhole(source, entry)
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    addAll([error.toFinding()])
    return undefined
  }
}
