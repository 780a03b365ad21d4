import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../engine/clock.ts'
import type { Tx } from '../storage/database.ts'
import * as looks from '../storage/looks.ts'

/** How often accounts are given their turns; the longest that one's only job waits behind another's many. */
const turnMs = 500

/** How many of an account's jobs are given a turn at a time; more than workers do until the next. */
const turnsEach = 200

/** How often to look for processes that died. One that is missing twice is dead: a restart of PostgreSQL takes less. */
const watchMs = 2000

/** What has been due for so long without a look will never get one by itself. */
const lostMs = 60_000

export interface UpkeepOptions {
  readonly tx: Tx
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** What a process that runs jobs does for all of them: turns for accounts, the jobs of the dead, what got lost. */
export function startUpkeep({ tx, clock, onError }: UpkeepOptions): AsyncDisposable {
  const stopping = new AbortController()
  let missing: ReadonlySet<string> = new Set()

  async function every(milliseconds: number, work: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await work().catch(onError)
      await delay(milliseconds, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    }
  }

  async function watch(): Promise<void> {
    const absent = await looks.absentRunners(tx)
    const dead = absent.filter((id) => missing.has(id))
    missing = new Set(absent)
    if (dead.length > 0) await looks.buryRunners(tx, dead)
  }

  const working = [
    every(turnMs, () => looks.takeTurns(tx, clock.now(), turnsEach)),
    every(watchMs, watch),
    every(lostMs, () => looks.askForLost(tx, clock.now() - lostMs)),
  ]
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(working)
    },
  }
}
