import type { Performer } from '../jobs/jobs.ts'
import type { Context } from './context.ts'
import { giveUpOperation, runOperation } from './run-operation.ts'
import { giveUpSubmission, runSubmission } from './run-submission.ts'

/** What jobs do: look at their subject again. */
export function createPerformer(context: Context): Performer {
  return {
    perform({ kind, id }) {
      return kind === 'operation' ? runOperation(context, id) : runSubmission(context, id)
    },
    giveUp({ kind, id }, error) {
      return kind === 'operation' ? giveUpOperation(context, id, error) : giveUpSubmission(context, id)
    },
  }
}
