import { type Clock, systemClock } from '../engine/clock.ts'

/** The sandbox's time: the system's, moved on by whoever does not want to wait for a date. */
export interface SandboxClock extends Clock {
  /** Moves time on; everything that is due by then is done at once. */
  advance(milliseconds: number): void
}

export function createSandboxClock(clock: Clock = systemClock): SandboxClock {
  let ahead = 0
  const alarms = new Set<{ at: number; wake: () => void; timer: Disposable }>()
  const set = (at: number, wake: () => void) => {
    const alarm = { at, wake, timer: clock.wakeAt(at - ahead, ring) }
    function ring() {
      alarms.delete(alarm)
      wake()
    }
    alarms.add(alarm)
    return alarm
  }
  return {
    now: () => clock.now() + ahead,
    wakeAt(at, wake) {
      const alarm = set(at, wake)
      return {
        [Symbol.dispose]() {
          alarms.delete(alarm)
          alarm.timer[Symbol.dispose]()
        },
      }
    },
    advance(milliseconds) {
      ahead += milliseconds
      for (const alarm of [...alarms]) {
        alarm.timer[Symbol.dispose]()
        alarm.timer = clock.wakeAt(alarm.at - ahead, () => {
          alarms.delete(alarm)
          alarm.wake()
        })
      }
    },
  }
}
