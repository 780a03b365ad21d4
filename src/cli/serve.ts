import type { Config } from '../config.ts'
import type { Seed } from '../sandbox/seed.ts'
import { createServer } from '../server.ts'
import { configOrExit } from './config-or-exit.ts'
import { collectStartupGarbage } from './startup-garbage.ts'
import { stopOnSignals } from './stop-on-signals.ts'

/** `slipway serve`: until it is told to stop. */
export async function serve(flags: { readonly [Name in keyof Config]?: string }): Promise<void> {
  const config = configOrExit(flags)
  if (config === undefined) return
  try {
    await start(config)
  } catch (error) {
    const { message, stack } = error as Error
    console.error(`slipway serve: ${config.log === 'debug' ? stack : message}`)
    process.exit(1)
  }
}

async function start(config: Config): Promise<void> {
  const server = await createServer(config)
  const address = await server.listen()
  // Whoever read the log may go away; that is no reason to stop serving.
  process.stderr.on('error', () => {})
  process.stdout.on('error', () => {})
  if (server.seed && server.planted && process.stdout.isTTY) introduce(server.seed, address)
  stopOnSignals(server)
  console.log(`listening on ${address}`)
  collectStartupGarbage()
}

function introduce(seed: Seed, address: string): void {
  for (const account of seed.accounts) {
    console.log(`account ${account.name}`)
    for (const { kind, clientId, secret, tenantId, label } of account.credentials) {
      console.log(
        `  ${label ?? kind}: ${tenantId ? `tenant ${tenantId}, ` : ''}client id ${clientId}, secret ${secret}`,
      )
    }
    for (const product of account.products) {
      console.log(`  ${product.store} ${product.kind} ${product.id}  ${product.name}`)
    }
  }
  console.log(`native API: ${address}/api/v1/openapi.json`)
}
