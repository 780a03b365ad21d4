import type { Submission } from '../../engine/index.ts'

/** Where a workflow stands, as clients see it; the state is that of the current step alone (7-8). */
export interface WorkflowStatus {
  readonly currentStep: string
  readonly state: 'notStarted' | 'started' | 'failed' | 'completed'
  readonly messages: readonly string[]
  readonly errorReport?: string
}

/** The steps of every workflow that do not end it are only ever `started`: some clients take any `completed` for the end. */
export function workflowStatus(submission: Submission): WorkflowStatus {
  const { step, lifecycle, findings, phase } = submission
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (phase === 'cancelled')
    return {
      currentStep: 'microsoftApproval',
      state: 'failed',
      messages: ['The shipping label was cancelled.'],
    }
  if (phase === 'failed') {
    const messages = errors.map(({ message }) => message)
    return {
      currentStep: step.replace(/Failed$/, ''),
      state: 'failed',
      messages: messages.length > 0 ? messages : [`The workflow failed in ${step.replace(/Failed$/, '')}.`],
    }
  }
  if (step === 'completed') return { currentStep: lastStep(lifecycle), state: 'completed', messages: [] }
  if (step === 'commitPending')
    return { currentStep: 'packageInfoValidation', state: 'notStarted', messages: [] }
  if (step === 'created') return { currentStep: 'preProcessShippingLabel', state: 'notStarted', messages: [] }
  return { currentStep: step, state: 'started', messages: [] }
}

function lastStep(lifecycle: string): string {
  if (lifecycle === 'windowsUpdateLabel') return 'finalizePublishing'
  return lifecycle === 'sharingLabel' ? 'finalizeSharing' : 'finalizeIngestion'
}

export type CommitStatus = 'commitPending' | 'commitStarted' | 'commitComplete' | 'commitFailed'

/**
 * The service owns a package once it was looked into (microsoft-hardware.md 3.1). The status leaves `commitPending`
 * in the transaction of the commit, so that no answer shows it afterwards.
 */
export function commitStatus({ step }: Submission): CommitStatus {
  if (step === 'commitPending') return 'commitPending'
  if (step === 'packageInfoValidation') return 'commitStarted'
  return step === 'packageInfoValidationFailed' ? 'commitFailed' : 'commitComplete'
}
