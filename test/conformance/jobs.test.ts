import { embeddedJobs } from '../../src/jobs/embedded.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { jobSuite } from './jobs-suite.ts'

jobSuite('jobs in SQLite', async (clock) => {
  const database = openSqlite(':memory:')
  await database.migrate()
  const errors: unknown[] = []
  const again = () => embeddedJobs({ database, clock, onError: (_subject, error) => errors.push(error) })
  return {
    database,
    clock,
    jobs: again(),
    errors,
    again,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
})
