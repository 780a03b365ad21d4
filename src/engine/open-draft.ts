import * as packages from '../storage/packages.ts'
import * as submissions from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { mintUuid } from './random.ts'
import { at, record } from './record.ts'
import type { Content, Product, Submission, Track } from './types.ts'

export interface DraftWish {
  /** The lifecycle it follows; the product's kind when absent. */
  readonly lifecycle?: string
  readonly parentId?: string
  /** Makes the draft's content of what it inherits. */
  readonly fill?: (inherited: Content) => Content
  /** Made in a dashboard: with no place for a client to upload to. */
  readonly byHand?: true
  /** Copies nothing, whatever the store's spec says. */
  readonly blank?: true
}

/**
 * Opens a draft on a track: a copy of what the store's spec says a draft copies, packages included, or a blank
 * one; with a place to upload to where the store has one.
 * @throws EngineError `wrong_state` when the newest submission allows no sibling yet
 */
export async function openDraft(
  context: Context,
  tx: Tx,
  product: Product,
  track: Pick<Track, 'id'>,
  wish: DraftWish = {},
): Promise<Submission> {
  const spec = specOf(context, product.store)
  const name = wish.lifecycle ?? product.kind
  const lifecycle = spec.lifecycles[name]
  if (!lifecycle) throw new EngineError('internal', `no lifecycle for '${name}'`)
  const newest = await submissions.newest(tx, track.id)
  if (newest && !effectOf(stepOf(lifecycle, newest.step), 'create')) {
    throw new EngineError('wrong_state', `submission ${newest.id} is ${newest.step}`, { target: newest.id })
  }
  const source = wish.blank
    ? undefined
    : spec.clones === 'newest'
      ? newest
      : await submissions.inPhase(tx, track.id, 'live')
  const intake = !wish.byHand && spec.intake?.lifecycles.includes(name) ? spec.intake : undefined
  const inherited = source ? spec.clone(source.content) : spec.blank(name)
  // Which submission is the newest must not hang on two of them being made in the same millisecond.
  const now = Math.max(context.clock.now(), (newest?.createdAt ?? 0) + 1)
  const draft: Submission = {
    id: spec.mintId('submission', context.random),
    productId: product.id,
    trackId: track.id,
    accountId: product.accountId,
    store: product.store,
    lifecycle: name,
    step: lifecycle.start,
    phase: stepOf(lifecycle, lifecycle.start).phase,
    content: wish.fill ? wish.fill(inherited) : inherited,
    revision: 0,
    changed: false,
    verdict: null,
    findings: [],
    parentId: wish.parentId ?? null,
    clonedFrom: source?.id ?? null,
    uploadId: intake ? mintUuid(context.random) : null,
    createdAt: now,
    updatedAt: now,
    stepAt: now,
    publishedAt: null,
  }
  await submissions.insert(tx, draft)
  if (source) {
    const own = await packages.ofSubmission(tx, source.id)
    await packages.setOfSubmission(
      tx,
      draft.id,
      own.map((pack) => pack.id),
    )
  }
  if (intake && draft.uploadId !== null) {
    await uploads.insert(tx, {
      id: draft.uploadId,
      accountId: product.accountId,
      store: product.store,
      submissionId: draft.id,
      purpose: intake.purpose,
      fileName: intake.fileName(draft),
      contentType: 'application/octet-stream',
      blob: null,
      size: 0,
      createdAt: now,
      updatedAt: now,
    })
  }
  await record(context, tx, {
    ...at(draft),
    type: 'submission.created',
    submissionId: draft.id,
    data: { step: draft.step, clonedFrom: draft.clonedFrom },
  })
  // A lifecycle that starts with work has it done.
  if (stepOf(lifecycle, draft.step).does !== 'edit') {
    await context.jobs.enqueue(tx, { kind: 'submission', id: draft.id, accountId: draft.accountId }, now)
  }
  return draft
}
