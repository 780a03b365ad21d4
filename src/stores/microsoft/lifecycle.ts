import type { Lifecycle, Step } from '../../engine/lifecycle.ts'

/** A failed submission can only be deleted; clients then create the next one (microsoft-store.md 3.2, 3.7). */
const failed: Step = { does: 'end', phase: 'failed', on: { delete: 'deleted' } }

/**
 * The fifteen statuses of apps, flights and add-ons without `None` (microsoft-store.md 3.1, 3.2). There is no
 * cancel in the API: the portal has it, and the native API stands in for the portal.
 */
const steps: Lifecycle['steps'] = {
  PendingCommit: {
    does: 'edit',
    phase: 'draft',
    on: { update: 'stays', upload: 'stays', commit: { to: 'CommitStarted' }, delete: 'deleted' },
  },
  CommitStarted: {
    does: 'ingest',
    phase: 'moving',
    lasts: 500,
    next: 'PreProcessing',
    fails: 'CommitFailed',
    on: {},
  },
  CommitFailed: failed,
  PreProcessing: {
    does: 'pass',
    phase: 'moving',
    lasts: 500,
    next: 'Certification',
    fails: 'PreProcessingFailed',
    on: { cancel: { to: 'Canceled' } },
  },
  PreProcessingFailed: failed,
  Certification: {
    does: 'review',
    phase: 'moving',
    lasts: 1000,
    next: 'Release',
    fails: 'CertificationFailed',
    on: {
      cancel: { to: 'Canceled' },
      approve: { to: 'Release' },
      reject: { to: 'CertificationFailed' },
    },
  },
  CertificationFailed: failed,
  Release: {
    does: 'hold',
    phase: 'moving',
    lasts: 200,
    next: 'PendingPublication',
    fails: 'ReleaseFailed',
    on: { cancel: { to: 'Canceled' }, release: { to: 'PendingPublication' } },
  },
  ReleaseFailed: failed,
  PendingPublication: { does: 'pass', phase: 'moving', lasts: 200, next: 'Publishing', on: {} },
  Publishing: {
    does: 'publish',
    phase: 'moving',
    lasts: 500,
    next: 'Published',
    fails: 'PublishFailed',
    on: {},
  },
  PublishFailed: failed,
  Canceled: { does: 'end', phase: 'cancelled', on: { create: 'stays', delete: 'deleted' } },
  Published: { does: 'end', phase: 'live', on: { create: 'stays', rollout: 'stays' } },
}

export const appSubmission: Lifecycle = { start: 'PendingCommit', steps }

export const flightSubmission: Lifecycle = { start: 'PendingCommit', steps }

/** Add-ons have no rollout (microsoft-store.md 1.7). */
export const addOnSubmission: Lifecycle = {
  start: 'PendingCommit',
  steps: { ...steps, Published: { does: 'end', phase: 'live', on: { create: 'stays' } } },
}
