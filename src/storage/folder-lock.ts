import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Keeps a data folder to one server: its jobs and half-written packages belong to the process that runs. The lock is
 * the operating system's and ends with the process, however that ends.
 * @throws Error when another process has it
 */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, 'server.lock'))
  try {
    lock.exec('begin exclusive')
  } catch (cause) {
    lock.close()
    const advice = 'stop it first, or choose another folder with --data'
    throw new Error(`another server uses the folder ${folder}: ${advice}`, { cause })
  }
  return { [Symbol.dispose]: () => lock.close() }
}
