import * as submissions from '../storage/submissions.ts'
import { advance } from './advance.ts'
import { type Context, lifecycleOf } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { type Action, effectOf, stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Actor, Finding, Submission } from './types.ts'

export interface ActOnSubmission extends SubmissionAddress {
  /** What a reviewer or operator decides; editing and committing are use cases of their own. */
  readonly action: Extract<Action, 'approve' | 'reject' | 'cancel' | 'release' | 'unpublish' | 'delete'>
  /** What the submission's owner should know and change. */
  readonly findings?: readonly Finding[]
  /** Looked at in the same transaction, before anything happens: throws to refuse. */
  readonly unless?: (submission: Submission) => void
}

/**
 * Carries out a decision, as far as the step the submission is in allows it.
 * @returns the submission as it is now; a deleted one as it was
 * @throws EngineError `not_found`, `conflict` (of another product or track), `wrong_state`, `forbidden` (a review
 * decided by a publisher); what `unless` throws
 */
export async function actOnSubmission(
  context: Context,
  actor: Actor,
  { action, findings = [], unless, ...address }: ActOnSubmission,
): Promise<Submission> {
  return context.database.write(async (tx) => {
    const submission = await addressed(tx, actor, address)
    unless?.(submission)
    const { id } = submission
    if (reviews.has(action) && actor.role !== 'operator') {
      throw new EngineError('forbidden', 'only an operator decides reviews', { target: 'role' })
    }
    const step = stepOf(lifecycleOf(context, submission), submission.step)
    // A release that a later one replaced rests in its step without being what customers get.
    const effect = submission.phase === step.phase ? effectOf(step, action) : undefined
    if (!effect || effect === 'stays') {
      throw new EngineError(
        'wrong_state',
        `the submission is ${submission.step}; it cannot be ${participle[action]}`,
      )
    }
    if (effect === 'deleted') {
      await submissions.remove(tx, id)
      await record(context, tx, { ...at(submission), type: 'submission.deleted', submissionId: id })
      return submission
    }
    return advance(context, tx, submission, effect.to, { findings })
  })
}

const reviews: ReadonlySet<Action> = new Set<Action>(['approve', 'reject'])

const participle: Record<ActOnSubmission['action'], string> = {
  approve: 'approved',
  reject: 'rejected',
  cancel: 'cancelled',
  release: 'released',
  unpublish: 'unpublished',
  delete: 'deleted',
}
