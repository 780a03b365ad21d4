import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { getProduct } from './get-product.ts'
import { openDraft } from './open-draft.ts'
import type { Actor, Submission } from './types.ts'

/**
 * Opens a draft on the product's main track.
 * @throws EngineError `not_found`; `conflict` when there is a draft; `wrong_state` when the store allows none now
 */
export async function createSubmission(
  context: Context,
  actor: Actor,
  productId: string,
): Promise<Submission> {
  const product = await getProduct(context, actor, productId)
  return context.database.write(async (tx) => {
    const track = await tracks.main(tx, product.id)
    const draft = await submissions.inPhase(tx, track.id, 'draft')
    if (draft)
      throw new EngineError('conflict', `submission ${draft.id} is a draft already`, { target: draft.id })
    return openDraft(context, tx, product)
  })
}
