import type { Logger } from 'pino'
import type { Engine } from '../engine/index.ts'

/**
 * Often enough that a million blobs are looked at within days, and seldom enough to cost nothing. By the clock on the
 * wall: files age by it, also where a sandbox's clock is moved.
 */
const everyMs = 5 * 60 * 1000

/** Removes what was abandoned, from time to time; of any number of processes one at a time does. */
export function keepHouse(engine: Engine, log: Logger): AsyncDisposable {
  let turn: Promise<void> | undefined

  async function takeTurn(): Promise<void> {
    const now = Date.now()
    try {
      const collected = await engine.collectAbandoned({ now, until: now + everyMs })
      if (collected && Object.values(collected).some((count) => count > 0)) {
        log.info({ collected }, 'abandoned uploads were removed')
      }
    } catch (error) {
      log.error({ err: error }, 'abandoned uploads could not be removed')
    }
  }

  const timer = setInterval(() => {
    turn ??= takeTurn().finally(() => {
      turn = undefined
    })
  }, everyMs)
  timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await turn
    },
  }
}
