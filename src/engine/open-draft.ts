import * as packages from '../storage/packages.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Product, Submission } from './types.ts'

/**
 * Opens a draft on the product's main track: a copy of what the store's spec says a draft copies, packages
 * included, or a blank one.
 * @throws EngineError `wrong_state` when the newest submission allows no sibling yet
 */
export async function openDraft(context: Context, tx: Tx, product: Product): Promise<Submission> {
  const spec = specOf(context, product.store)
  const lifecycle = spec.lifecycles[product.kind]
  if (!lifecycle) throw new EngineError('internal', `no lifecycle for '${product.kind}'`)
  const track = await tracks.main(tx, product.id)
  const newest = await submissions.newest(tx, track.id)
  if (newest && !effectOf(stepOf(lifecycle, newest.step), 'create')) {
    throw new EngineError('wrong_state', `submission ${newest.id} is ${newest.step}`, { target: newest.id })
  }
  const source = spec.clones === 'newest' ? newest : await submissions.inPhase(tx, track.id, 'live')
  // Which submission is the newest must not hang on two of them being made in the same millisecond.
  const now = Math.max(context.clock.now(), (newest?.createdAt ?? 0) + 1)
  const draft: Submission = {
    id: spec.mintId('submission', context.random),
    productId: product.id,
    trackId: track.id,
    accountId: product.accountId,
    store: product.store,
    lifecycle: product.kind,
    step: lifecycle.start,
    phase: stepOf(lifecycle, lifecycle.start).phase,
    content: source ? spec.clone(source.content) : spec.blank(product.kind),
    revision: 0,
    changed: false,
    verdict: null,
    findings: [],
    clonedFrom: source?.id ?? null,
    createdAt: now,
    updatedAt: now,
    stepAt: now,
    publishedAt: null,
  }
  await submissions.insert(tx, draft)
  if (source) {
    const inherited = await packages.ofSubmission(tx, source.id)
    await packages.setOfSubmission(
      tx,
      draft.id,
      inherited.map((pack) => pack.id),
    )
  }
  await record(context, tx, {
    ...at(draft),
    type: 'submission.created',
    submissionId: draft.id,
    data: { step: draft.step, clonedFrom: draft.clonedFrom },
  })
  return draft
}
