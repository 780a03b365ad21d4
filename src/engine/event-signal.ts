/** Tells whoever waits that events were committed; says nothing about which. */
export interface EventSignal {
  raise(): void
  /** Calls back after every commit until disposed. */
  listen(listener: () => void): Disposable
}

export function createEventSignal(): EventSignal {
  const listeners = new Set<() => void>()
  return {
    raise() {
      for (const listener of listeners) listener()
    },
    listen(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}
