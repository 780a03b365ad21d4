import * as packages from '../storage/packages.ts'
import * as submissions from '../storage/submissions.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { getProduct } from './get-product.ts'
import type { Summary } from './store-spec.ts'
import type { Actor, Package, Submission } from './types.ts'
import { visibleSubmission } from './visible.ts'
import { type Work, workOf } from './work.ts'

export interface SubmissionView {
  readonly submission: Submission
  readonly packages: readonly Package[]
  readonly summary: Summary
  readonly work: Work | null
}

/** @throws EngineError `not_found`, also for another account's submission */
export async function getSubmission(context: Context, actor: Actor, id: string): Promise<SubmissionView> {
  return context.database.read(async (tx) => {
    return view(context, tx, actor, await visibleSubmission(tx, actor, id))
  })
}

/**
 * A product's submissions, the oldest first, after one of them; empty past the last.
 * @throws EngineError `not_found` (product, or the submission to start after)
 */
export async function listSubmissions(
  context: Context,
  actor: Actor,
  page: { productId: string; after: string | null; limit: number },
): Promise<SubmissionView[]> {
  const product = await getProduct(context, actor, page.productId)
  return context.database.read(async (tx) => {
    const after = page.after === null ? null : await visibleSubmission(tx, actor, page.after)
    const listed = await submissions.list(tx, product.id, { after, limit: page.limit })
    const views: SubmissionView[] = []
    for (const submission of listed) {
      views.push(await view(context, tx, actor, submission))
    }
    return views
  })
}

async function view(context: Context, tx: Tx, actor: Actor, submission: Submission): Promise<SubmissionView> {
  const own = await packages.ofSubmission(tx, submission.id)
  const summary = specOf(context, submission.store).summarize(submission.content, own)
  return { submission, packages: own, summary, work: await workOf(tx, actor, submission) }
}
