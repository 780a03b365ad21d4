import type { Config } from '../config.ts'
import { createWorker } from '../server.ts'
import { configOrExit } from './config-or-exit.ts'
import { stopOnSignals } from './stop-on-signals.ts'

/** `slipway worker`: until it is told to stop. */
export async function work(flags: { readonly [Name in keyof Config]?: string }): Promise<void> {
  const config = configOrExit(flags)
  if (config === undefined) return
  const refusal = refusalOf(config)
  if (refusal !== undefined) {
    console.error(`slipway worker: ${refusal}`)
    process.exitCode = 2
    return
  }
  try {
    const worker = await createWorker(config)
    // Whoever read the log may go away; that is no reason to stop working.
    process.stderr.on('error', () => {})
    process.stdout.on('error', () => {})
    stopOnSignals(worker)
    console.log('working')
  } catch (error) {
    const { message, stack } = error as Error
    console.error(`slipway worker: ${config.log === 'debug' ? stack : message}`)
    process.exit(1)
  }
}

function refusalOf({ database, jobs, faults }: Config): string | undefined {
  if (database === null) {
    return 'there is nothing to share: set DATABASE_URL to the PostgreSQL of the servers whose jobs it is to perform. Without one, slipway serve performs its jobs itself.'
  }
  if (jobs === 0) return 'SLIPWAY_JOBS is 0, so it would do nothing; unset it'
  if (faults !== null) {
    return 'SLIPWAY_FAULTS: faults are kept by the one process that serves and performs all jobs; unset it'
  }
  return undefined
}
