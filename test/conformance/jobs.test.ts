import { embeddedJobs } from '../../src/jobs/embedded.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { postgresJobs } from '../../src/jobs/postgres.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { cuttableLine } from '../helpers/cuttable-line.ts'
import { migratedDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { jobSuite, Passing } from './jobs-suite.ts'

const passes = (error: unknown) => error instanceof Passing

jobSuite('jobs in SQLite', async (clock) => {
  const database = openSqlite(':memory:')
  await database.migrate()
  const errors: unknown[] = []
  const again = () =>
    embeddedJobs({ database, clock, passes, onError: (_subject, error) => errors.push(error) })
  return {
    database,
    clock,
    jobs: again(),
    errors,
    again: async () => again(),
    crash() {},
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
})

if ((await withoutPostgres('the job suite on PostgreSQL')) === undefined) {
  jobSuite('jobs in PostgreSQL', async (clock) => {
    const made = await migratedDatabase()
    const database = openPostgres(made.url)
    const errors: unknown[] = []
    const queue = (url: string): Promise<Jobs> =>
      postgresJobs({
        url,
        database,
        clock,
        passes,
        onError: (_subject, error) => errors.push(error),
      })
    const line = await cuttableLine(made.url)
    const jobs = await queue(line.url)
    let crashed = false
    return {
      database,
      clock,
      jobs,
      errors,
      again: () => queue(made.url),
      crash() {
        crashed = true
        line.cut()
      },
      async [Symbol.asyncDispose]() {
        const stopped = jobs.stop()
        // What a dead process was doing never ends.
        if (!crashed) await stopped
        await line[Symbol.asyncDispose]()
        await database[Symbol.asyncDispose]()
        await made[Symbol.asyncDispose]()
      },
    }
  })
}
