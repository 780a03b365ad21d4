import { type Clock, systemClock } from '../engine/clock.ts'
import type { Tx } from '../storage/database.ts'
import { nextRunAt } from '../storage/jobs.ts'
import { askForMoved } from '../storage/looks.ts'

/** Rings when the clock says that a job is due, which a clock that is moved does before PostgreSQL's. */
export interface Alarm extends Disposable {
  /** Something is due at this time. */
  set(at: number): void
  /** Asks for looks at all that became due since it last rang. */
  ring(): Promise<void>
}

/** With the system's clock there is nothing to do: PostgreSQL's runs at the same pace. */
export function createAlarm(clock: Clock, tx: Tx, onError: (error: unknown) => void): Alarm {
  if (clock === systemClock) return { set() {}, ring: async () => {}, [Symbol.dispose]() {} }
  let rangAt = Number.MIN_SAFE_INTEGER
  let next: { readonly at: number; readonly timer: Disposable } | undefined
  let ringing = Promise.resolve()
  let over = false

  const alarm: Alarm = {
    set(at) {
      if (over || (next && next.at <= at)) return
      next?.timer[Symbol.dispose]()
      next = { at, timer: clock.wakeAt(at, () => void alarm.ring().catch(onError)) }
    },
    ring() {
      ringing = ringing.catch(() => {}).then(ask)
      return ringing
    },
    [Symbol.dispose]() {
      over = true
      next?.timer[Symbol.dispose]()
    },
  }

  async function ask(): Promise<void> {
    next?.timer[Symbol.dispose]()
    next = undefined
    if (over) return
    const now = clock.now()
    await askForMoved(tx, rangAt, now)
    rangAt = now
    const at = await nextRunAt(tx, now)
    if (at !== undefined) alarm.set(at)
  }

  return alarm
}
