import type { Config } from '../config.ts'
import { migrateDatabase } from '../server.ts'
import { configOrExit } from './config-or-exit.ts'

interface Options {
  readonly data?: string
  readonly database?: string
  readonly check?: true
  readonly json?: true
}

/**
 * `slipway migrate`.
 * @returns the exit code: 1 when only asked and something would run, 2 when that cannot be said or done
 */
export async function migrateData({ check, json, ...flags }: Options): Promise<number> {
  const config = configOrExit(flags)
  if (config === undefined) return 2
  try {
    const names = await migrateDatabase(config, check === true)
    console.log(json ? asJson(config, check, names) : describe(config, check, names))
    return check && names.length > 0 ? 1 : 0
  } catch (error) {
    console.error(`slipway migrate: ${(error as Error).message}`)
    return 2
  }
}

function asJson(config: Config, check: true | undefined, names: readonly string[]): string {
  return JSON.stringify({ data: placeOf(config), [check ? 'pending' : 'ran']: names })
}

function describe(config: Config, check: true | undefined, names: readonly string[]): string {
  const place = placeOf(config)
  if (names.length === 0) return `${place}: up to date`
  return names.map((name) => `${place}: ${check ? 'would run' : 'ran'} ${name}`).join('\n')
}

/** The URL of a database has a password in it. */
function placeOf({ database, data }: Config): string {
  return database === null ? data : 'PostgreSQL'
}
