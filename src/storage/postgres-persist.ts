import { setTimeout as delay } from 'node:timers/promises'
import { type Failure, failureOf } from './postgres-failures.ts'
import { CommitLost } from './postgres-transaction.ts'

/** How long PostgreSQL may be away before a caller hears of it. */
const awayMs = 10_000

/** How long a transaction that others keep undoing is tried. */
const persistMs = 15_000

/** Times a broken constraint is looked at again; a race shows at the first look. */
const racesSeen = 2

const firstPauseMs = 5
const longestPauseMs = 250

export interface Misfortunes {
  /** Times it was undone because another transaction was in the way. */
  readonly met: number
  readonly raced: number
}

/**
 * Repeats what was undone for a reason that passes, for a bounded time.
 * @throws what the last attempt threw
 */
export async function persist<T>(attempt: (before: Misfortunes) => Promise<T>): Promise<T> {
  const start = performance.now()
  const seen = { met: 0, raced: 0, lost: 0, replan: 0, refused: 0 }
  for (;;) {
    try {
      return await attempt(seen)
    } catch (error) {
      const failure = error instanceof CommitLost ? 'lost' : failureOf(error)
      seen[failure]++
      if (!mayRepeat(failure, seen, performance.now() - start)) throw error
      if (failure !== 'raced') await delay(pauseAfter(seen.met + seen.lost))
    }
  }
}

function mayRepeat(failure: Failure, seen: Misfortunes, elapsedMs: number): boolean {
  switch (failure) {
    case 'met':
      return elapsedMs < persistMs
    case 'lost':
    case 'replan':
      return elapsedMs < awayMs
    case 'raced':
      return seen.raced <= racesSeen
    case 'refused':
      return false
  }
}

/** Of random length, so that those that met do not meet again. */
function pauseAfter(failures: number): number {
  return Math.random() * Math.min(firstPauseMs * 2 ** failures, longestPauseMs)
}
