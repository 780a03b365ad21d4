import type { Clock } from '../../src/engine/clock.ts'

export interface VirtualClock extends Clock {
  /** Moves time on and rings what is due on the way, in order. */
  advance(milliseconds: number): void
}

/** Time that stands still until a test moves it. */
export function virtualClock(start = Date.parse('2026-01-01T00:00:00Z')): VirtualClock {
  let now = start
  const alarms = new Set<{ at: number; wake: () => void }>()
  const nextDue = () =>
    [...alarms].filter((alarm) => alarm.at <= now).sort((one, other) => one.at - other.at)[0]
  return {
    now: () => now,
    wakeAt(at, wake) {
      const alarm = { at, wake }
      alarms.add(alarm)
      return { [Symbol.dispose]: () => alarms.delete(alarm) }
    },
    advance(milliseconds) {
      now += milliseconds
      for (let alarm = nextDue(); alarm; alarm = nextDue()) {
        alarms.delete(alarm)
        alarm.wake()
      }
    },
  }
}
