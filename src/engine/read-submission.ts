import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import type { Context } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import type { Actor, Package, Product, Submission, Upload } from './types.ts'

/** A submission with everything a store may show of it. */
export interface SubmissionRecord {
  readonly submission: Submission
  readonly product: Product
  readonly packages: readonly Package[]
  /** The place to put its bytes, and what can be fetched of it. */
  readonly uploads: readonly Upload[]
  /** What belongs to it, such as its shipping labels, the oldest first. */
  readonly children: readonly Submission[]
}

/**
 * A submission, by what a path says of it.
 * @throws EngineError `not_found`, `conflict` (of another product or track)
 */
export async function readSubmission(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
): Promise<SubmissionRecord> {
  return context.database.read(async (tx) => {
    const submission = await addressed(tx, actor, address)
    const product = await products.get(tx, submission.productId)
    if (!product) throw new EngineError('internal', `submission ${submission.id} has no product`)
    return {
      submission,
      product,
      packages: await packages.ofSubmission(tx, submission.id),
      uploads: await uploads.allOfSubmission(tx, submission.id),
      children: await submissions.byParent(tx, submission.id),
    }
  })
}
