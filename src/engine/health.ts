import * as jobs from '../storage/jobs.ts'
import * as submissions from '../storage/submissions.ts'
import type { Context } from './context.ts'

export interface Health {
  /** Submissions that have not ended, by store and step. */
  readonly submissions: readonly { store: string; step: string; count: number }[]
  /** Jobs waiting or running. */
  readonly jobs: number
}

/** @throws when the database does not answer */
export async function health(context: Context): Promise<Health> {
  return context.database.read(async (tx) => ({
    submissions: await submissions.countByStep(tx),
    jobs: await jobs.count(tx),
  }))
}
