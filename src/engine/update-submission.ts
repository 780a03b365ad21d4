import { isDeepStrictEqual } from 'node:util'
import * as submissions from '../storage/submissions.ts'
import { type Context, lifecycleOf, specOf } from './context.ts'
import { EngineError } from './errors.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Submission } from './types.ts'
import { visibleSubmission } from './visible.ts'

export interface UpdateSubmission {
  readonly id: string
  readonly content: Content
  /** Refuse unless the submission still has this revision. */
  readonly revision?: number
}

/**
 * Replaces a draft's content.
 * @throws EngineError `not_found`, `wrong_state` (not editable now), `stale` (another revision), `invalid`
 */
export async function updateSubmission(
  context: Context,
  actor: Actor,
  { id, content, revision }: UpdateSubmission,
): Promise<Submission> {
  return context.database.write(async (tx) => {
    const submission = await visibleSubmission(tx, actor, id)
    if (!effectOf(stepOf(lifecycleOf(context, submission), submission.step), 'update')) {
      throw new EngineError('wrong_state', `the submission is ${submission.step} and cannot be edited`)
    }
    if (revision !== undefined && revision !== submission.revision) {
      throw new EngineError('stale', `the submission has revision ${submission.revision}`)
    }
    const [problem] = specOf(context, submission.store).readContent(submission.lifecycle, content)
    if (problem) throw new EngineError('invalid', problem.message, { target: problem.target ?? 'content' })
    if (isDeepStrictEqual(content, submission.content)) return submission
    const changed: Submission = {
      ...submission,
      content,
      revision: submission.revision + 1,
      changed: true,
      verdict: null,
      updatedAt: context.clock.now(),
    }
    await submissions.save(tx, changed)
    await record(context, tx, {
      ...at(changed),
      type: 'submission.changed',
      submissionId: id,
      data: { revision: changed.revision },
    })
    return changed
  })
}
