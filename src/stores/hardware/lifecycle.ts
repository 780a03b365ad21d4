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

const work: Record<(typeof workflow)[number], Pick<Step, 'does' | 'onDemand' | 'on'>> = {
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
    ...Object.fromEntries(
      workflow.map((name, index): [string, Step] => [
        name,
        {
          phase: 'moving',
          lasts: 200,
          next: workflow[index + 1] ?? 'completed',
          fails: failedAt(name),
          ...work[name],
          on: { update: 'stays', ...work[name].on },
        },
      ]),
    ),
    ...Object.fromEntries(workflow.map(failure)),
    completed: { does: 'end', phase: 'live', on: { update: 'stays', create: 'stays' } },
  },
}
