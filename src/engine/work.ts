import * as jobs from '../storage/jobs.ts'
import type { Tx } from './context.ts'
import type { Actor, Submission } from './types.ts'

/** What is still to be done for a submission without anybody asking. */
export interface Work {
  /** When it is due, or tried again (ms). */
  readonly dueAt: number
  /** How often it has failed since it was asked for. */
  readonly attempts: number
  /** Why it failed last; null while it has not. */
  readonly lastError: string | null
}

/** Errors name what is inside the server, which is for those who run it. */
const forPublishers = 'The service met an error and tries again by itself.'

/** The work that a submission waits for; null when there is none. */
export async function workOf(tx: Tx, actor: Actor, { id }: Submission): Promise<Work | null> {
  const job = await jobs.get(tx, 'submission', id)
  if (!job) return null
  const { runAt, attempts, lastError } = job
  const shown = lastError === null || actor.role === 'operator' ? lastError : forPublishers
  return { dueAt: runAt, attempts, lastError: shown }
}
