import { createHash } from 'node:crypto'
import { ZipError } from '../../../containers/zip-error.ts'
import { type ApkArchive, type ApkEntry, readEntry, zipDetail } from '../../archive/apk-archive.ts'
import { sameBytes } from '../../byte-cursor.ts'
import type { Certificate } from '../certificate.ts'
import { Refusal, type Remark } from '../refusal.ts'
import { digestsToVerify } from './jar-digests.ts'
import type { JarSection } from './jar-manifest.ts'
import { verifySignatureBlock } from './signature-block.ts'
import { type JarManifest, sectionsOf, verifySignatureFile } from './signature-file.ts'

export interface JarSigner {
  /** Entry name of its signature block file. */
  readonly blockName: string
  readonly fileName: string
  readonly certificate: Certificate
}

interface Candidate extends JarSigner {
  readonly entryNames: ReadonlySet<string>
}

export interface JarVerification {
  readonly signers: readonly JarSigner[]
  /** Empty when the package verifies. */
  readonly problems: readonly Remark[]
}

export const manifestName = 'META-INF/MANIFEST.MF'
export const signatureFolder = 'META-INF/'
/** What the files of a signature may take; a package of a hundred thousand entries needs a quarter of it. */
const mostBytes = 64 * 1024 ** 2
const mostSigners = 10
const mostProblems = 20

/**
 * Verifies the JAR signature ("v1 scheme") for the Android versions from `minSdk` on: block files against `.SF`
 * files, those against the manifest, the manifest against the content of every entry outside of META-INF.
 * @param foundSchemes numbers of the newer schemes the package was verified with
 * @throws Refusal
 */
export async function verifyJar(
  archive: ApkArchive,
  foundSchemes: ReadonlySet<number>,
  minSdk: number,
  remarks: Remark[],
): Promise<JarVerification> {
  const [twice] = archive.repeated
  if (twice !== undefined) throw new Refusal('apk-v1-malformed', 'it stands in the directory twice', twice)
  const manifest = await readManifest(archive)
  const blocks = signatureBlocks(archive, remarks)
  const signed: { blockName: string; fileName: string; file: Uint8Array; certificate: Certificate }[] = []
  for (const { block, file } of blocks) {
    const fileBytes = await content(archive, file)
    const certificate = verifySignatureBlock(block.name, await content(archive, block), fileBytes, minSdk)
    signed.push({ blockName: block.name, fileName: file.name, file: fileBytes, certificate })
  }
  const candidates: Candidate[] = []
  for (const { blockName, fileName, file, certificate } of signed) {
    const result = verifySignatureFile(fileName, file, manifest, foundSchemes, minSdk, remarks)
    if ('ignored' in result)
      remarks.push({ code: 'apk-v1-signer-ignored', detail: result.ignored, target: fileName })
    else candidates.push({ blockName, fileName, certificate, entryNames: result.entryNames })
  }
  if (candidates.length === 0) throw noSigners()
  const { signers, problems } = await verifyEntries(archive, manifest, candidates, minSdk)
  for (const candidate of candidates) {
    if (problems.length > 0 || signers.includes(candidate)) continue
    const detail = 'it does not sign the entries that the others sign'
    remarks.push({ code: 'apk-v1-signer-ignored', detail, target: candidate.blockName })
  }
  remarks.push(...unprotected(archive, signers))
  return { signers, problems }
}

const noSigners = () => new Refusal('apk-signature-missing', 'no JAR signature counts')

async function content(archive: ApkArchive, entry: ApkEntry): Promise<Uint8Array> {
  try {
    return await readEntry(archive, entry, mostBytes)
  } catch (error) {
    if (error instanceof ZipError) throw new Refusal('apk-entry-unreadable', zipDetail(error), entry.name)
    if (error instanceof RangeError) throw new Refusal('apk-v1-malformed', 'it is too large', entry.name)
    throw error
  }
}

async function readManifest(archive: ApkArchive): Promise<JarManifest> {
  const entry = archive.find(manifestName)
  if (entry === undefined) throw new Refusal('apk-signature-missing', `${manifestName} is missing`)
  const bytes = await content(archive, entry)
  let main: JarSection | undefined
  const byName = new Map<string, JarSection>()
  for (const section of sectionsOf(bytes, manifestName, 'apk-v1-manifest')) {
    if (main === undefined) {
      main = section
      continue
    }
    const { name } = section
    if (name === undefined)
      throw new Refusal('apk-v1-manifest', 'it has a section without a name', manifestName)
    if (byName.has(name)) throw new Refusal('apk-v1-manifest', 'it has two sections for this entry', name)
    if (archive.find(name) === undefined) {
      throw new Refusal('apk-v1-entry-missing', 'the manifest lists it, and it is not there', name)
    }
    byName.set(name, section)
  }
  if (main === undefined) throw new Refusal('apk-v1-manifest', 'it is empty', manifestName)
  return { bytes, main, byName }
}

export const isBlockName = (name: string): boolean => /\.(RSA|DSA|EC)$/.test(name)

function signatureBlocks(archive: ApkArchive, remarks: Remark[]): { block: ApkEntry; file: ApkEntry }[] {
  const found: { block: ApkEntry; file: ApkEntry }[] = []
  for (const block of archive.entries) {
    if (!block.name.startsWith(signatureFolder) || !isBlockName(block.name)) continue
    const fileName = `${block.name.slice(0, block.name.lastIndexOf('.'))}.SF`
    const file = archive.find(fileName)
    if (file !== undefined) found.push({ block, file })
    else remarks.push({ code: 'apk-v1-signer-ignored', detail: `${fileName} is missing`, target: block.name })
  }
  if (found.length === 0) throw noSigners()
  if (found.length > mostSigners) {
    throw new Refusal('apk-signature-too-many-signers', `it has ${found.length} JAR signers`)
  }
  return found
}

/** Every entry must be signed by the same signers, and its content must have the digests of the manifest. */
async function verifyEntries(
  archive: ApkArchive,
  manifest: JarManifest,
  candidates: readonly Candidate[],
  minSdk: number,
): Promise<{ signers: readonly Candidate[]; problems: Remark[] }> {
  const problems: Remark[] = []
  const ordered = [...archive.entries].sort((a, b) => a.zip.headerOffset - b.zip.headerOffset)
  const open = archive.openInOrder()
  let signers: readonly Candidate[] | undefined
  for (const entry of ordered) {
    const { name } = entry
    if (name.startsWith(signatureFolder)) continue
    if (problems.length === mostProblems) break
    const section = manifest.byName.get(name)
    const own = candidates.filter(({ entryNames }) => entryNames.has(name))
    if (section === undefined || own.length === 0) {
      const detail = section === undefined ? 'the manifest does not list it' : 'no signer signed it'
      problems.push({ code: 'apk-v1-entry-unsigned', detail, target: name })
      continue
    }
    signers ??= own
    if (own.length !== signers.length || own.some((each, index) => each !== signers?.[index])) {
      problems.push({
        code: 'apk-v1-signers-differ',
        detail: 'others signed it than the first entry',
        target: name,
      })
      continue
    }
    const problem = await verifyContent(open, entry, section, minSdk)
    if (problem !== undefined) problems.push(problem)
  }
  if (signers === undefined && problems.length === 0) {
    problems.push({ code: 'apk-signature-missing', detail: 'the JAR signature covers no entry' })
  }
  return { signers: signers ?? [], problems }
}

async function verifyContent(
  open: (entry: ApkEntry) => AsyncIterable<Uint8Array>,
  entry: ApkEntry,
  section: JarSection,
  minSdk: number,
): Promise<Remark | undefined> {
  const target = entry.name
  const digests = digestsToVerify(section, '-Digest', minSdk)
  if (digests.length === 0) {
    const detail = `the manifest has no digest for it that Android knows from API level ${minSdk} on`
    return { code: 'apk-v1-entry-unsigned', detail, target }
  }
  const hashes = digests.map(({ algorithm }) => createHash(algorithm))
  try {
    for await (const chunk of open(entry)) for (const hash of hashes) hash.update(chunk)
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    return { code: 'apk-entry-unreadable', detail: zipDetail(error), target }
  }
  const holds = digests.every(({ digest }, index) => {
    const actual = hashes[index]?.digest()
    return digest !== undefined && actual !== undefined && sameBytes(actual, digest)
  })
  return holds ? undefined : { code: 'apk-v1-content', detail: 'it was changed after signing', target }
}

/** One remark for all: packages have dozens of such entries, most of them version notes of libraries. */
function unprotected(archive: ApkArchive, signers: readonly JarSigner[]): Remark[] {
  const protectedNames = new Set([manifestName])
  for (const { blockName, fileName } of signers) protectedNames.add(blockName).add(fileName)
  const names = archive.entries
    .map(({ name }) => name)
    .filter((name) => name.startsWith(signatureFolder) && !protectedNames.has(name))
  const [first] = names
  if (first === undefined) return []
  const others = names.length > 1 ? `, nor ${names.length - 1} more like it` : ''
  return [
    { code: 'apk-v1-unprotected', detail: `the JAR signature does not cover it${others}`, target: first },
  ]
}
