import type { Config } from '../config.ts'
import { systemClock } from '../engine/clock.ts'
import { noInterference } from '../engine/interference.ts'
import { createLog } from '../http/log.ts'
import { openEngine } from './open-engine.ts'
import { stderr } from './stderr.ts'

/**
 * Performs jobs and serves nothing. Disposing it lets those that run finish, for as long as a server's requests are
 * given. What a sandbox has besides, faults and a clock that can be moved, is in the memory of servers.
 */
export async function createWorker(config: Config): Promise<AsyncDisposable> {
  const log = createLog(config.log, stderr())
  const opened = await openEngine(config, { clock: systemClock, log, interference: noInterference })
  log.info({ jobs: config.jobs }, 'working')
  return {
    async [Symbol.asyncDispose]() {
      const late = setTimeout(() => opened.cutOff(), config.drainMs)
      await opened[Symbol.asyncDispose]()
      clearTimeout(late)
      log.info('stopped')
    },
  }
}
