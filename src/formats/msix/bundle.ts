import { openZip, ZipError } from '../containers/zip.ts'
import { rangeReader } from '../range-reader.ts'
import type { Reader } from '../types.ts'
import { judgePackageSet } from './bundle-check.ts'
import { type BundledPackage, type BundleManifest, readBundleManifest } from './bundle-manifest.ts'
import { compareWithBundle, type InnerPackage } from './bundled-package.ts'
import { containerFindings, kindOf } from './container.ts'
import { type Source, unpack } from './content.ts'
import { footprintKey, pathKey } from './file-name.ts'
import type { MsixFindings, Say } from './findings.ts'
import { footprint, mayMissInBlockMap, mostBytes } from './footprint.ts'
import type { LimitsLeft } from './limits-left.ts'
import { inspectPackage, type PackageReport } from './package.ts'
import { type Parts, readFootprint, readParts } from './parts.ts'
import { verifyPayload } from './payload.ts'
import type { RecordDigest } from './record-digest.ts'
import type { Signer } from './signature.ts'
import { judgeSignature, recordDigestFor } from './signature-check.ts'

/** The package beside the bundle that has this key (see pathKey); undefined when there is none. */
export type FindSibling = (key: string) => Promise<Reader | undefined>

export interface BundleReport {
  readonly manifest: BundleManifest | undefined
  readonly packages: readonly InnerPackage[]
  readonly signed: boolean
  readonly signer: Signer | undefined
}

const manifestKey = footprintKey(footprint.bundleManifest)

/**
 * Inspects a bundle of an archive that has no container errors, and every package in it where it lies.
 * @param findSibling finds the packages that a flat bundle refers to
 */
export async function inspectBundle(
  source: Source,
  limits: LimitsLeft,
  findings: MsixFindings,
  findSibling: FindSibling,
): Promise<BundleReport> {
  const parts = await readParts(source, limits.now(), findings)
  const { files, signatureEntry, signature } = parts
  const bytes = await readFootprint(source, files, footprint.bundleManifest, mostBytes.manifest, findings)
  const manifest = bytes === undefined ? undefined : readBundleManifest(bytes, findings.say)
  const records = recordDigestFor(parts)
  await verifyBundleContent(parts, records, findings)
  const packages: InnerPackage[] = []
  const imagesElsewhere = manifest?.packages.some(({ type }) => type === 'resource') ?? false
  for (const listed of manifest?.packages ?? []) {
    const reader = await locate(parts, listed, findSibling, findings.say)
    const inner = findings.inside(listed.fileName)
    const report =
      reader === undefined ? undefined : await inspectInner(reader, limits, inner, imagesElsewhere)
    if (manifest !== undefined && report?.manifest !== undefined) {
      compareWithBundle(listed, manifest, report.manifest, findings.say)
    }
    packages.push({ listed, report })
  }
  if (manifest !== undefined) {
    judgeUnlisted(parts, manifest, findings.say)
    judgePackageSet(manifest, packages, findings.say)
  }
  await judgeSignature(parts, records, 'bundle', manifest?.identity.publisher, findings.say)
  return { manifest, packages, signed: signatureEntry !== undefined, signer: signature?.signer }
}

/** The block map of a bundle covers its manifest alone; packages have block maps of their own. */
async function verifyBundleContent(
  parts: Parts,
  records: RecordDigest | undefined,
  findings: MsixFindings,
): Promise<void> {
  const { source, files, blockMap } = parts
  if (blockMap !== undefined) {
    const listed = new Map(blockMap.files)
    for (const [key, { name }] of blockMap.files) {
      if (key === manifestKey || mayMissInBlockMap.has(key)) continue
      findings.say('msix-block-map-extra-file', `the block map of a bundle lists ${name}`, footprint.blockMap)
      listed.delete(key)
    }
    const own = new Map([...files].filter(([key]) => key === manifestKey))
    await verifyPayload(source, own, { ...blockMap, files: listed }, undefined, findings)
  }
  const ordered = [...files.values()].sort((a, b) => a.entry.headerOffset - b.entry.headerOffset)
  for (const { entry } of ordered) {
    if (entry.name === footprint.signature) continue
    await records?.advance(entry.headerOffset)
    try {
      for await (const _ of unpack(source, entry, undefined, records));
    } catch (error) {
      if (!(error instanceof ZipError)) throw error
      findings.addAll([error.toFinding()])
    }
  }
}

/** Where a listed package can be read; undefined when nowhere, and `say` was told why. */
async function locate(
  { source, files }: Parts,
  listed: BundledPackage,
  findSibling: FindSibling,
  say: Say,
): Promise<Reader | undefined> {
  const { fileName, offset, size } = listed
  const key = pathKey(fileName)
  const entry = files.get(key)?.entry
  if (entry === undefined) {
    if (offset !== undefined && offset !== 0) {
      say('msix-bundle-package-missing', 'the bundle lists the package but does not contain it', fileName)
      return undefined
    }
    const sibling = await findSibling(key)
    if (sibling === undefined) {
      say('msix-bundle-package-external', 'the package is outside of the bundle', fileName)
    } else if (size !== undefined && size !== sibling.size) {
      say(
        'msix-bundle-package-size',
        `the bundle gives ${size} bytes, the package has ${sibling.size}`,
        fileName,
      )
    }
    return sibling
  }
  if (entry.method !== 0) {
    say('msix-bundle-package-compressed', 'the package is compressed', fileName)
    return undefined
  }
  const dataOffset = await source.archive.dataOffset(entry)
  if (offset !== dataOffset) {
    say(
      'msix-bundle-package-offset',
      `the bundle says offset ${offset ?? 'nothing'}, it is ${dataOffset}`,
      fileName,
    )
  }
  if (size !== entry.uncompressedSize) {
    const sizes = `the bundle says ${size ?? 'nothing'}, it has ${entry.uncompressedSize} bytes`
    say('msix-bundle-package-size', sizes, fileName)
  }
  return rangeReader(source.reader, dataOffset, entry.compressedSize)
}

async function inspectInner(
  reader: Reader,
  limits: LimitsLeft,
  findings: MsixFindings,
  imagesElsewhere: boolean,
): Promise<PackageReport | undefined> {
  const archive = await openZip(reader, limits.now())
  findings.addAll(containerFindings(archive))
  if (archive.findings.some(({ severity }) => severity === 'error')) return undefined
  if (kindOf(archive) !== 'package') {
    findings.say('msix-not-a-package', 'it is not an app package')
    return undefined
  }
  const report = await inspectPackage({ reader, archive }, limits.now(), findings, imagesElsewhere)
  limits.take(archive)
  return report
}

function judgeUnlisted({ files }: Parts, { packages }: BundleManifest, say: Say): void {
  const listed = new Set(packages.map(({ fileName }) => pathKey(fileName)))
  for (const [key, { path }] of files) {
    if (listed.has(key) || mayMissInBlockMap.has(key) || key === manifestKey) continue
    say('msix-bundle-package-unlisted', 'the manifest of the bundle does not list it', path)
  }
}
