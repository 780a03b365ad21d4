import { openZip } from '../containers/zip.ts'
import { ZipError } from '../containers/zip-error.ts'
import { defaultLimits, type Inspection, type InspectionLimits, type Reader } from '../types.ts'
import { judgeAlignment, resourcesName } from './archive/alignment.ts'
import { type ApkArchive, readApkArchive, readEntry } from './archive/apk-archive.ts'
import { containerFindings, isDistrusted } from './archive/container-findings.ts'
import { readXml, type XmlDocument } from './axml/document.ts'
import { Malformed } from './byte-cursor.ts'
import { manifestFacts, signatureFacts } from './facts.ts'
import { ApkFindings } from './findings.ts'
import { judgeManifest } from './manifest/judge-manifest.ts'
import { readManifest } from './manifest/read-manifest.ts'
import { signingView } from './manifest/signing-view.ts'
import { type Resolver, resolver } from './resources/resolve.ts'
import { readResourceTable } from './resources/table.ts'
import { staleSignatures } from './signing/jar/stale-signatures.ts'
import { blockId, findSigningBlock, isSigningBlock, type SigningBlock } from './signing/signing-block.ts'
import { type Verdict, verifySignatures } from './signing/verify.ts'

const manifestName = 'AndroidManifest.xml'
/** Ten times the largest manifests known. */
const mostManifestBytes = 16 * 1024 ** 2
const mostResourceBytes = 64 * 1024 ** 2

/** Inspects an APK; see `docs/formats/apk.md` for its facts and findings. */
export async function inspectApk(
  reader: Reader,
  limits: InspectionLimits = defaultLimits,
): Promise<Inspection> {
  const findings = new ApkFindings()
  const zip = await openZip(reader, limits)
  if (zip.entries.length === 0) {
    findings.include(zip.findings)
    findings.add('apk-manifest-missing', 'the package has no AndroidManifest.xml')
    return inspection(findings, { signatureVerified: false, schemes: [], signers: [] })
  }
  const archive = await readApkArchive(reader, zip)
  const block = await findSigningBlock(reader, archive)
  const container = await containerFindings(reader, archive, isSigningBlock(block))
  findings.include(container)
  if (block.problem !== undefined) {
    findings.add('apk-signing-block-malformed', `the APK Signing Block is not read: ${block.problem}`)
  }
  const document = await readManifestDocument(archive, findings)
  const resources = document === undefined ? resolver(undefined) : await openResources(archive, findings)
  const manifest = document && readManifest(document, resources)
  if (document !== undefined) judgeManifest(document, manifest, findings)
  judgeAlignment(archive, manifest?.targetSdk ?? 1, manifest?.extractNativeLibs, findings)
  const trusted = !isDistrusted(container) && archive.directoryOffset === zip.centralDirectoryOffset
  const verdict = await judgeSignatures(
    reader,
    archive,
    isSigningBlock(block) ? block : undefined,
    trusted ? document : undefined,
    findings,
  )
  return inspection(findings, {
    ...(manifest === undefined ? {} : manifestFacts(manifest, archive)),
    ...signatureFacts(verdict),
  })
}

function inspection(findings: ApkFindings, facts: Inspection['facts']): Inspection {
  const list = findings.list()
  return { format: 'apk', sound: list.every(({ severity }) => severity !== 'error'), facts, findings: list }
}

async function readManifestDocument(
  archive: ApkArchive,
  findings: ApkFindings,
): Promise<XmlDocument | undefined> {
  const entry = archive.find(manifestName)
  if (entry === undefined) {
    findings.add('apk-manifest-missing', 'the package has no AndroidManifest.xml')
    return undefined
  }
  const size = entry.zip.uncompressedSize
  if (size > mostManifestBytes) {
    findings.add(
      'apk-manifest-too-large',
      `it is ${size} bytes long, more than ${mostManifestBytes}`,
      manifestName,
    )
    return undefined
  }
  try {
    return readXml(await readEntry(archive, entry, mostManifestBytes))
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    findings.add('apk-entry-unreadable', error.message, manifestName)
    return undefined
  }
}

async function openResources(archive: ApkArchive, findings: ApkFindings): Promise<Resolver> {
  const entry = archive.find(resourcesName)
  if (entry === undefined) return resolver(undefined)
  const size = entry.zip.uncompressedSize
  if (size > mostResourceBytes) {
    const detail = `it is ${size} bytes long, more than ${mostResourceBytes}`
    findings.add('apk-resources-too-large', detail, resourcesName)
    return resolver(undefined)
  }
  try {
    return resolver(readResourceTable(await readEntry(archive, entry, mostResourceBytes)))
  } catch (error) {
    if (error instanceof ZipError) findings.add('apk-entry-unreadable', error.message, resourcesName)
    else if (error instanceof Malformed) findings.add('apk-resources-malformed', error.message, resourcesName)
    else throw error
    return resolver(undefined)
  }
}

async function judgeSignatures(
  reader: Reader,
  archive: ApkArchive,
  block: SigningBlock | undefined,
  document: XmlDocument | undefined,
  findings: ApkFindings,
): Promise<Verdict | undefined> {
  for (const id of block?.repeated ?? []) {
    if (!Object.values(blockId).some((known) => known === id)) continue
    const detail = `the APK Signing Block has two values of id 0x${id.toString(16)}`
    findings.add('apk-signing-block-ambiguous', detail)
  }
  if (document === undefined || document.refusals.length > 0) {
    findings.add('apk-signature-unverifiable', 'the container or the manifest is not in order')
    return undefined
  }
  const view = signingView(document)
  if ('problem' in view) {
    findings.add('apk-min-sdk-unreadable', view.problem, manifestName)
    return undefined
  }
  const verdict = await verifySignatures(reader, archive, block, view)
  for (const { code, detail, target } of [...verdict.problems, ...verdict.remarks])
    findings.add(code, detail, target)
  if (verdict.verified && !verdict.schemes.includes('v1')) {
    const known = new Set(
      [...verdict.signers.map(({ certificate }) => certificate), ...(verdict.lineage ?? [])].map(
        ({ sha256 }) => sha256,
      ),
    )
    for (const { code, detail, target } of await staleSignatures(archive, known))
      findings.add(code, detail, target)
  }
  return verdict
}
