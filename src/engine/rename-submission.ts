import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import type { Context } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Product, Submission } from './types.ts'
import { fingerprint } from './verdict.ts'

export interface RenameSubmission extends SubmissionAddress {
  /**
   * Gives the content with another name, inside the transaction: pure, and throws to refuse. Nothing of it but what
   * no check looks at may differ, because a verdict stays what it was.
   */
  readonly decide: (submission: Submission, product: Product) => Content
}

/**
 * Changes what a submission is called, also while it is on its way and when it is live.
 * @throws EngineError `not_found`, `forbidden`, `conflict` (the address); what `decide` throws
 */
export async function renameSubmission(
  context: Context,
  actor: Actor,
  { decide, ...address }: RenameSubmission,
): Promise<Submission> {
  return context.database.write(async (tx) => {
    const submission = await addressed(tx, actor, address)
    const product = await products.get(tx, submission.productId)
    if (!product) throw new EngineError('internal', `submission ${submission.id} has no product`)
    const content = decide(submission, product)
    const own = await packages.ofSubmission(tx, submission.id)
    const isJudged = submission.verdict === fingerprint(submission.content, own)
    const renamed: Submission = {
      ...submission,
      content,
      revision: submission.revision + 1,
      verdict: isJudged ? fingerprint(content, own) : submission.verdict,
      updatedAt: context.clock.now(),
    }
    await submissions.save(tx, renamed)
    await record(context, tx, {
      ...at(renamed),
      type: 'submission.changed',
      submissionId: renamed.id,
      data: { revision: renamed.revision },
    })
    return renamed
  })
}
