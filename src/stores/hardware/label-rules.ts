import type { BesideState, Package, Product, Submission } from '../../engine/index.ts'
import { driverMetadata, targetsOf } from './driver-metadata.ts'
import type { LabelData } from './label-document.ts'
import { foreignTargets, type HardwareTarget, type Targeting } from './label-targeting.ts'
import { isWindows10 } from './os-codes.ts'
import { factsOf, infsOf } from './package-facts.ts'
import { dataOf } from './product-document.ts'
import { refusals } from './refusals.ts'

/** Steps after pre-processing: from then on a submission can be labelled (microsoft-hardware.md 3.7). */
const ready = new Set([
  'scanning',
  'validation',
  'catalogCreation',
  'manualReview',
  'signing',
  'finalizeIngestion',
  'completed',
])

export const labelLifecycles: readonly string[] = ['windowsUpdateLabel', 'sharingLabel']

/** @throws HardwareRefusal when the submission may not have this label (microsoft-hardware.md 5.3) */
export function assertLabel({ product, parent, parentPackages }: BesideState, label: LabelData): void {
  if (!parent || labelLifecycles.includes(parent.lifecycle)) throw refusals.noSubmission()
  if (dataOf(product).originType !== 'author') throw refusals.readOnly()
  if (!ready.has(parent.step)) throw refusals.notReadyForLabel()
  // A partner is given what is finished.
  if (label.destination === 'anotherPartner' && parent.step !== 'completed') throw refusals.notReadyForLabel()
  const { publishingSpecifications: publishing, targeting } = label
  const isExtension = infsOf(factsOf(parentPackages)).some((inf) => inf.isExtension)
  const isAutomatic =
    publishing && (publishing.isAutoInstallDuringOSUpgrade || publishing.isAutoInstallOnApplicableSystems)
  if (publishing && isExtension && !isAutomatic) throw refusals.extensionNotAutomatic()
  if (publishing && targeting.hardwareIds.length === 0) {
    const message = 'At least one hardware id is required.'
    throw refusals.invalid([{ target: 'targeting.hardwareIds', message }])
  }
  assertTargeting(targeting, targeting.hardwareIds, { product, parent, packages: parentPackages })
}

/**
 * @param added the hardware ids to look for in the submission's driver metadata. Of an HLK package it is not known
 * which ids it has, so that all are taken.
 */
export function assertTargeting(
  targeting: Targeting,
  added: readonly HardwareTarget[],
  of: { readonly product: Product; readonly parent: Submission; readonly packages: readonly Package[] },
): void {
  const facts = factsOf(of.packages)
  if (facts?.container === 'cab') {
    const metadata = driverMetadata(facts, dataOf(of.product).requestedSignatures, of.parent.id)
    const foreign = foreignTargets(added, targetsOf(metadata))
    if (foreign.length > 0) throw refusals.invalid(foreign)
  }
  const isOlder = targeting.hardwareIds.some(({ operatingSystemCode }) => !isWindows10(operatingSystemCode))
  if (targeting.chids.length > 0 && isOlder) throw refusals.chidsBeforeWindows10()
}
