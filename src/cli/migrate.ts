import { readConfig } from '../config.ts'
import { migrateDatabase } from '../server.ts'

interface Options {
  readonly data?: string
  readonly check?: true
  readonly json?: true
}

/**
 * `slipway migrate`.
 * @returns the exit code: 1 when only asked and something would run
 */
export async function migrateData({ data, check, json }: Options): Promise<number> {
  const config = readConfig({ data })
  const names = await migrateDatabase(config, check === true)
  const done = check === true ? 'would run' : 'ran'
  if (json) console.log(JSON.stringify({ data: config.data, [check ? 'pending' : 'ran']: names }))
  else if (names.length === 0) console.log(`${config.data}: up to date`)
  else for (const name of names) console.log(`${config.data}: ${done} ${name}`)
  return check && names.length > 0 ? 1 : 0
}
