import * as operations from '../storage/operations.ts'
import * as submissions from '../storage/submissions.ts'
import type { Context } from './context.ts'
import type { Operation, Submission } from './types.ts'

/** Everything that was asked of this server since a time, whoever asked: for the summary of a run. */
export async function listOutcomes(
  context: Context,
  since: number,
): Promise<{ operations: Operation[]; submissions: Submission[] }> {
  return context.database.read(async (tx) => ({
    operations: await operations.since(tx, since),
    submissions: await submissions.movedSince(tx, since),
  }))
}
