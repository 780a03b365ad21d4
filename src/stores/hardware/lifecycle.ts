import type { Lifecycle, Step } from '../../engine/lifecycle.ts'

const workflow = [
  'packageInfoValidation',
  'preparation',
  'scanning',
  'validation',
  'catalogCreation',
  'manualReview',
  'signing',
  'finalizeIngestion',
] as const

/** The step a submission ends in when the workflow fails at `step`; the wire shows `step` with state `failed`. */
export function failedAt(step: string): string {
  return `${step}Failed`
}

type Work = Pick<Step, 'does' | 'onDemand' | 'on' | 'lasts'>

const work: Record<(typeof workflow)[number], Work> = {
  packageInfoValidation: { does: 'ingest', on: {} },
  preparation: { does: 'pass', on: {} },
  scanning: { does: 'pass', on: {} },
  validation: { does: 'pass', on: {} },
  catalogCreation: { does: 'pass', on: {} },
  manualReview: {
    does: 'review',
    onDemand: true,
    on: { approve: { to: 'signing' }, reject: { to: failedAt('manualReview') } },
  },
  signing: { does: 'pass', on: {} },
  finalizeIngestion: { does: 'publish', on: {} },
}

/** One initial submission per product for ever, also after a failure (microsoft-hardware.md 3.7, 7-33). */
function failure(step: string): [string, Step] {
  return [failedAt(step), { does: 'end', phase: 'failed', on: {} }]
}

/** A workflow's steps, one after another, each with the step it fails to, and its end. */
function running(steps: Readonly<Record<string, Work>>, end: Step): { [name: string]: Step } {
  const names = Object.keys(steps)
  const moving = Object.entries(steps).map(([name, own], index): [string, Step] => [
    name,
    { phase: 'moving', lasts: 200, next: names[index + 1] ?? 'completed', fails: failedAt(name), ...own },
  ])
  return { ...Object.fromEntries(moving), ...Object.fromEntries(names.map(failure)), completed: end }
}

/**
 * A driver submission: the commit states and the ingestion workflow (microsoft-hardware.md 3.1, 3.2).
 * `create` asks for a derived submission, which needs a finished one.
 */
export const driverSubmission: Lifecycle = {
  start: 'commitPending',
  steps: {
    commitPending: {
      does: 'edit',
      phase: 'draft',
      on: { update: 'stays', upload: 'stays', commit: { to: 'packageInfoValidation' } },
    },
    ...running(
      Object.fromEntries(
        workflow.map((name) => [name, { ...work[name], on: { update: 'stays', ...work[name].on } }]),
      ),
      { does: 'end', phase: 'live', on: { update: 'stays', create: 'stays' } },
    ),
  },
}

/**
 * A driver update acceptable package: what an initial HLK submission was derived into. It takes the same way, on a
 * line of its own (microsoft-hardware.md 3.7).
 */
export const derivedSubmission: Lifecycle = {
  ...driverSubmission,
  steps: {
    ...driverSubmission.steps,
    completed: { does: 'end', phase: 'live', on: { update: 'stays' } },
  },
}

const labelStart: Record<string, Work> = {
  created: { does: 'pass', on: {} },
  preProcessShippingLabel: { does: 'ingest', on: {} },
  finalizePreProcessing: { does: 'pass', on: {} },
  publishJobValidation: { does: 'pass', on: {} },
}

/** Labels can be changed only while no workflow runs (microsoft-hardware.md 3.4). */
const labelEnd: Step = { does: 'end', phase: 'live', on: { update: 'stays' } }

/**
 * A shipping label for Windows Update (microsoft-hardware.md 3.4). It rests in `microsoftApproval`, the only step in
 * which it can be cancelled, long enough for a client that polls every five seconds to see it (7-43).
 */
export const windowsUpdateLabel: Lifecycle = {
  start: 'created',
  steps: {
    ...running(
      {
        ...labelStart,
        updateGeneration: { does: 'pass', on: {} },
        microsoftApproval: {
          does: 'review',
          lasts: 12_000,
          on: {
            cancel: { to: 'cancelled' },
            approve: { to: 'publishing' },
            reject: { to: failedAt('microsoftApproval') },
          },
        },
        publishing: { does: 'pass', on: {} },
        finalizePublishing: { does: 'publish', on: {} },
      },
      labelEnd,
    ),
    cancelled: { does: 'end', phase: 'cancelled', on: {} },
  },
}

/** A shipping label for another partner, which cannot be cancelled (microsoft-hardware.md 3.4). */
export const sharingLabel: Lifecycle = {
  start: 'created',
  steps: running(
    {
      ...labelStart,
      processSharing: { does: 'pass', on: {} },
      finalizeSharing: { does: 'publish', on: {} },
    },
    labelEnd,
  ),
}

/** A pre-production package by its `signingStatus` (microsoft-hardware.md 2.8); it is signed at once. */
export const preproductionPackage: Lifecycle = {
  start: 'NotStarted',
  steps: {
    NotStarted: { does: 'edit', phase: 'draft', on: { commit: { to: 'Processing' } } },
    Processing: { does: 'ingest', phase: 'moving', lasts: 200, next: 'Signing', fails: 'Failed', on: {} },
    Signing: { does: 'publish', phase: 'moving', lasts: 200, next: 'Succeeded', fails: 'Failed', on: {} },
    Succeeded: { does: 'end', phase: 'live', on: {} },
    Failed: { does: 'end', phase: 'failed', on: {} },
  },
}
