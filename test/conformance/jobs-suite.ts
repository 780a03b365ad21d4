import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Subject } from '../../src/engine/types.ts'
import type { Jobs, Performer } from '../../src/jobs/jobs.ts'
import type { Database } from '../../src/storage/database.ts'
import * as table from '../../src/storage/jobs.ts'
import { type VirtualClock, virtualClock } from '../helpers/virtual-clock.ts'

/** An error that every queue under test is told passes by itself. */
export class Passing extends Error {}

/** A queue over a migrated database, not started. */
export interface JobsUnderTest extends AsyncDisposable {
  readonly database: Database
  readonly clock: VirtualClock
  readonly jobs: Jobs
  /** What the queue reported, in order. */
  readonly errors: unknown[]
  /** Another queue on the same data, as the next start of the server makes it. */
  again(): Promise<Jobs>
  /** Ends the queue as a kill of its process would: it gives nothing back. */
  crash(): void
}

const one: Subject = { kind: 'submission', id: 'one', accountId: 'contoso' }
const two: Subject = { kind: 'operation', id: 'two', accountId: 'contoso' }

/** More than any queue waits before it tries again or gives up. */
const hour = 3_600_000

/** What every job adapter must do; `open` gives a new empty one each time. */
export function jobSuite(name: string, open: (clock: VirtualClock) => Promise<JobsUnderTest>): void {
  const says = (behaviour: string, check: (opened: JobsUnderTest) => Promise<void>) =>
    test(`${name}: ${behaviour}`, { timeout: 20_000 }, async () => {
      await using opened = await open(virtualClock())
      await check(opened)
    })

  says('a job that is due is performed once', async ({ database, jobs, clock }) => {
    const { performer, performed } = recording()
    jobs.start(performer)
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await jobs.settle()
    await jobs.settle()
    assert.deepEqual(performed, [one])
  })

  says('a job enqueued before the start is performed after it', async ({ database, jobs, clock }) => {
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    const { performer, performed } = recording()
    jobs.start(performer)
    await jobs.settle()
    assert.deepEqual(performed, [one])
  })

  says('a job is performed without being asked for, once its transaction is committed', async (opened) => {
    const { database, jobs, clock } = opened
    const { promise: done, resolve } = Promise.withResolvers<Subject>()
    jobs.start({ ...recording().performer, perform: async (subject) => resolve(subject) })
    await database.write((tx) => jobs.enqueue(tx, two, clock.now()))
    assert.deepEqual(await done, two)
  })

  says('enqueueing is part of the transaction: rolled back, it never was', async (opened) => {
    const { database, jobs, clock } = opened
    const { performer, performed } = recording()
    jobs.start(performer)
    const changing = database.write(async (tx) => {
      await jobs.enqueue(tx, one, clock.now())
      throw new Error('changed my mind')
    })
    await assert.rejects(changing, /changed my mind/)
    await jobs.settle()
    assert.deepEqual(performed, [])
  })

  says('a job waits for the end of the transaction that enqueued it', async ({ database, jobs, clock }) => {
    const { performer, performed } = recording()
    jobs.start(performer)
    await database.write(async (tx) => {
      await jobs.enqueue(tx, one, clock.now())
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      assert.deepEqual(performed, [])
    })
    await jobs.settle()
    assert.deepEqual(performed, [one])
  })

  says('a job is performed at its time and not before', async ({ database, jobs, clock }) => {
    const { performer, performed } = recording()
    jobs.start(performer)
    await database.write((tx) => jobs.enqueue(tx, one, clock.now() + 5000))
    await jobs.settle()
    clock.advance(4999)
    await jobs.settle()
    assert.deepEqual(performed, [])
    clock.advance(1)
    await jobs.settle()
    assert.deepEqual(performed, [one])
  })

  says('an alarm performs the job, whatever was enqueued for later or earlier meanwhile', async (opened) => {
    const { database, jobs, clock } = opened
    const waiting = new Map(['one', 'two', 'three'].map((id) => [id, Promise.withResolvers<void>()]))
    jobs.start({ ...recording().performer, perform: async ({ id }) => waiting.get(id)?.resolve() })
    const start = clock.now()
    for (const [id, wait] of [
      ['one', 2000],
      ['two', 3000],
      ['three', 1000],
    ] as const) {
      await database.write((tx) => jobs.enqueue(tx, { ...one, id }, start + wait))
      await jobs.settle()
    }
    for (const id of ['three', 'one', 'two']) {
      clock.advance(1000)
      await waiting.get(id)?.promise
    }
  })

  says('asking twice before it runs is one performance, at the later-named time', async (opened) => {
    const { database, jobs, clock } = opened
    const { performer, performed } = recording()
    jobs.start(performer)
    await database.write((tx) => jobs.enqueue(tx, one, clock.now() + 1000))
    await database.write((tx) => jobs.enqueue(tx, one, clock.now() + 3000))
    await jobs.settle()
    clock.advance(2999)
    await jobs.settle()
    assert.deepEqual(performed, [])
    clock.advance(1)
    await jobs.settle()
    assert.deepEqual(performed, [one])
    await database.write((tx) => jobs.enqueue(tx, one, clock.now() + hour))
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await jobs.settle()
    assert.deepEqual(performed, [one, one])
  })

  says('subjects of different kinds with the same id are different', async ({ database, jobs, clock }) => {
    const { performer, performed } = recording()
    jobs.start(performer)
    const other: Subject = { ...two, id: one.id }
    await database.write(async (tx) => {
      await jobs.enqueue(tx, one, clock.now())
      await jobs.enqueue(tx, other, clock.now())
    })
    await jobs.settle()
    assert.deepEqual(new Set(performed.map(({ kind }) => kind)), new Set(['submission', 'operation']))
  })

  says('asking while it runs makes it run again, never twice at once', async (opened) => {
    const { database, jobs, clock } = opened
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    let running = 0
    let runs = 0
    jobs.start({
      ...recording().performer,
      async perform() {
        assert.equal(++running, 1)
        runs++
        begin()
        await released
        running--
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await begun
    for (let time = 0; time < 3; time++) await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    release()
    await jobs.settle()
    assert.equal(runs, 2)
  })

  says('a job may put itself off while it runs', async ({ database, jobs, clock }) => {
    const times: number[] = []
    const start = clock.now()
    jobs.start({
      ...recording().performer,
      async perform(subject) {
        times.push(clock.now() - start)
        if (times.length < 3) await database.write((tx) => jobs.enqueue(tx, subject, clock.now() + 1000))
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, start))
    for (let step = 0; step < 5; step++) {
      await jobs.settle()
      clock.advance(1000)
    }
    assert.deepEqual(times, [0, 1000, 2000])
  })

  says('different subjects are performed at the same time, but only so many', async (opened) => {
    const { database, jobs, clock } = opened
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: two, resolve: isTwo } = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    let done = 0
    jobs.start({
      ...recording().performer,
      async perform() {
        most = Math.max(most, ++running)
        if (running === 2) isTwo()
        await released
        running--
        done++
      },
    })
    await database.write(async (tx) => {
      for (let id = 0; id < 50; id++) {
        await jobs.enqueue(tx, { ...one, id: String(id) }, clock.now())
      }
    })
    await two
    release()
    await jobs.settle()
    assert.equal(done, 50)
    assert.ok(most < 50, `${most} at once`)
  })

  says(
    'a failing job is tried again after growing waits, then given up with its last error',
    async (opened) => {
      const { database, jobs, clock } = opened
      const start = clock.now()
      const tried: number[] = []
      const givenUp: [Subject, string][] = []
      jobs.start({
        async perform() {
          tried.push(clock.now() - start)
          throw new Error(`failure ${tried.length}`)
        },
        giveUp: async (subject, error) => void givenUp.push([subject, (error as Error).message]),
      })
      await database.write((tx) => jobs.enqueue(tx, one, start))
      await jobs.settle()
      while (givenUp.length === 0 && clock.now() - start < hour) {
        clock.advance(10)
        await jobs.settle()
      }
      assert.ok(tried.length >= 3, `tried ${tried.length} times`)
      const waits = tried.slice(1).map((time, index) => time - (tried[index] ?? 0))
      assert.ok(
        waits.every((wait, index) => wait > (waits[index - 1] ?? 0)),
        `waits of ${waits} ms`,
      )
      assert.deepEqual(givenUp, [[one, `failure ${tried.length}`]])
      assert.equal(opened.errors.length, tried.length)
      clock.advance(hour)
      await jobs.settle()
      assert.equal(givenUp.length, 1)
      assert.deepEqual(opened.errors.length, tried.length)
    },
  )

  says(
    'a job that fails and then works is never given up, and starts afresh when asked again',
    async (opened) => {
      const { database, jobs, clock } = opened
      const { performer, givenUp } = recording()
      let tries = 0
      jobs.start({
        ...performer,
        async perform() {
          if (++tries % 3 !== 0) throw new Error('not yet')
        },
      })
      for (const expected of [3, 6]) {
        await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
        for (let step = 0; step < 20; step++) {
          await jobs.settle()
          clock.advance(1000)
        }
        assert.equal(tries, expected)
      }
      assert.deepEqual(givenUp, [])
    },
  )

  says('giving up that fails is itself tried again until it works', async ({ database, jobs, clock }) => {
    let givingUp = 0
    let over = false
    jobs.start({
      perform: async () => {
        throw new Error('broken')
      },
      async giveUp() {
        if (++givingUp < 3) throw new Error('cannot even say so')
        over = true
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    for (let step = 0; step < 100 && !over; step++) {
      await jobs.settle()
      clock.advance(60_000)
    }
    assert.equal(givingUp, 3)
    await jobs.settle()
    clock.advance(hour)
    await jobs.settle()
    assert.equal(givingUp, 3)
  })

  says(
    'what cannot even be given up stays parked and says why, until it can be performed',
    async (opened) => {
      const { database, jobs, clock } = opened
      let broken = true
      jobs.start({
        async perform() {
          if (broken) throw new Error('no way to do it')
        },
        async giveUp() {
          throw new Error('no way to say so')
        },
      })
      await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
      const state = () => database.read((tx) => table.get(tx, one.kind, one.id))
      const fresh = await state()
      assert.deepEqual([fresh?.attempts, fresh?.lastError, fresh?.accountId], [0, null, one.accountId])
      for (let step = 0; step < 8; step++) {
        await jobs.settle()
        clock.advance(60_000)
      }
      await jobs.settle()
      const parked = await state()
      assert.deepEqual([parked?.attempts, parked?.lastError], [9, 'no way to do it'])
      assert.ok((parked?.runAt ?? 0) > clock.now() + 10_000, 'it is tried ever more rarely')
      broken = false
      clock.advance(hour)
      await jobs.settle()
      assert.equal(await state(), undefined)
    },
  )

  says('an error that passes is no attempt', async ({ database, jobs, clock }) => {
    let tries = 0
    const { performer, givenUp } = recording()
    jobs.start({
      ...performer,
      async perform() {
        if (++tries < 10) throw new Passing('come back later')
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await jobs.settle()
    const state = await database.read((tx) => table.get(tx, one.kind, one.id))
    assert.deepEqual([state?.attempts, state?.lastError], [0, 'come back later'])
    for (let step = 0; step < 20; step++) {
      clock.advance(60_000)
      await jobs.settle()
    }
    assert.equal(tries, 10)
    assert.deepEqual(givenUp, [])
  })

  says('an account with many jobs does not keep another one’s waiting', async ({ database, jobs, clock }) => {
    const many = 1000
    let ofMany = 0
    const { promise: underWay, resolve: isUnderWay } = Promise.withResolvers<void>()
    const { promise: served, resolve: isServed } = Promise.withResolvers<number>()
    jobs.start({
      ...recording().performer,
      async perform({ accountId }) {
        if (accountId === 'few') return isServed(ofMany)
        await delay(4)
        if (++ofMany === 20) isUnderWay()
      },
    })
    await database.write(async (tx) => {
      for (let id = 0; id < many; id++) {
        await jobs.enqueue(tx, { kind: 'operation', id: String(id), accountId: 'many' }, clock.now())
      }
    })
    await underWay
    await database.write((tx) => jobs.enqueue(tx, { ...one, accountId: 'few' }, clock.now()))
    const before = await served
    assert.ok(before < many * 0.8, `${before} of ${many} came first`)
    await jobs.settle()
    assert.equal(ofMany, many)
  })

  says('a job that fails holds no other up', async ({ database, jobs, clock }) => {
    const { performer, performed } = recording()
    jobs.start({
      ...performer,
      async perform(subject) {
        if (subject.kind === 'operation') throw new Error('broken')
        await performer.perform(subject)
      },
    })
    for (let id = 0; id < 10; id++) {
      await database.write((tx) => jobs.enqueue(tx, { ...two, id: String(id) }, clock.now()))
    }
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await jobs.settle()
    assert.deepEqual(performed, [one])
  })

  says('stopping waits for what runs and begins nothing more', async ({ database, jobs, clock }) => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const done: string[] = []
    jobs.start({
      ...recording().performer,
      async perform({ id }) {
        begin()
        await released
        done.push(id)
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await begun
    let stopped = false
    const stopping = jobs.stop().then(() => {
      stopped = true
    })
    await database.write((tx) => jobs.enqueue(tx, two, clock.now()))
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.equal(stopped, false)
    release()
    await stopping
    clock.advance(hour)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.deepEqual(done, ['one'])
  })

  says('what was not done when the queue stopped is done after the next start', async (opened) => {
    const { database, jobs, clock } = opened
    await jobs.stop()
    await database.write(async (tx) => {
      await jobs.enqueue(tx, one, clock.now())
      await jobs.enqueue(tx, two, clock.now() + 1000)
    })
    await using next = await opened.again()
    const { performer, performed } = recording()
    next.start(performer)
    await next.settle()
    assert.deepEqual(performed, [one])
    clock.advance(1000)
    await next.settle()
    assert.deepEqual(performed, [one, two])
  })

  says('a job that fails while the queue stops is tried again after the next start', async (opened) => {
    const { database, jobs, clock } = opened
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const first = recording()
    jobs.start({
      ...first.performer,
      async perform() {
        begin()
        await released
        throw new Error('cut off')
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await begun
    const stopping = jobs.stop()
    release()
    await stopping
    await using next = await opened.again()
    const second = recording()
    next.start(second.performer)
    await next.settle()
    clock.advance(hour)
    await next.settle()
    assert.deepEqual(second.performed, [one])
    assert.deepEqual([...first.givenUp, ...second.givenUp], [])
  })

  says('a job whose process died is done after the next start', async (opened) => {
    const { database, jobs, clock } = opened
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    jobs.start({
      ...recording().performer,
      perform() {
        begin()
        return new Promise(() => {})
      },
    })
    await database.write((tx) => jobs.enqueue(tx, one, clock.now()))
    await begun
    opened.crash()
    await using next = await opened.again()
    const { performer, performed } = recording()
    next.start(performer)
    await next.settle()
    clock.advance(hour)
    await next.settle()
    assert.deepEqual(performed, [one])
  })
}

function recording() {
  const performed: Subject[] = []
  const givenUp: Subject[] = []
  const performer: Performer = {
    perform: async (subject) => void performed.push(subject),
    giveUp: async (subject) => void givenUp.push(subject),
  }
  return { performer, performed, givenUp }
}
