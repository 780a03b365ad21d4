import type { Others } from '../storage/database.ts'

/** Tells whoever waits that events were committed; says nothing about which. */
export interface EventSignal {
  raise(): void
  /** Calls back after every commit until disposed: at once for this process's, soon for those of others. */
  listen(listener: () => void): Disposable
}

/** @param others null where nobody else writes */
export function createEventSignal(others: Others | null = null): EventSignal {
  const listeners = new Set<() => void>()
  const call = () => {
    for (const listener of listeners) listener()
  }
  return {
    raise() {
      call()
      others?.tell()
    },
    listen(listener) {
      listeners.add(listener)
      // Only now, and from now on: a process in which nobody follows events need not hear of them.
      others?.hear(call)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}
