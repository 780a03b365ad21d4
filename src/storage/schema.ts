import type { Generated } from 'kysely'

/**
 * The tables. Times are milliseconds since 1970, JSON is text, booleans are 0 or 1: what both databases agree
 * on, so that one query serves both.
 */
export interface Schema {
  account: AccountRow
  credential: CredentialRow
  signingKey: SigningKeyRow
  product: ProductRow
  track: TrackRow
  submission: SubmissionRow
  package: PackageRow
  submissionPackage: SubmissionPackageRow
  operation: OperationRow
  event: EventRow
  job: JobRow
  jobRunner: JobRunnerRow
  upload: UploadRow
  uploadBlock: UploadBlockRow
  directUpload: DirectUploadRow
  blobPart: BlobPartRow
  keptFile: KeptFileRow
  blobRemoval: BlobRemovalRow
  housekeeping: HousekeepingRow
}

export interface AccountRow {
  id: string
  name: string
  createdAt: number
}

export interface CredentialRow {
  id: string
  accountId: string
  kind: string
  clientId: string
  tenantId: string | null
  hash: string
  role: string
  label: string
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
}

export interface SigningKeyRow {
  id: string
  purpose: string
  secret: string
  createdAt: number
  retiredAt: number | null
}

export interface ProductRow {
  id: string
  accountId: string
  store: string
  kind: string
  name: string
  identity: string | null
  parentId: string | null
  data: string
  createdAt: number
}

export interface TrackRow {
  id: string
  productId: string
  kind: string
  name: string
  data: string
  createdAt: number
}

export interface SubmissionRow {
  id: string
  productId: string
  trackId: string
  accountId: string
  store: string
  lifecycle: string
  step: string
  phase: string
  content: string
  revision: number
  changed: number
  verdict: string | null
  findings: string
  parentId: string | null
  clonedFrom: string | null
  uploadId: string | null
  createdAt: number
  updatedAt: number
  stepAt: number
  publishedAt: number | null
}

export interface PackageRow {
  id: string
  productId: string
  fileName: string
  blob: string
  size: number
  inspectedAt: number | null
  format: string | null
  sound: number
  facts: string
  findings: string
  ordinal: number
  createdAt: number
}

export interface SubmissionPackageRow {
  submissionId: string
  packageId: string
  position: number
}

export interface OperationRow {
  id: string
  productId: string
  accountId: string
  store: string
  kind: string
  status: string
  packageId: string | null
  submissionId: string | null
  refusal: string | null
  findings: string
  notes: string
  createdAt: number
  updatedAt: number
}

export interface EventRow {
  seq: Generated<number>
  at: number
  accountId: string
  type: string
  store: string | null
  productId: string | null
  submissionId: string | null
  data: string
}

export interface JobRow {
  kind: string
  id: string
  runAt: number
  /** Grows with every enqueue, so that a handler which enqueues its own subject again is not forgotten. */
  version: number
  attempts: number
  lastError: string | null
  accountId: string
}

/** A set of workers that claims jobs under this id; only where several processes share a database. */
export interface JobRunnerRow {
  id: string
}

export interface UploadRow {
  id: string
  accountId: string
  store: string
  submissionId: string | null
  purpose: string
  fileName: string
  contentType: string
  blob: string | null
  size: number
  createdAt: number
  updatedAt: number
}

export interface UploadBlockRow {
  uploadId: string
  blockId: string
  blob: string
  size: number
  /** 1 once a block list named it; a block that is sent again lies beside it until the next list. */
  committed: number
  /** When it was sent. */
  at: number
}

export interface DirectUploadRow {
  uploadId: string
  /** What the blob store calls the bytes as they were when the submission was handed in. */
  mark: string
}

export interface BlobPartRow {
  whole: string
  part: string
}

export interface KeptFileRow {
  sha256: string
  productId: string
}

export interface BlobRemovalRow {
  sha256: string
  removedAt: number | null
}

export interface HousekeepingRow {
  name: string
  /** By the clock on the wall, which a sandbox's need not follow. */
  dueAt: number
  cursors: string
}
