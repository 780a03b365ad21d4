import { type Rotated, rotateKeys } from '../server.ts'
import { configOrExit } from './config-or-exit.ts'

interface Options {
  readonly data?: string
  readonly database?: string
  /** Hours. */
  readonly keep: string
  readonly json?: true
}

const hourMs = 3_600_000

/**
 * `slipway key rotate`.
 * @returns the exit code
 */
export async function rotateSigningKeys({ data, database, keep, json }: Options): Promise<number> {
  if (!/^\d{1,5}$/.test(keep)) {
    console.error(`slipway key rotate: --keep must be a whole number of hours, such as 48, not '${keep}'`)
    return 2
  }
  const config = configOrExit({ data, database })
  if (config === undefined) return 2
  try {
    const rotated = await rotateKeys(config, Number(keep) * hourMs)
    for (const each of rotated) console.log(json ? JSON.stringify(each) : describe(each))
    if (rotated.length === 0 && !json)
      console.log('no key was made yet: each is made when it is first needed')
    return 0
  } catch (error) {
    console.error(`slipway key rotate: ${(error as Error).message}`)
    return 1
  }
}

function describe({ purpose, good, retired }: Rotated): string {
  return `${purpose}: a new key signs; ${good - 1} before it still good, ${retired} retired`
}
