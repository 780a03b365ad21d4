/** A worker whose validation is 20 ms of waiting, one at a time: `node waiting-worker.ts DATABASE_URL`. */
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../src/engine/clock.ts'
import { postgresJobs } from '../src/jobs/postgres.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import * as submissions from '../src/storage/submissions.ts'

const url = process.argv[2] ?? ''
const database = openPostgres(url)
const jobs = await postgresJobs({
  url,
  database,
  clock: systemClock,
  concurrency: 1,
  onError: (_subject, error) => console.error(error),
})
jobs.start({
  async perform({ id }) {
    const seen = await database.read((tx) => submissions.get(tx, id))
    await wait(20)
    await database.write(async (tx) => {
      const current = await submissions.get(tx, id)
      if (current && current.revision === seen?.revision) {
        await submissions.save(tx, { ...current, revision: current.revision + 1 })
      }
    })
  },
  giveUp: async () => {},
})
console.log('working')
