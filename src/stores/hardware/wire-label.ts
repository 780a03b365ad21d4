import type { Submission } from '../../engine/index.ts'
import { bareInteger } from '../../protocols/exact-json.ts'
import { labelDataOf, type Publishing } from './label-document.ts'
import type { Targeting } from './label-targeting.ts'
import type { Address, Link } from './links.ts'
import { workflowStatus } from './workflow.ts'

/** A shipping label; whom it is for is shown only when asked for (microsoft-hardware.md 2.5, 7-17). */
export function toWireLabel(label: Submission, address: Address, includeTargeting: boolean) {
  const { name, destination, publishingSpecifications, recipientSpecifications, targeting } =
    labelDataOf(label)
  const submissionId = label.parentId ?? '0'
  const self = address.label(label.productId, submissionId, label.id)
  const links: Link[] = [
    { href: self, rel: 'self', method: 'GET' },
    { href: self, rel: 'update_shippinglabel', method: 'PATCH' },
  ]
  return {
    id: bareInteger(label.id),
    productId: bareInteger(label.productId),
    submissionId: bareInteger(submissionId),
    ...(publishingSpecifications
      ? { publishingSpecifications: toWirePublishing(publishingSpecifications) }
      : {}),
    ...(recipientSpecifications ? { recipientSpecifications } : {}),
    ...(includeTargeting ? { targeting: toWireTargeting(targeting, label.step === 'completed') } : {}),
    workflowStatus: workflowStatus(label),
    links,
    name,
    destination,
  }
}

/** Seller ids are numbers here, while a receiver's publisher id is a text (7-19). */
function toWirePublishing(publishing: Publishing) {
  return {
    ...publishing,
    goLiveDate: new Date(publishing.goLiveDate).toISOString().replace('Z', '+00:00'),
    visibleToAccounts: publishing.visibleToAccounts.map(bareInteger),
  }
}

function toWireTargeting(targeting: Targeting, isPublished: boolean) {
  const distributionState = isPublished ? 'added' : 'pendingAdd'
  const { inServicePublishInfo, coEngDriverPublishInfo } = targeting
  return {
    hardwareIds: targeting.hardwareIds.map((target) => ({ ...target, distributionState })),
    chids: targeting.chids.map((chid) => ({ chid, distributionState })),
    restrictedToAudiences: targeting.restrictedToAudiences,
    ...(inServicePublishInfo ? { inServicePublishInfo } : {}),
    ...(coEngDriverPublishInfo
      ? {
          coEngDriverPublishInfo: Object.fromEntries(
            Object.entries(coEngDriverPublishInfo).map(([name, digits]) => [name, bareInteger(digits)]),
          ),
        }
      : {}),
  }
}
