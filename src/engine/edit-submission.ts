import { isDeepStrictEqual } from 'node:util'
import * as packages from '../storage/packages.ts'
import * as submissions from '../storage/submissions.ts'
import { type Context, lifecycleOf, specOf, type Tx } from './context.ts'
import { trackOf } from './create-submission.ts'
import { namedProduct, type ProductAddress } from './describe-product.ts'
import { EngineError } from './errors.ts'
import { type Action, effectOf, stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Package, Phase, Submission } from './types.ts'
import { visibleSubmission } from './visible.ts'

/** Which submission a request is about, as far as its path says. */
export interface SubmissionAddress {
  readonly id: string
  readonly productId?: string
  /** In place of `productId` where the store tells a foreign or unknown product from a submission. */
  readonly product?: ProductAddress
  readonly trackId?: string
  /** Submissions in other phases are not found. */
  readonly phases?: readonly Phase[]
}

export interface Edit<T> {
  readonly content: Content
  /** Handed back to the caller. */
  readonly result: T
}

export interface EditSubmission<T> extends SubmissionAddress {
  /** Which action of the lifecycle it is. */
  readonly action: Extract<Action, 'update' | 'upload' | 'rollout'>
  /**
   * Decides on the new content, inside the transaction: pure, and throws to refuse. What it is given is what
   * the submission is now, so conditions on it (`If-Match`) hold.
   */
  readonly edit: (submission: Submission, packages: readonly Package[]) => Edit<T>
}

/**
 * Changes a submission's content by a pure decision of the store.
 * @throws EngineError `not_found`, `conflict` (of another product or track), `wrong_state`; what `edit` throws
 */
export async function editSubmission<T>(
  context: Context,
  actor: Actor,
  { action, edit, ...address }: EditSubmission<T>,
): Promise<{ submission: Submission; result: T }> {
  return context.database.write(async (tx) => {
    const submission = await addressed(tx, actor, address)
    if (!effectOf(stepOf(lifecycleOf(context, submission), submission.step), action)) {
      throw new EngineError('wrong_state', `the submission is ${submission.step}`, { target: 'step' })
    }
    const own = await packages.ofSubmission(tx, submission.id)
    const { content, result } = edit(submission, own)
    return { submission: await saveContent(context, tx, submission, content), result }
  })
}

/** Stores new content, unless it is the same, with the packages that it names. */
export async function saveContent(
  context: Context,
  tx: Tx,
  submission: Submission,
  content: Content,
): Promise<Submission> {
  if (isDeepStrictEqual(content, submission.content)) return submission
  const spec = specOf(context, submission.store)
  const changed: Submission = {
    ...submission,
    content,
    revision: submission.revision + 1,
    changed: true,
    // What was published stays judged: a rollout changes who gets it, not what it is.
    verdict: submission.phase === 'draft' ? null : submission.verdict,
    updatedAt: context.clock.now(),
  }
  await submissions.save(tx, changed)
  if (spec.packageIds) {
    const named = await packages.known(tx, submission.productId, spec.packageIds(content))
    await packages.setOfSubmission(tx, submission.id, named)
  }
  await record(context, tx, {
    ...at(changed),
    type: 'submission.changed',
    submissionId: changed.id,
    data: { revision: changed.revision },
  })
  return changed
}

/**
 * The submission a path names: the product is looked for first, then the track, then the submission.
 * @throws EngineError `not_found` with target `product`, `track` or `submission`, the last also for another
 * account's; `forbidden` with target `product`; `conflict` with target `submission` when it is of another product
 * or track than the path says
 */
export async function addressed(
  tx: Tx,
  actor: Actor,
  { id, product, trackId, phases, ...rest }: SubmissionAddress,
): Promise<Submission> {
  const named = product && (await namedProduct(tx, actor, product))
  if (named && trackId !== undefined) await trackOf(tx, named, trackId)
  const productId = named?.id ?? rest.productId
  const submission = await visibleSubmission(tx, actor, id)
  if (phases && !phases.includes(submission.phase)) {
    throw new EngineError('not_found', 'no such submission', { target: 'submission' })
  }
  if (
    (productId !== undefined && submission.productId !== productId) ||
    (trackId !== undefined && submission.trackId !== trackId)
  ) {
    throw new EngineError('conflict', 'the submission belongs to another product', { target: 'submission' })
  }
  return submission
}
