import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const afterMs = 1000

/**
 * Gives back what starting left over: about as much as what is kept (a third of the memory of an idle server), and
 * V8 has no reason of its own to collect it before requests come.
 */
export function collectStartupGarbage(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc')
    const collect: (how: object) => void = runInNewContext('gc')
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, afterMs).unref()
}
