import * as submissions from '../storage/submissions.ts'
import { type Context, dueAt, lifecycleOf, type Tx } from './context.ts'
import { stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Finding, Submission } from './types.ts'

interface Change {
  readonly findings?: readonly Finding[]
  readonly verdict?: string | null
  readonly publishedAt?: number
}

/**
 * Moves a submission into a step, with the event that tells of it and the job that will do the step's work.
 * Steps that are only entered on demand are passed over unless people review.
 */
export async function advance(
  context: Context,
  tx: Tx,
  submission: Submission,
  to: string,
  change: Change = {},
): Promise<Submission> {
  const lifecycle = lifecycleOf(context, submission)
  let name = to
  let step = stepOf(lifecycle, name)
  while (step.onDemand && context.review === 'automatic' && step.next) {
    name = step.next
    step = stepOf(lifecycle, name)
  }
  const now = context.clock.now()
  const moved: Submission = {
    ...submission,
    ...change,
    step: name,
    phase: step.phase,
    stepAt: now,
    updatedAt: now,
  }
  await submissions.save(tx, moved)
  await record(context, tx, {
    ...at(moved),
    type: 'submission.moved',
    submissionId: moved.id,
    data: { from: submission.step, to: name, findings: moved.findings },
  })
  if (step.does !== 'edit' && step.does !== 'end') {
    await context.jobs.enqueue(
      tx,
      { kind: 'submission', id: moved.id, accountId: moved.accountId },
      dueAt(context, moved),
    )
  }
  return moved
}
