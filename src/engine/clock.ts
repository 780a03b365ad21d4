/** Time as the engine sees it; tests and the sandbox bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once `now()` has reached `at`, unless disposed before. Does not keep the process alive. */
  wakeAt(at: number, wake: () => void): Disposable
}

/** The longest delay Node's timers take; later alarms are set again when it has passed. */
const longestDelay = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    let timer: NodeJS.Timeout
    const arm = () => {
      const delay = Math.max(0, at - Date.now())
      timer = setTimeout(delay > longestDelay ? arm : wake, Math.min(delay, longestDelay))
      timer.unref()
    }
    arm()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
