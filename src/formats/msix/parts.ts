import { createHash } from 'node:crypto'
import { ZipError } from '../containers/zip.ts'
import type { ZipEntry } from '../containers/zip-types.ts'
import type { InspectionLimits } from '../types.ts'
import { type BlockMap, type HashName, readBlockMap } from './block-map.ts'
import { type Source, unpack, unpackWhole } from './content.ts'
import { type ContentTypes, footprintTypes, readContentTypes } from './content-types.ts'
import { decodeFileName, footprintKey, hasUnencodedCharacters, pathKey, pathProblem } from './file-name.ts'
import type { MsixCode, MsixFindings, Say } from './findings.ts'
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
  const reading = { source, files, findings }
  const signature = await readSignature(reading)
  const hashName = signature?.hashName
  const fileDigests = new Map<DigestTag, Buffer>()
  const stream = <T>(
    tag: DigestTag,
    name: string,
    most: number,
    read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ) => streamFootprint(reading, name, most, hashName, read, (digest) => fileDigests.set(tag, digest))
  const contentTypes = await stream('AXCT', footprint.contentTypes, mostBytes.contentTypes, (chunks) =>
    readContentTypes(chunks, findings.say),
  )
  const blockMap = await stream('AXBM', footprint.blockMap, mostBytes.blockMap, (chunks) =>
    readBlockMap(chunks, limits, findings.say),
  )
  if (signature !== undefined) {
    await stream('AXCI', footprint.codeIntegrity, mostBytes.codeIntegrity, drain)
  }
  if (contentTypes !== undefined) judgeContentTypes(files, contentTypes, findings.say)
  const signatureEntry = files.get(footprintKey(footprint.signature))?.entry
  return { source, files, blockMap, signatureEntry, signature, fileDigests }
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

const whenMissing: ReadonlyMap<string, MsixCode> = new Map([
  [footprint.contentTypes, 'msix-content-types-missing'],
  [footprint.blockMap, 'msix-block-map-missing'],
])

interface Reading {
  readonly source: Source
  readonly files: PackageFiles
  readonly findings: MsixFindings
}

async function readSignature({ source, files, findings }: Reading): Promise<Signature | undefined> {
  const bytes = await readFootprint(source, files, footprint.signature, mostBytes.signature, findings)
  if (bytes === undefined) return undefined
  try {
    return parseSignature(bytes)
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    findings.say('msix-signature-invalid', error.message, footprint.signature)
    return undefined
  }
}

/** Hands a footprint file to `read` as it is unpacked; `digested` gets its digest once all of it was read. */
async function streamFootprint<T>(
  { source, files, findings }: Reading,
  name: string,
  most: number,
  hashName: HashName | undefined,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  digested: (digest: Buffer) => void,
): Promise<T | undefined> {
  const entry = files.get(footprintKey(name))?.entry
  if (entry === undefined) {
    const code = whenMissing.get(name)
    if (code !== undefined) findings.say(code, `the package has no ${name}`)
    return undefined
  }
  if (tooLarge(entry, most, findings.say)) return undefined
  async function* chunks(content: AsyncIterable<Uint8Array>) {
    const digest = hashName === undefined ? undefined : createHash(hashName)
    for await (const chunk of content) {
      digest?.update(chunk)
      yield chunk
    }
    if (digest !== undefined) digested(digest.digest())
  }
  try {
    return await read(chunks(unpack(source, entry)))
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    findings.addAll([error.toFinding()])
    return undefined
  }
}

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
  const entry = files.get(footprintKey(name))?.entry
  if (entry === undefined || tooLarge(entry, most, say)) return undefined
  try {
    return await unpackWhole(source, entry)
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    addAll([error.toFinding()])
    return undefined
  }
}
