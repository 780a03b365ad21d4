import type { Submission } from '../../engine/index.ts'
import { addOnDocument } from './document/add-on-submission.ts'
import { appDocument } from './document/app-submission.ts'
import type { SubmissionKind } from './document/documents.ts'
import { flightDocument } from './document/flight-submission.ts'
import { rolloutOf } from './rollout.ts'
import { statusDetails } from './wire-status.ts'

/** What the reply says beside the document: where it was asked, and where its files go. */
export interface Surroundings {
  readonly origin: string
  /** Null for drafts made in the portal (microsoft-store.md 7-23). */
  readonly fileUploadUrl: string | null
}

type ToWire = (submission: Submission, surroundings: Surroundings) => { readonly [member: string]: unknown }

/** The order of the members is that of live replies (microsoft-store.md 2.4, 2.13). */
export const toWireSubmission: Record<SubmissionKind, ToWire> = {
  app(submission, { origin, fileUploadUrl }) {
    const {
      applicationPackages,
      packageDeliveryOptions,
      enterpriseLicensing,
      allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies,
      allowTargetFutureDeviceFamilies,
      friendlyName,
      trailers,
      isSeekEnabled,
      inheritedLanguages: _,
      ...metadata
    } = appDocument(submission.content)
    return {
      id: submission.id,
      ...metadata,
      status: submission.step,
      statusDetails: statusDetails(submission, origin),
      fileUploadUrl,
      applicationPackages,
      packageDeliveryOptions: { ...packageDeliveryOptions, packageRollout: rolloutOf(submission) },
      enterpriseLicensing,
      allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies,
      allowTargetFutureDeviceFamilies,
      friendlyName,
      trailers,
      ...(isSeekEnabled === undefined ? {} : { isSeekEnabled }),
    }
  },

  flight(submission, { origin, fileUploadUrl }) {
    const { flightPackages, packageDeliveryOptions, ...schedule } = flightDocument(submission.content)
    return {
      id: submission.id,
      flightId: submission.trackId,
      status: submission.step,
      statusDetails: statusDetails(submission, origin),
      flightPackages,
      packageDeliveryOptions: { ...packageDeliveryOptions, packageRollout: rolloutOf(submission) },
      fileUploadUrl,
      ...schedule,
    }
  },

  'add-on'(submission, { origin, fileUploadUrl }) {
    const { friendlyName, inheritedLanguages: _, ...metadata } = addOnDocument(submission.content)
    return {
      id: submission.id,
      ...metadata,
      status: submission.step,
      statusDetails: statusDetails(submission, origin),
      fileUploadUrl,
      friendlyName,
    }
  },
}

/** The reply to a create that asked for little: without what makes it long (INFERRED, microsoft-store.md 1.2). */
export function minimal(wire: ReturnType<ToWire>): ReturnType<ToWire> {
  const { listings: _listings, applicationPackages: _app, flightPackages: _flight, ...rest } = wire
  return rest
}
