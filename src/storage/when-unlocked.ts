import { setTimeout as delay } from 'node:timers/promises'

/** How long a write waits for another process, such as somebody's SQL shell, to end its transaction. */
export const busyMs = 10_000
const busyRetryMs = 10

/** Waits for SQLite's lock here and not in SQLite, which would hold up the whole process meanwhile. */
export async function whenUnlocked<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + busyMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await delay(busyRetryMs)
  }
}

/** SQLITE_BUSY is 5; its extended codes have it in their lowest byte. */
function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' && (errcode & 0xff) === 5
}
