import type { InspectionLimits } from '../types.ts'
import { judgeReferences } from './assets.ts'
import type { Source } from './content.ts'
import type { MsixFindings } from './findings.ts'
import { footprint, mostBytes } from './footprint.ts'
import { readManifest } from './manifest.ts'
import type { Manifest } from './manifest-types.ts'
import { readFootprint, readParts } from './parts.ts'
import { verifyPayload } from './payload.ts'
import type { Signer } from './signature.ts'
import { judgeSignature, recordDigestFor } from './signature-check.ts'

/** What was learned about one package, inside or outside of a bundle. */
export interface PackageReport {
  /** Undefined when there was none to read. */
  readonly manifest: Manifest | undefined
  readonly signed: boolean
  readonly signer: Signer | undefined
}

/**
 * Inspects one package of an archive that has no container errors.
 * @param imagesElsewhere whether resource packages beside it may hold the images it names
 */
export async function inspectPackage(
  source: Source,
  limits: InspectionLimits,
  findings: MsixFindings,
  imagesElsewhere: boolean,
): Promise<PackageReport> {
  const parts = await readParts(source, limits, findings)
  const { files, blockMap, signatureEntry, signature } = parts
  const bytes = await readFootprint(source, files, footprint.manifest, mostBytes.manifest, findings)
  const manifest = bytes === undefined ? undefined : readManifest(bytes, findings.say)
  const records = recordDigestFor(parts)
  if (blockMap !== undefined) await verifyPayload(source, files, blockMap, records, findings)
  await judgeSignature(parts, records, 'package', manifest?.identity.publisher, findings.say)
  if (manifest !== undefined) {
    // A resource package repeats the logo of the application package it belongs to.
    const elsewhere = imagesElsewhere || manifest.kind === 'resource'
    judgeReferences(manifest.files, files.keys(), elsewhere, findings.say)
  }
  return { manifest, signed: signatureEntry !== undefined, signer: signature?.signer }
}
