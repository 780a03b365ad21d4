import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Logger, runTaskList, type Task, type WorkerPool } from 'graphile-worker'
import type { Pool } from 'pg'
import { releasedOnce } from './released-once.ts'

/** How often an idle worker looks for jobs whose time has come; new ones that are due announce themselves. */
const pollMs = 250

/** How long to rest after workers ended by themselves. */
const restMs = 500

export interface RunnerOptions {
  readonly pool: Pool
  /** Jobs at the same time. */
  readonly concurrency: number
  readonly tasks: { readonly [name: string]: Task }
  /** A set of workers begins to claim jobs under this id. */
  readonly onBegin: (id: string) => Promise<void>
  /** It claims none any more, and has let go of those it had unless it was cut off. */
  readonly onEnd: (id: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

export interface Runner {
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>
}

/**
 * Keeps a set of graphile-worker's workers going. A set whose words to the database were cut off ends (PostgreSQL was
 * restarted, the network broke), as it may have claimed what it was never told of: what it had is given to others under
 * its id. The next one begins after a rest, while the old one's jobs run out.
 */
export function startRunner(options: RunnerOptions): Runner {
  const { onBegin, onEnd, onError } = options
  const stopping = new AbortController()
  const endings = new Set<Promise<void>>()
  let current: WorkerPool | undefined

  async function keepGoing(): Promise<void> {
    while (!stopping.signal.aborted) {
      const events = new EventEmitter()
      const inHand = new Set<Promise<unknown>>()
      const ended = once(events, 'pool:gracefulShutdown')
      const workers = startWorkers({ ...options, tasks: followed(options.tasks, inHand) }, events)
      current = workers
      events.once('worker:getJob:error', () => end(workers))
      await onBegin(workers.id).catch((error: unknown) => {
        onError(error)
        end(workers)
      })
      const ending = Promise.race([workers.promise.catch(onError), ended.then(() => allDone(inHand))]).then(
        () => onEnd(workers.id).catch(onError),
      )
      endings.add(ending)
      void ending.then(() => endings.delete(ending))
      await Promise.race([ended, ending])
      await delay(restMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  function end(workers: WorkerPool): void {
    if (!workers._shuttingDown) void Promise.resolve(workers.gracefulShutdown()).catch(onError)
  }

  const going = keepGoing()
  return {
    async stop() {
      stopping.abort()
      if (current) end(current)
      await going
      await Promise.all(endings)
    },
  }
}

/** How long a set of workers that has nothing in hand any more is given for its last words to the database. */
const lastWordsMs = 1000

/** A set that lost its connections may wait for an answer without end; what it performs is what counts. */
async function allDone(inHand: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (inHand.size > 0) await Promise.allSettled(inHand)
  await delay(lastWordsMs, undefined, { ref: false })
}

function followed(tasks: RunnerOptions['tasks'], inHand: Set<Promise<unknown>>): RunnerOptions['tasks'] {
  const follow =
    (task: Task): Task =>
    async (payload, helpers) => {
      const performing = Promise.resolve(task(payload, helpers))
      inHand.add(performing)
      await performing.finally(() => inHand.delete(performing))
    }
  return Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, follow(task)]))
}

function startWorkers(
  { pool, concurrency, tasks, onError }: RunnerOptions,
  events: EventEmitter,
): WorkerPool {
  const pgPool = releasedOnce(pool)
  return runTaskList(
    {
      pgPool,
      concurrency,
      events,
      pollInterval: pollMs,
      noHandleSignals: true,
      logger: new Logger(() => (level, message) => {
        if (level === 'error') onError(new Error(message))
      }),
      // Without batches a failure to report a finished job is a rejection that nobody handles, which ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    },
    { ...tasks },
    pgPool,
  )
}
