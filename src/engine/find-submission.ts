import type { Context } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import type { Actor, Submission } from './types.ts'

/**
 * A submission alone, by what a path says of it: for reads that need nothing but its content.
 * @throws EngineError `not_found`, `forbidden`, `conflict` (of another product or track)
 */
export async function findSubmission(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
): Promise<Submission> {
  return context.database.read((tx) => addressed(tx, actor, address))
}
