import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export const lockFile = 'server.lock'

/** In a folder for as long as what it is restored from is not all there. */
export const restoringFile = 'restore.unfinished'

/** @throws Error when a restore into the folder was begun and not finished */
export function refuseHalfRestored(folder: string): void {
  if (!existsSync(join(folder, restoringFile))) return
  const advice = 'run slipway restore into it again, or wait for the one that runs'
  throw new Error(`what is in the folder ${folder} is half a restore: ${advice}`)
}

/**
 * Keeps a data folder to one server: its jobs and half-written packages belong to the process that runs. The lock is
 * the operating system's and ends with the process, however that ends.
 * @param use a restore may go on with what an earlier one left half done; nobody else may touch that
 * @throws Error when another process has it
 */
export function lockFolder(folder: string, use: 'serve' | 'restore' = 'serve'): Disposable {
  mkdirSync(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, lockFile))
  try {
    lock.exec('begin exclusive')
  } catch (cause) {
    lock.close()
    const advice = 'stop it first, or choose another folder with --data'
    throw new Error(`another server uses the folder ${folder}: ${advice}`, { cause })
  }
  try {
    if (use === 'serve') refuseHalfRestored(folder)
  } catch (error) {
    lock.close()
    throw error
  }
  return { [Symbol.dispose]: () => lock.close() }
}
