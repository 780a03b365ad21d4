import type { Subject } from '../engine/types.ts'
import type { Tx } from '../storage/database.ts'

/**
 * What the engine does with a subject when its time has come. It reads the subject anew; a stale or repeated
 * call does nothing. A throw means "try again later"; after the last attempt `giveUp` settles it for good. What not
 * even that can settle stays parked: it is tried ever more rarely, and its job says why.
 */
export interface Performer {
  perform(subject: Subject): Promise<void>
  giveUp(subject: Subject, error: unknown): Promise<void>
}

/**
 * Work that survives a crash: enqueued in the transaction that makes it necessary. A job is a row beside the data
 * (`storage/jobs.ts`), whichever adapter performs it. One subject is performed by one process at a time, save for
 * the seconds in which a process has lost its database and does not know yet. Accounts with due jobs take turns.
 */
export interface Jobs extends AsyncDisposable {
  /** Asks for a look at the subject at `runAt` (ms of the clock). Asking again before that moves the time. */
  enqueue(tx: Tx, subject: Subject, runAt: number): Promise<void>
  start(performer: Performer): void
  /** Performs all that is due, and what becomes due by that, until nothing is. */
  settle(): Promise<void>
  /** Stops taking jobs and waits for those that run. */
  stop(): Promise<void>
}
