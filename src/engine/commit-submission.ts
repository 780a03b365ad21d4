import { advance } from './advance.ts'
import { type Context, lifecycleOf } from './context.ts'
import { markDirectUpload, rememberMark } from './direct-upload.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { judge } from './judge.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import type { Actor, Finding, Submission } from './types.ts'

export interface CommitSubmission extends SubmissionAddress {
  /** Looked at in the same transaction, before anything is judged: throws to refuse. */
  readonly unless?: (submission: Submission) => void
}

/** `refused` where the lifecycle judges at once and the verdict was negative: nothing changed. */
export type Commitment =
  | { readonly submission: Submission; readonly refused?: undefined }
  | { readonly submission: Submission; readonly refused: readonly Finding[] }

/**
 * Hands a draft in.
 * @throws EngineError `not_found`, `conflict` (of another product or track), `wrong_state`; what `unless` throws
 */
export async function commitSubmission(
  context: Context,
  actor: Actor,
  { unless, ...address }: CommitSubmission,
): Promise<Commitment> {
  const mark = await markDirectUpload(context, actor, address)
  return context.database.write(async (tx) => {
    const submission = await addressed(tx, actor, address)
    unless?.(submission)
    const effect = effectOf(stepOf(lifecycleOf(context, submission), submission.step), 'commit')
    if (typeof effect !== 'object') {
      throw new EngineError('wrong_state', `the submission is ${submission.step}`, { target: 'step' })
    }
    await rememberMark(tx, mark)
    if (!effect.verdict) return { submission: await advance(context, tx, submission, effect.to) }
    const { findings, verdict } = await judge(context, tx, submission)
    if (verdict === null) return { submission, refused: findings }
    return { submission: await advance(context, tx, submission, effect.to, { findings, verdict }) }
  })
}

/**
 * What a commit would be refused for, without committing.
 * @throws EngineError `not_found`, `conflict`
 */
export async function validateSubmission(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
): Promise<{ submission: Submission; findings: readonly Finding[]; sound: boolean }> {
  return context.database.write(async (tx) => {
    const submission = await addressed(tx, actor, address)
    const { findings, verdict } = await judge(context, tx, submission)
    return { submission, findings, sound: verdict !== null }
  })
}
