import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import type { Context, Tx } from './context.ts'
import { namedProduct, type ProductAddress } from './describe-product.ts'
import { EngineError } from './errors.ts'
import { type DraftWish, openDraft } from './open-draft.ts'
import type { Actor, Product, Submission, Track } from './types.ts'
import { visibleProduct } from './visible.ts'

export interface CreateSubmission extends DraftWish {
  /** The main track when absent. */
  readonly trackId?: string
  /** Looked at in the same transaction, before anything is made: throws to refuse. */
  readonly unless?: (state: {
    product: Product
    track: Track
    newest: Submission | undefined
    live: Submission | undefined
  }) => void
}

/**
 * Opens a draft on one of the product's tracks.
 * @throws EngineError `not_found`; `forbidden` when an address is another account's; `conflict` when there is a
 * draft; `wrong_state` when the store allows none now
 */
export async function createSubmission(
  context: Context,
  actor: Actor,
  of: string | ProductAddress,
  { trackId, unless, ...wish }: CreateSubmission = {},
): Promise<Submission> {
  return context.database.write(async (tx) => {
    const product =
      typeof of === 'string' ? await visibleProduct(tx, actor, of) : await namedProduct(tx, actor, of)
    const track = await trackOf(tx, product, trackId)
    unless?.({
      product,
      track,
      newest: await submissions.newest(tx, track.id),
      live: await submissions.inPhase(tx, track.id, 'live'),
    })
    const draft = await submissions.inPhase(tx, track.id, 'draft')
    if (draft) {
      throw new EngineError('conflict', `submission ${draft.id} is a draft already`, { target: draft.id })
    }
    return openDraft(context, tx, product, track, wish)
  })
}

/**
 * One of the product's tracks; the main one when none is named.
 * @throws EngineError `not_found` with target `track`
 */
export async function trackOf(tx: Tx, product: Product, trackId: string | undefined): Promise<Track> {
  if (trackId === undefined) return tracks.main(tx, product.id)
  const track = await tracks.get(tx, trackId)
  if (track?.productId !== product.id)
    throw new EngineError('not_found', 'no such track', { target: 'track' })
  return track
}
