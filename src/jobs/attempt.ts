import type { Subject } from '../engine/types.ts'
import type { JobRow } from '../storage/schema.ts'
import type { Performer } from './jobs.ts'

const attempts = 3
const firstRetryMs = 250
const longestRetryMs = 60_000

export interface AttemptOptions {
  /** Whether an error says nothing about the subject and will pass, as a full disk: it is never given up for it. */
  readonly passes: (error: unknown) => boolean
  /** Whether the queue is being stopped: what fails then was cut off, and counts for nothing. */
  readonly stopping: () => boolean
  readonly onError: (subject: Subject, error: unknown) => void
}

/** What became of an attempt: it is over for good, or to be made again after a while. */
export type Outcome = 'over' | { readonly afterMs: number; readonly attempts: number; readonly error: string }

/** Performs a job once; the last of several failures is settled by giving up. Never throws. */
export async function attempt(by: Performer, job: JobRow, options: AttemptOptions): Promise<Outcome> {
  const subject = subjectOf(job)
  try {
    await by.perform(subject)
    return 'over'
  } catch (error) {
    options.onError(subject, error)
    const blameless = options.stopping() || options.passes(error)
    const failures = blameless ? job.attempts : job.attempts + 1
    if (!blameless && failures >= attempts && (await givenUp(by, subject, error, options))) return 'over'
    const afterMs = Math.min(firstRetryMs * 2 ** job.attempts, longestRetryMs)
    return { afterMs, attempts: failures, error: messageOf(error) }
  }
}

async function givenUp(
  by: Performer,
  subject: Subject,
  error: unknown,
  { onError }: AttemptOptions,
): Promise<boolean> {
  try {
    await by.giveUp(subject, error)
    return true
  } catch (second) {
    onError(subject, second)
    return false
  }
}

export function subjectOf({ kind, id, accountId }: JobRow): Subject {
  return { kind: kind as Subject['kind'], id, accountId }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
