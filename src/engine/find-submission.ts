import * as submissions from '../storage/submissions.ts'
import type { Context } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import type { Actor, Submission } from './types.ts'
import { sees } from './visible.ts'

/**
 * A submission alone, by what a path says of it: for reads that need nothing but its content.
 * @throws EngineError `not_found`, `forbidden`, `conflict` (of another product or track)
 */
export async function findSubmission(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
): Promise<Submission> {
  return context.database.read(async (tx) => {
    const submission = await submissions.get(tx, address.id)
    // Most reads name the product by its id: then the submission says by itself whose it is.
    if (submission && sees(actor, submission) && isAt(submission, address)) return submission
    return addressed(tx, actor, address)
  })
}

function isAt(submission: Submission, { product, productId, trackId, phases }: SubmissionAddress): boolean {
  return (
    submission.store === product?.store &&
    submission.productId === product.id &&
    (productId === undefined || submission.productId === productId) &&
    (trackId === undefined || submission.trackId === trackId) &&
    (phases === undefined || phases.includes(submission.phase))
  )
}
