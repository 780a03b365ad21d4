import { openCab } from '../containers/cab.ts'
import type { Inspection, InspectionLimits, Reader } from '../types.ts'
import { inspectSignature } from './authenticode.ts'
import { collectDriverFindings } from './findings.ts'
import { inspectContent } from './package.ts'

/**
 * Inspects a driver cabinet, the package of an attestation submission (microsoft-hardware.md 3.6). Facts:
 * `container`, `files`, `unpackedSize`, `architectures`, `drivers` (by folder, each with its `infs`), `signature`.
 */
export async function inspectDriverCab(
  reader: Reader,
  limits: InspectionLimits,
): Promise<Omit<Inspection, 'sound'>> {
  const findings = collectDriverFindings()
  const cabinet = await openCab(reader, limits)
  if (cabinet.findings.some(({ code }) => code === 'cab-not-a-cabinet')) {
    findings.add('driver-not-a-package', undefined)
    return { format: 'driver', facts: { container: null }, findings: findings.all() }
  }
  if (cabinet.files.length === 0) {
    return { format: 'driver', facts: { container: 'cab' }, findings: cabinet.findings }
  }
  if (cabinet.findings.some(({ code }) => code === 'cab-leading-bytes' || code === 'cab-trailing-bytes')) {
    findings.add('driver-bytes-outside', undefined)
  }
  const { facts, found } = await inspectContent(cabinet, findings)
  const signature = await inspectSignature(reader, cabinet, findings)
  return {
    format: 'driver',
    facts: { container: 'cab', ...facts, signature },
    findings: [...cabinet.findings, ...found, ...findings.all()],
  }
}
