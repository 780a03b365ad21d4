import { backUp } from '../backup/back-up.ts'
import { amountOf, dataFolder, runCopy } from './copying.ts'

interface Options {
  readonly data?: string
  readonly json?: true
}

/**
 * `slipway backup`.
 * @returns the exit code
 */
export function backUpData(to: string, { data, json }: Options): Promise<number> {
  return runCopy('backup', async (copying) => {
    const about = await backUp({ data: dataFolder(data), to, ...copying })
    console.log(
      json ? JSON.stringify({ backup: to, ...about }) : `${to}: as of ${about.takenAt}, ${amountOf(about)}`,
    )
  })
}
