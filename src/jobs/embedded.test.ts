import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '../../test/helpers/virtual-clock.ts'
import type { Subject } from '../engine/types.ts'
import type { Database } from '../storage/database.ts'
import { openSqlite } from '../storage/sqlite.ts'
import { embeddedJobs } from './embedded.ts'

const subject: Subject = { kind: 'submission', id: 'one', accountId: 'contoso' }

class Full extends Error {}

/** A queue whose database can be made to refuse writes or reads, as a full or broken disk does. */
async function queueOnBadDisk(disk: { full?: boolean; unreadable?: boolean }) {
  const clock = virtualClock()
  const sqlite = openSqlite(':memory:')
  await sqlite.migrate()
  const database: Database = {
    ...sqlite,
    write: (work) => (disk.full ? Promise.reject(new Full('no room')) : sqlite.write(work)),
    read: (work) => (disk.unreadable ? Promise.reject(new Error('bad sector')) : sqlite.read(work)),
  }
  const errors: unknown[] = []
  const tried: number[] = []
  const givenUp: unknown[] = []
  const done: number[] = []
  const start = clock.now()
  const jobs = embeddedJobs({
    database,
    clock,
    passes: (error) => error instanceof Full,
    onError: (_subject, error) => errors.push(error),
  })
  await sqlite.write((tx) => jobs.enqueue(tx, subject, start))
  jobs.start({
    async perform() {
      tried.push(clock.now() - start)
      await database.write(async () => {})
      done.push(clock.now() - start)
    },
    giveUp: async (_subject, error) => void givenUp.push(error),
  })
  return {
    clock,
    jobs,
    errors,
    tried,
    givenUp,
    done,
    async [Symbol.asyncDispose]() {
      await jobs.stop()
      await sqlite[Symbol.asyncDispose]()
    },
  }
}

test('a queue whose database takes nothing rests between tries, and goes on by itself once it does', async () => {
  const disk = { full: true }
  await using queue = await queueOnBadDisk(disk)
  const { clock, jobs, tried, errors } = queue
  for (let second = 0; second < 5; second++) {
    for (let asked = 0; asked < 10; asked++) await jobs.settle()
    clock.advance(1000)
  }
  assert.deepEqual(tried, [0, 1000, 2000, 3000, 4000])
  assert.equal(errors.length, 10)
  disk.full = false
  await jobs.settle()
  assert.deepEqual(queue.done, [5000])
  assert.deepEqual(queue.givenUp, [])
})

test('a queue that cannot read its jobs asks again later', async () => {
  const disk = { unreadable: true }
  await using queue = await queueOnBadDisk(disk)
  const { clock, jobs, tried, errors } = queue
  await jobs.settle()
  for (let second = 0; second < 3; second++) {
    clock.advance(1000)
    await jobs.settle()
  }
  assert.deepEqual(tried, [])
  assert.equal(errors.length, 4)
  disk.unreadable = false
  clock.advance(1000)
  await jobs.settle()
  assert.deepEqual(queue.done, [4000])
})

test('an error that passes is never a reason to give a job up', async () => {
  const clock = virtualClock()
  await using database = openSqlite(':memory:')
  await database.migrate()
  let full = true
  let done = false
  const jobs = embeddedJobs({ database, clock, passes: (error) => error instanceof Full, onError: () => {} })
  jobs.start({
    async perform() {
      if (full) throw new Full('no room')
      done = true
    },
    giveUp: () => assert.fail('given up'),
  })
  await database.write((tx) => jobs.enqueue(tx, subject, clock.now()))
  for (let second = 0; second < 30; second++) {
    await jobs.settle()
    clock.advance(1000)
  }
  full = false
  await jobs.settle()
  clock.advance(1000)
  await jobs.settle()
  assert.ok(done)
  await jobs.stop()
})
