import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Clock } from '../engine/clock.ts'
import { isPassing } from '../engine/passing.ts'
import type { Subject } from '../engine/types.ts'
import { embeddedJobs } from '../jobs/embedded.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Database } from '../storage/database.ts'

/** The queue of the database that the settings name. */
export async function openJobs(
  { database: url, jobs: concurrency }: Config,
  database: Database,
  clock: Clock,
  log: Logger,
): Promise<Jobs> {
  const options = {
    database,
    clock,
    concurrency,
    passes: isPassing,
    onError: (subject: Subject, error: unknown) => log.error({ err: error, subject }, 'a job failed'),
  }
  if (url === null) return embeddedJobs(options)
  const { postgresJobs } = await import('../jobs/postgres.ts')
  return postgresJobs({
    ...options,
    url,
    onTrouble: (error) => log.warn({ err: error }, 'the job queue goes on after an error'),
  })
}
