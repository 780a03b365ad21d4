import type * as engine from '../engine/index.ts'
import type * as schema from './schema.ts'

export function toWireProduct(product: engine.Product): schema.Product {
  const { id, accountId, store, kind, name, identity, createdAt } = product
  return { id, accountId, store, kind, name, identity, createdAt: toWireTime(createdAt) }
}

export function toWireSubmission(submission: engine.Submission): schema.Submission {
  const { id, productId, trackId, accountId, store, lifecycle, step, phase } = submission
  const { content, revision, changed, verdict, findings, clonedFrom } = submission
  return {
    id,
    productId,
    trackId,
    accountId,
    store,
    lifecycle,
    step,
    phase,
    content,
    revision,
    changed,
    judged: verdict !== null,
    findings: findings.map(toWireFinding),
    clonedFrom,
    createdAt: toWireTime(submission.createdAt),
    updatedAt: toWireTime(submission.updatedAt),
    stepAt: toWireTime(submission.stepAt),
    publishedAt: maybe(submission.publishedAt),
  }
}

type SubmissionView = Awaited<ReturnType<engine.Engine['getSubmission']>>

export function toWireSubmissionDetails({
  submission,
  packages,
  summary,
  work,
}: SubmissionView): schema.SubmissionDetails {
  const { title, version } = summary
  return {
    ...toWireSubmission(submission),
    packages: packages.map(toWirePackage),
    summary: { title, version },
    work: work && { dueAt: toWireTime(work.dueAt), attempts: work.attempts, lastError: work.lastError },
  }
}

export function toWirePackage(pack: engine.Package): schema.Package {
  const { id, productId, fileName, blob, size, format, sound, facts, findings } = pack
  return {
    id,
    productId,
    fileName,
    sha256: blob,
    size,
    format,
    sound,
    facts: { ...facts },
    findings: findings.map(toWireFinding),
    inspectedAt: maybe(pack.inspectedAt),
    createdAt: toWireTime(pack.createdAt),
  }
}

function toWireFinding({ code, severity, message, target }: engine.Finding): schema.Finding {
  return { code, severity, message, ...(target === undefined ? {} : { target }) }
}

/** Names what it shows: the hash must not get out by being new. */
export function toWireCredential(credential: engine.Credential): schema.Credential {
  const { id, accountId, kind, clientId, tenantId, role, label } = credential
  return {
    id,
    accountId,
    kind,
    clientId,
    tenantId,
    role,
    label,
    createdAt: toWireTime(credential.createdAt),
    expiresAt: maybe(credential.expiresAt),
    revokedAt: maybe(credential.revokedAt),
  }
}

export function toWireAccount({ id, name, createdAt }: engine.Account): schema.Account {
  return { id, name, createdAt: toWireTime(createdAt) }
}

export function toWireEvent(event: engine.Event): schema.Event {
  const { seq, at, accountId, type, store, productId, submissionId, data } = event
  return { seq, at: toWireTime(at), accountId, type, store, productId, submissionId, data: { ...data } }
}

function toWireTime(ms: number): string {
  return new Date(ms).toISOString()
}

function maybe(ms: number | null): string | null {
  return ms === null ? null : toWireTime(ms)
}
