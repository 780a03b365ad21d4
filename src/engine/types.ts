/**
 * The words of the engine. Times are milliseconds since 1970-01-01T00:00:00Z; ids are the store's own strings.
 *
 * account     a publisher; the boundary nobody sees across
 * credential  what a client proves itself with; stored hashed, expires, revocable
 * actor       who is calling, after authentication
 * product     what an account publishes in one store
 * track       a line of releases of one product: the main one, or a package flight
 * submission  one version of a track's content, from draft to published or failed
 * content     the store's own JSON document for a submission
 * package     an uploaded file that was inspected: facts + findings
 * finding     something the validators have to say
 * operation   an asynchronous request that a client polls
 * event       one line of the append-only record of everything that happened
 */
import type { Fact, Finding } from '../formats/types.ts'

export type { Fact, Finding, Severity } from '../formats/types.ts'

/** A JSON object that belongs to a store; the engine keeps it and never looks inside. */
export type Content = { readonly [key: string]: unknown }

export interface Account {
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

/** `secret`: client id + secret (OAuth clients). `api_key`: client id + key. `token`: a native API token. */
export type CredentialKind = 'secret' | 'api_key' | 'token'

/** `operator` runs the server: accounts, reviews, everybody's products. `publisher` sees its own account. */
export type Role = 'publisher' | 'operator'

export interface Credential {
  readonly id: string
  readonly accountId: string
  readonly kind: CredentialKind
  readonly clientId: string
  /** The directory an OAuth client belongs to; null where the store has none. */
  readonly tenantId: string | null
  /** SHA-256 of the secret, hex. */
  readonly hash: string
  readonly role: Role
  readonly label: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

export interface Actor {
  readonly accountId: string
  readonly credentialId: string
  readonly role: Role
}

export interface Product {
  readonly id: string
  readonly accountId: string
  readonly store: string
  /** The store's word for what it is: `extension`, `app`, `add-on`, `driver`. */
  readonly kind: string
  readonly name: string
  /** What its packages must claim to be; null until the first published package decides. */
  readonly identity: string | null
  /** The product it belongs to, such as an add-on's app; null for most. */
  readonly parentId: string | null
  /** The store's own document for the product itself. */
  readonly data: Content
  readonly createdAt: number
}

export interface Track {
  readonly id: string
  readonly productId: string
  readonly kind: 'main' | 'flight' | 'side'
  readonly name: string
  /** The store's own document for the track. */
  readonly data: Content
  readonly createdAt: number
}

/**
 * Where a submission stands, the same for every store.
 * `draft` editable · `moving` on its way · `live` what customers get · `past` was live · `failed` · `cancelled`
 */
export type Phase = 'draft' | 'moving' | 'live' | 'past' | 'failed' | 'cancelled'

export interface Submission {
  readonly id: string
  readonly productId: string
  readonly trackId: string
  readonly accountId: string
  readonly store: string
  /** Which of the store's lifecycles it follows. */
  readonly lifecycle: string
  /** The store's own name of the step it is in. */
  readonly step: string
  readonly phase: Phase
  readonly content: Content
  /** Grows by one with every change of content or packages. */
  readonly revision: number
  /** Whether anything differs from what it was cloned from. */
  readonly changed: boolean
  /** Fingerprint of the content and packages that were judged sound; null as long as nothing was. */
  readonly verdict: string | null
  /** What the last check, review or failure had to say. */
  readonly findings: readonly Finding[]
  /** The submission it belongs to, such as a shipping label's; null for most. */
  readonly parentId: string | null
  readonly clonedFrom: string | null
  /** Where its files are put; null where the store has no such place, and for drafts made in a dashboard. */
  readonly uploadId: string | null
  readonly createdAt: number
  readonly updatedAt: number
  /** When it entered its step. */
  readonly stepAt: number
  readonly publishedAt: number | null
}

export interface Package {
  readonly id: string
  readonly productId: string
  readonly fileName: string
  /** SHA-256 of the bytes, hex: the name of the blob. */
  readonly blob: string
  readonly size: number
  /** Null until it was inspected. */
  readonly inspectedAt: number | null
  readonly format: string | null
  readonly sound: boolean
  readonly facts: { readonly [name: string]: Fact }
  readonly findings: readonly Finding[]
  /** Position of its upload among all events: of two uploads, the one accepted later has the greater. */
  readonly ordinal: number
  readonly createdAt: number
}

/** A place to put bytes, or to get them from, behind a signed URL. */
export interface Upload {
  readonly id: string
  readonly accountId: string
  readonly store: string
  readonly submissionId: string | null
  /** What it is for in the words of the store; a submission has at most one of each. */
  readonly purpose: string
  readonly fileName: string
  readonly contentType: string
  /** The bytes' name; null as long as nothing was put. */
  readonly blob: string | null
  readonly size: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** `upload`: a package into the draft. `inspection`: a package that is put into a draft later. */
export type OperationKind = 'upload' | 'publish' | 'inspection'
export type OperationStatus = 'in_progress' | 'succeeded' | 'failed'

/** Why an operation failed; `findings` carries the details where there are any. */
export const refusals = [
  'never_published',
  'unpublishing',
  'submission_in_progress',
  'nothing_changed',
  'modules_invalid',
  'submission_invalid',
  'package_invalid',
  'broken',
  'unexpected',
] as const
export type Refusal = (typeof refusals)[number]

export interface Operation {
  readonly id: string
  readonly productId: string
  readonly accountId: string
  readonly store: string
  readonly kind: OperationKind
  readonly status: OperationStatus
  readonly packageId: string | null
  /** The submission it made or changed, once it succeeded. */
  readonly submissionId: string | null
  readonly refusal: Refusal | null
  readonly findings: readonly Finding[]
  /** What the client said along with it, such as notes for certification. */
  readonly notes: string
  readonly createdAt: number
  readonly updatedAt: number
}

export type EventType =
  | 'account.created'
  | 'credential.created'
  | 'credential.revoked'
  | 'product.created'
  | 'product.changed'
  | 'track.created'
  | 'track.deleted'
  | 'upload.put'
  | 'operation.started'
  | 'operation.settled'
  | 'package.inspected'
  | 'submission.created'
  | 'submission.changed'
  | 'submission.moved'
  | 'submission.published'
  | 'submission.deleted'

export interface Event {
  /** Position in the total order; grows without repeating. */
  readonly seq: number
  readonly at: number
  readonly accountId: string
  readonly type: EventType
  readonly store: string | null
  readonly productId: string | null
  readonly submissionId: string | null
  readonly data: { readonly [key: string]: unknown }
}

/** What a job is about; the job itself carries nothing else. */
export interface Subject {
  readonly kind: 'operation' | 'submission'
  readonly id: string
  /** Whose it is; accounts take turns. */
  readonly accountId: string
}
