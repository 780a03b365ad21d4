/** A process that takes the first job and never finishes it: `node hung-worker.ts DATABASE_URL`. */
import { systemClock } from '../../src/engine/clock.ts'
import { postgresJobs } from '../../src/jobs/postgres.ts'
import { openPostgres } from '../../src/storage/postgres.ts'

const url = process.argv[2] ?? ''
const jobs = await postgresJobs({ url, database: openPostgres(url), clock: systemClock, onError: () => {} })
jobs.start({
  perform({ id }) {
    console.log(`took ${id}`)
    return new Promise(() => {})
  },
  giveUp: async () => {},
})
