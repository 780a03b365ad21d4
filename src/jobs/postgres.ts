import { setTimeout as delay } from 'node:timers/promises'
import { runMigrations, type Task } from 'graphile-worker'
import { type Clock, systemClock } from '../engine/clock.ts'
import type { Subject } from '../engine/types.ts'
import type { Database, Tx } from '../storage/database.ts'
import * as table from '../storage/jobs.ts'
import * as looks from '../storage/looks.ts'
import { kyselyOn, send } from '../storage/postgres-dialect.ts'
import { failureOf } from '../storage/postgres-failures.ts'
import { persist } from '../storage/postgres-persist.ts'
import { openPool } from '../storage/postgres-pool.ts'
import { CommitLost, OutcomeUnknown } from '../storage/postgres-transaction.ts'
import type { JobRow } from '../storage/schema.ts'
import { noEffects } from '../storage/transaction-effects.ts'
import { createAlarm } from './alarm.ts'
import { attempt } from './attempt.ts'
import type { Jobs, Performer } from './jobs.ts'
import { createPresence } from './presence.ts'
import { type Runner, startRunner } from './runner.ts'
import { startUpkeep } from './upkeep.ts'

/** A subject that somebody else is performing is looked at again after this long. */
const busyMs = 100

/** How long to wait, once nothing is in work, for a database to hear of it that may be away. */
const farewellMs = 5000

/** Connections besides those of the workers: the session, the listener, the upkeep. */
const standing = 3

export interface PostgresJobsOptions {
  /** The database that `database` is in, migrated; jobs have connections of their own. */
  readonly url: string
  readonly database: Database
  readonly clock: Clock
  /** Subjects in work at the same time in this process; 0 leaves all of them to others. */
  readonly concurrency?: number
  /** Whether an error says nothing about the subject and will pass, as a lost connection: it is never given up for it. */
  readonly passes?: (error: unknown) => boolean
  readonly onError: (subject: Subject, error: unknown) => void
  /** Told of what the queue itself met, such as a connection that broke; it goes on by itself. */
  readonly onTrouble?: (error: unknown) => void
}

/**
 * Jobs as rows beside the data, brought to the workers of any number of processes by graphile-worker.
 *
 * Times are those of `clock`. PostgreSQL's own clock runs beside it, so a look is asked for in as many milliseconds as
 * the job has left; when `clock` is not the system's and is moved on, what became due by that is asked for at once. That
 * is seen by the process whose clock was moved, and by no other.
 */
export async function postgresJobs(options: PostgresJobsOptions): Promise<Jobs> {
  const { url, database, clock, concurrency = 4, onError, onTrouble = () => {} } = options
  const passes = (error: unknown) => options.passes?.(error) === true || isOfDatabase(error)
  const pool = openPool(url, concurrency + standing, onTrouble)
  await persist(() => runMigrations({ pgPool: pool }))
  /** Single statements, outside the serializable transactions that they need not meet. */
  const tx: Tx = {
    ...noEffects,
    db: kyselyOn(pool),
    rows: async (query) => (await send<never>(pool, query)).rows,
  }
  const presence = createPresence(pool, onTrouble)
  const inWork = new Set<Promise<void>>()
  let stopped = false
  let runner: Runner | undefined
  let upkeep: AsyncDisposable | undefined

  async function look(by: Performer, asked: looks.Look): Promise<void> {
    if (stopped) return looks.ask(tx, asked, 0, 'again')
    const subject = `${asked.kind} ${asked.id}`
    if (!(await presence.hold(subject))) return looks.ask(tx, asked, busyMs, 'again')
    const work = lookHeld(by, asked).finally(() => presence.letGo(subject))
    inWork.add(work)
    await work.finally(() => inWork.delete(work))
  }

  async function lookHeld(by: Performer, asked: looks.Look): Promise<void> {
    const job = await table.get(tx, asked.kind as Subject['kind'], asked.id)
    if (job?.version !== asked.version) return
    const early = job.runAt - clock.now()
    if (early > 0) return await looks.ask(tx, asked, early, 'again')
    await perform(by, job)
  }

  async function perform(by: Performer, job: JobRow): Promise<void> {
    const outcome = await attempt(by, job, { passes, onError, stopping: () => stopped })
    if (outcome === 'over') return table.finish(tx, job)
    const runAt = clock.now() + outcome.afterMs
    await database.write(async (within) => {
      const version = await table.postpone(within, job, { ...outcome, runAt })
      if (version === undefined) return
      await looks.ask(within, { ...looks.lookAt(job), version }, outcome.afterMs)
      within.afterCommit(() => alarm.set(runAt))
    })
  }

  async function end(): Promise<void> {
    await runner?.stop()
    await upkeep?.[Symbol.asyncDispose]()
    await presence[Symbol.asyncDispose]()
    await pool.end()
  }

  const alarm = createAlarm(concurrency === 0 ? systemClock : clock, tx, onTrouble)
  const jobs: Jobs = {
    async enqueue(within, subject, runAt) {
      const { kind, id } = subject
      const version = await table.enqueue(within, subject, runAt)
      await looks.ask(within, { kind, id, version }, Math.max(0, runAt - clock.now()))
      within.afterCommit(() => alarm.set(runAt))
    },
    start(by) {
      if (concurrency === 0) return
      upkeep = startUpkeep({ tx, clock, onError: onTrouble })
      const take: Task = (payload) => look(by, payload as looks.Look)
      runner = startRunner({
        pool,
        concurrency,
        tasks: { [looks.task]: take },
        async onBegin(id) {
          await looks.addRunner(tx, id)
          await presence.announce(id)
        },
        async onEnd(id) {
          await presence.withdraw(id)
          await looks.buryRunners(tx, [id])
        },
        onError: onTrouble,
      })
      alarm.set(clock.now())
    },
    async settle() {
      if (!runner) return
      await alarm.ring()
      while (!stopped && (inWork.size > 0 || (await table.due(tx, clock.now(), 1)).length > 0))
        await delay(settleMs)
    },
    async stop() {
      if (stopped) return
      stopped = true
      alarm[Symbol.dispose]()
      const ending = end()
      await Promise.allSettled(inWork)
      await Promise.race([ending, delay(farewellMs, undefined, { ref: false })])
    },
    [Symbol.asyncDispose]: () => jobs.stop(),
  }
  return jobs
}

const settleMs = 5

/** What PostgreSQL's code for a full disk is. */
const diskFull = '53100'

/** Whether an error is the database's, be it away or busy, and nothing that the subject is to blame for. */
function isOfDatabase(error: unknown): boolean {
  if (error instanceof OutcomeUnknown || error instanceof CommitLost) return true
  return (
    ['met', 'lost', 'replan'].includes(failureOf(error)) || (error as { code?: unknown })?.code === diskFull
  )
}
