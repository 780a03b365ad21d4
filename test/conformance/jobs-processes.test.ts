import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/engine/clock.ts'
import type { Subject } from '../../src/engine/types.ts'
import type { Performer } from '../../src/jobs/jobs.ts'
import { postgresJobs } from '../../src/jobs/postgres.ts'
import * as looks from '../../src/storage/looks.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { cuttableLine } from '../helpers/cuttable-line.ts'
import { migratedDatabase, withoutPostgres } from '../helpers/postgres.ts'

const skip = await withoutPostgres('jobs of several processes')
const options = { skip, timeout: 40_000 }
const one: Subject = { kind: 'submission', id: 'one', accountId: 'contoso' }
const hungWorker = fileURLToPath(new URL('../helpers/hung-worker.ts', import.meta.url))

/** A database and queues on it, on the system's clock. */
async function queues() {
  const made = await migratedDatabase()
  const database = openPostgres(made.url)
  const opened: AsyncDisposable[] = []
  return {
    url: made.url,
    database,
    async open(concurrency = 2, url = made.url) {
      const jobs = await postgresJobs({ url, database, clock: systemClock, concurrency, onError: () => {} })
      opened.push(jobs)
      return jobs
    },
    async [Symbol.asyncDispose]() {
      for (const jobs of opened) await jobs[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await made[Symbol.asyncDispose]()
    },
  }
}

function performing(perform: (subject: Subject) => Promise<void>): Performer {
  return { perform, giveUp: () => assert.fail('nothing is to be given up') }
}

test('queues share the work, and every job is performed once', options, async () => {
  await using shared = await queues()
  const performed: string[][] = [[], []]
  const [first, second] = [await shared.open(), await shared.open()]
  await shared.database.write(async (tx) => {
    for (let id = 0; id < 200; id++) await first.enqueue(tx, { ...one, id: String(id) }, systemClock.now())
  })
  for (const [nth, queue] of [first, second].entries()) {
    queue.start(
      performing(async ({ id }) => {
        performed[nth]?.push(id)
        await delay(5)
      }),
    )
  }
  await first.settle()
  const all = performed.flat()
  assert.deepEqual([all.length, new Set(all).size], [200, 200])
  assert.ok(
    performed.every((own) => own.length > 20),
    `${performed.map((own) => own.length)}`,
  )
})

test(
  'a queue without concurrency performs nothing, and others perform what it asks for',
  options,
  async () => {
    await using shared = await queues()
    const [asking, working] = [await shared.open(0), await shared.open()]
    asking.start(performing(() => assert.fail('this one only asks')))
    const { promise: done, resolve } = Promise.withResolvers<Subject>()
    working.start(performing(async (subject) => resolve(subject)))
    await shared.database.write((tx) => asking.enqueue(tx, one, systemClock.now()))
    assert.deepEqual(await done, one)
  },
)

test('what a killed process was doing is done by another within seconds', options, async () => {
  await using shared = await queues()
  const working = await shared.open()
  const child = spawn(process.execPath, [hungWorker, shared.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await shared.database.write((tx) => working.enqueue(tx, one, systemClock.now()))
  for await (const line of createInterface({ input: child.stdout })) if (line === 'took one') break
  const { promise: done, resolve } = Promise.withResolvers<void>()
  let performances = 0
  working.start(
    performing(async () => {
      performances += 1
      resolve()
    }),
  )
  // Longer than it takes to find out that a process is dead: this one lives.
  await delay(5000)
  assert.equal(performances, 0, 'taken from a process that lives')
  child.kill('SIGKILL')
  await ended
  const killedAt = performance.now()
  await done
  assert.ok(performance.now() - killedAt < 15_000, `after ${performance.now() - killedAt} ms`)
  await working.settle()
  assert.equal(performances, 1)
})

test('a queue whose connections break goes on by itself, and loses nothing', options, async () => {
  await using shared = await queues()
  await using line = await cuttableLine(shared.url)
  const jobs = await shared.open(4, line.url)
  const performed = new Set<string>()
  jobs.start(
    performing(async ({ id }) => {
      await delay(10)
      performed.add(id)
    }),
  )
  for (let round = 0; round < 5; round++) {
    await shared.database.write(async (tx) => {
      for (let id = 0; id < 40; id++)
        await jobs.enqueue(tx, { ...one, id: `${round} ${id}` }, systemClock.now())
    })
    while (performed.size < round * 40 + 10) await delay(5)
    line.interrupt()
  }
  while (performed.size < 200) await delay(20)
  assert.equal(performed.size, 200)
  await jobs.stop()
})

test('transactions that enqueue at the same time do not undo each other', options, async () => {
  await using shared = await queues()
  const jobs = await shared.open(0)
  let attempts = 0
  await Promise.all(
    Array.from({ length: 200 }, (_, id) =>
      shared.database.write(async (tx) => {
        attempts += 1
        await jobs.enqueue(tx, { ...one, id: String(id) }, systemClock.now())
      }),
    ),
  )
  assert.ok(attempts < 210, `${attempts} attempts of 200 transactions`)
})

test(
  'a job whose look was lost, as by a restore of the data alone, is looked at again, once',
  options,
  async () => {
    await using shared = await queues()
    const [asking, working] = [await shared.open(0), await shared.open()]
    for (const id of ['lost', 'kept']) {
      await shared.database.write((tx) => asking.enqueue(tx, { ...one, id }, systemClock.now()))
    }
    await shared.database.pool.query("delete from graphile_worker._private_jobs where key like '% lost %'")
    const find = () => shared.database.write((tx) => looks.askForLost(tx, systemClock.now()))
    await find()
    await find()
    const { rows } = await shared.database.pool.query('select key from graphile_worker.jobs')
    assert.equal(rows.length, 2)
    const performed: string[] = []
    working.start(performing(async ({ id }) => void performed.push(id)))
    await working.settle()
    assert.deepEqual(performed.sort(), ['kept', 'lost'])
  },
)
