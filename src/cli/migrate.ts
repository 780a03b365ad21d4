import { readConfig } from '../config.ts'
import { migrateDatabase } from '../server.ts'

interface Options {
  readonly data?: string
  readonly database?: string
  readonly check?: true
  readonly json?: true
}

/**
 * `slipway migrate`.
 * @returns the exit code: 1 when only asked and something would run
 */
export async function migrateData({ data, database, check, json }: Options): Promise<number> {
  const config = readConfig({ data, database })
  const names = await migrateDatabase(config, check === true)
  // The URL has a password in it.
  const place = config.database === null ? config.data : 'PostgreSQL'
  const done = check === true ? 'would run' : 'ran'
  if (json) console.log(JSON.stringify({ data: place, [check ? 'pending' : 'ran']: names }))
  else if (names.length === 0) console.log(`${place}: up to date`)
  else for (const name of names) console.log(`${place}: ${done} ${name}`)
  return check && names.length > 0 ? 1 : 0
}
