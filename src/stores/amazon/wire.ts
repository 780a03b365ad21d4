import type { Submission } from '../../engine/index.ts'
import type { Apk, Asset, Availability, Listing } from './document.ts'

/** Exactly two keys: strict clients throw on more (amazon-appstore.md 7-24). */
export interface WireEdit {
  readonly id: string
  readonly status: 'IN_PROGRESS' | 'SUBMITTED' | 'REVIEW' | 'LIVE'
}

/** Reads say `REVIEW` from the commit to the release (amazon-appstore.md 7-23). */
export function toWireEdit({ id, phase }: Submission): WireEdit {
  if (phase === 'draft') return { id, status: 'IN_PROGRESS' }
  return { id, status: phase === 'moving' ? 'REVIEW' : 'LIVE' }
}

/** What a commit answers: `SUBMITTED`, which no later read says. */
export function toWireCommitment({ id }: Submission): WireEdit {
  return { id, status: 'SUBMITTED' }
}

/** All seven keys, also when they are empty (amazon-appstore.md 2.3, 7-18). */
export function toWireListing(language: string, listing: Listing) {
  const { title, shortDescription, fullDescription, recentChanges, featureBullets, keywords } = listing
  return { language, title, shortDescription, fullDescription, recentChanges, featureBullets, keywords }
}

export function toWireApk({ versionCode, id, name }: Apk) {
  return { versionCode, id, name }
}

export function toWireAsset({ id }: Asset) {
  return { id }
}

/** The object is there also without a date: a client crashes on null (amazon-appstore.md 7-49). */
export function toWireAvailability({ dateTime, zoneId }: Availability) {
  return { publishingDate: { dateTime, zoneId } }
}
