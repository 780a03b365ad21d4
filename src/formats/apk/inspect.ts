import { openZip } from '../containers/zip.ts'
import { ZipError } from '../containers/zip-error.ts'
import { defaultLimits, type Inspection, type InspectionLimits, type Reader } from '../types.ts'
import { judgeAlignment, resourcesName } from './archive/alignment.ts'
import { type ApkArchive, apkArchive, readEntry, zipDetail } from './archive/apk-archive.ts'
import { readApkEnd } from './archive/apk-end.ts'
import { containerFindings, isContentTrusted, isDirectoryTrusted } from './archive/container-findings.ts'
import { readXml, type XmlDocument } from './axml/document.ts'
import { Malformed } from './byte-cursor.ts'
import { manifestFacts, signatureFacts } from './facts.ts'
import { ApkFindings } from './findings.ts'
import { judgeManifest } from './manifest/judge-manifest.ts'
import { readManifest } from './manifest/read-manifest.ts'
import { signingView } from './manifest/signing-view.ts'
import { type Resolver, resolver } from './resources/resolve.ts'
import { readResourceTable } from './resources/table.ts'
import { ContentSweep } from './signing/content-sweep.ts'
import { staleSignatures } from './signing/jar/stale-signatures.ts'
import { namedContentDigests } from './signing/scheme-signer.ts'
import {
  blockId,
  findSigningBlock,
  isSigningBlock,
  type NoSigningBlock,
  type SigningBlock,
} from './signing/signing-block.ts'
import { type PackageContent, type SignedContent, type Verdict, verifySignatures } from './signing/verify.ts'

const manifestName = 'AndroidManifest.xml'
/** Several times the largest manifests known. */
const mostManifestBytes = 8 * 1024 ** 2
const mostResourceBytes = 64 * 1024 ** 2

/** Inspects an APK; see `docs/formats/apk.md` for its facts and findings. */
export async function inspectApk(
  reader: Reader,
  limits: InspectionLimits = defaultLimits,
): Promise<Inspection> {
  const findings = new ApkFindings()
  const end = await readApkEnd(reader)
  const block = end === undefined ? undefined : await findSigningBlock(reader, end)
  const signed = block !== undefined && isSigningBlock(block) ? signedContent(reader, block) : undefined
  const zip = await openZip(signed?.sweep ?? reader, limits)
  if (end === undefined || zip.entries.length === 0) {
    findings.include(zip.findings)
    findings.add('apk-manifest-missing', 'the package has no AndroidManifest.xml')
    return inspection(findings, signatureFacts(undefined))
  }
  const archive = apkArchive(reader, zip, end)
  const container = await containerFindings(reader, archive, signed?.block.offset)
  findings.include(container)
  judgeSigningBlock(block, findings)
  const document = await readManifestDocument(archive, findings)
  const resources = document === undefined ? resolver(undefined) : await openResources(archive, findings)
  const manifest = document && readManifest(document, resources)
  if (document !== undefined) judgeManifest(document, manifest, findings)
  judgeAlignment(archive, manifest?.targetSdk ?? 1, manifest?.extractNativeLibs, findings)
  const trusted = isDirectoryTrusted(container) && archive.directoryOffset === zip.centralDirectoryOffset
  const content = { archive, signed, isTrusted: isContentTrusted(container) }
  const verdict = await judgeSignatures(content, trusted ? document : undefined, findings)
  return inspection(findings, {
    ...(manifest === undefined ? {} : manifestFacts(manifest, archive)),
    ...signatureFacts(verdict),
  })
}

function signedContent(reader: Reader, block: SigningBlock): SignedContent {
  const kinds = (['v2', 'v3', 'v3.1'] as const).flatMap((scheme) => {
    const value = block.values.get(scheme === 'v3.1' ? blockId.v31 : blockId[scheme])
    return value === undefined ? [] : [...namedContentDigests(scheme, value)]
  })
  return { block, sweep: new ContentSweep(reader, block.offset, new Set(kinds)) }
}

function judgeSigningBlock(block: SigningBlock | NoSigningBlock | undefined, findings: ApkFindings): void {
  if (block?.problem !== undefined) {
    findings.add('apk-signing-block-malformed', `the APK Signing Block is not read: ${block.problem}`)
  }
  if (block === undefined || !isSigningBlock(block)) return
  for (const id of block.repeated) {
    if (!Object.values(blockId).some((known) => known === id)) continue
    const detail = `the APK Signing Block has two values of id 0x${id.toString(16)}`
    findings.add('apk-signing-block-ambiguous', detail)
  }
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
    findings.add('apk-entry-unreadable', zipDetail(error), manifestName)
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
    if (error instanceof ZipError) findings.add('apk-entry-unreadable', zipDetail(error), resourcesName)
    else if (error instanceof Malformed) findings.add('apk-resources-malformed', error.message, resourcesName)
    else throw error
    return resolver(undefined)
  }
}

async function judgeSignatures(
  content: PackageContent,
  document: XmlDocument | undefined,
  findings: ApkFindings,
): Promise<Verdict | undefined> {
  if (document === undefined || document.refusals.length > 0) {
    findings.add('apk-signature-unverifiable', 'the container or the manifest is not in order')
    return undefined
  }
  const view = signingView(document)
  if ('problem' in view) {
    findings.add('apk-min-sdk-unreadable', view.problem, manifestName)
    return undefined
  }
  const verdict = await verifySignatures(content, view)
  const remarks = [...verdict.problems, ...verdict.remarks]
  if (verdict.verified && !verdict.schemes.includes('v1')) {
    const certificates = [
      ...verdict.signers.map(({ certificate }) => certificate),
      ...(verdict.lineage ?? []),
    ]
    remarks.push(
      ...(await staleSignatures(content.archive, new Set(certificates.map(({ sha256 }) => sha256)))),
    )
  }
  for (const { code, detail, target } of remarks) findings.add(code, detail, target)
  return verdict
}
