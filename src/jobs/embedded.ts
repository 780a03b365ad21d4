import type { Clock } from '../engine/clock.ts'
import type { Subject } from '../engine/types.ts'
import type { Database, Tx } from '../storage/database.ts'
import * as table from '../storage/jobs.ts'
import type { JobRow } from '../storage/schema.ts'
import { attempt, subjectOf } from './attempt.ts'
import type { Jobs, Performer } from './jobs.ts'

/** How long the queue rests when the database takes nothing; without it a full disk would be asked without end. */
const restMs = 1000

interface Options {
  readonly database: Database
  readonly clock: Clock
  /** Subjects in work at the same time. */
  readonly concurrency?: number
  /** Whether an error says nothing about the subject and will pass, as a full disk: it is never given up for it. */
  readonly passes?: (error: unknown) => boolean
  readonly onError: (subject: Subject, error: unknown) => void
}

/** Jobs as rows beside the data, run by this one process. */
export function embeddedJobs(options: Options): Jobs {
  const { database, clock, concurrency = 4, passes = () => false, onError } = options
  let performer: Performer | undefined
  let stopped = false
  let restUntil = 0
  let alarm: Disposable | undefined
  const running = new Map<string, Promise<void>>()
  let pumping: Promise<void> | undefined
  let askedAgain = false

  /** Starts what is due as far as there is room, and sets the alarm for what is not. */
  async function pump(): Promise<void> {
    if (!performer || stopped) return
    const room = concurrency - running.size
    const now = clock.now()
    if (now < restUntil) return wakeAt(restUntil)
    const busy = new Set(running.keys())
    const { ready, next } = await database.read(async (tx) => ({
      ready: room > 0 ? await table.turns(tx, now, concurrency + running.size) : [],
      next: await table.nextRunAt(tx, now),
    }))
    if (stopped) return
    // A job that ran meanwhile may have found that the database takes nothing.
    if (clock.now() < restUntil) return wakeAt(restUntil)
    for (const job of ready) {
      if (running.size >= concurrency) break
      const key = keyOf(job)
      // One that ended while the rows were read is not what its row says; its end asks again.
      if (busy.has(key) || running.has(key)) continue
      const done = run(performer, job).finally(() => {
        running.delete(key)
        wake()
      })
      running.set(key, done)
    }
    wakeAt(next)
  }

  function wakeAt(at: number | undefined): void {
    alarm?.[Symbol.dispose]()
    alarm = at === undefined ? undefined : clock.wakeAt(at, wake)
  }

  function rest(): void {
    restUntil = clock.now() + restMs
  }

  async function run(by: Performer, job: JobRow): Promise<void> {
    const outcome = await attempt(by, job, { passes, onError, stopping: () => stopped })
    try {
      await database.write(async (tx) => {
        if (outcome === 'over') return table.finish(tx, job)
        await table.postpone(tx, job, { ...outcome, runAt: clock.now() + outcome.afterMs })
      })
    } catch (error) {
      onError(subjectOf(job), error)
      rest()
    }
  }

  function wake(): void {
    if (stopped) return
    if (pumping) {
      askedAgain = true
      return
    }
    pumping = pump()
      .catch((error) => {
        onError({ kind: 'submission', id: 'queue', accountId: '' }, error)
        rest()
        askedAgain = true
      })
      .finally(() => {
        pumping = undefined
        if (askedAgain) {
          askedAgain = false
          wake()
        }
      })
  }

  const jobs: Jobs = {
    async enqueue(tx: Tx, subject, runAt) {
      await table.enqueue(tx, subject, runAt)
      tx.afterCommit(wake)
    },
    start(by) {
      performer = by
      wake()
    },
    async settle() {
      wake()
      while (pumping || running.size > 0) {
        await pumping
        await Promise.all(running.values())
      }
    },
    async stop() {
      stopped = true
      alarm?.[Symbol.dispose]()
      await pumping
      await Promise.all(running.values())
    },
    [Symbol.asyncDispose]: () => jobs.stop(),
  }
  return jobs
}

function keyOf(job: JobRow): string {
  return `${job.kind} ${job.id}`
}
