import { restore } from '../backup/restore.ts'
import { amountOf, dataFolder, runCopy } from './copying.ts'

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
    const data = dataFolder(given)
    const about = await restore({ from, data, ...copying })
    console.log(
      json
        ? JSON.stringify({ data, backup: from, ...about })
        : `${data}: restored as of ${about.takenAt}, ${amountOf(about)}`,
    )
  })
}
