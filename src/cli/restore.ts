import { restore } from '../backup/restore.ts'
import { readConfig } from '../config.ts'
import { amountOf, runCopy } from './copying.ts'

interface Options {
  readonly data?: string
  readonly json?: true
}

/**
 * `slipway restore`.
 * @returns the exit code
 */
export function restoreData(from: string, { data: given, json }: Options): Promise<number> {
  return runCopy('restore', async (copying) => {
    const { data } = readConfig({ data: given })
    const about = await restore({ from, data, ...copying })
    console.log(
      json
        ? JSON.stringify({ data, backup: from, ...about })
        : `${data}: restored as of ${about.takenAt}, ${amountOf(about)}`,
    )
  })
}
