import { type Config, ConfigError, readConfig } from '../config.ts'
import type { Seed } from '../sandbox/seed.ts'
import { createServer, type Server } from '../server.ts'
import { collectStartupGarbage } from './startup-garbage.ts'

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

function configOrExit(flags: { readonly [Name in keyof Config]?: string }): Config | undefined {
  try {
    return readConfig(flags)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exitCode = 2
    return undefined
  }
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

/** One Ctrl-C arrives twice, from the terminal and through the launcher; nobody presses it again so fast. */
const oneKeystrokeMs = 300

function stopOnSignals(server: Server): void {
  let askedAt: number | undefined
  const stop = async (reason: string) => {
    if (askedAt !== undefined) {
      // Asked twice means now.
      if (performance.now() - askedAt > oneKeystrokeMs) process.exit(1)
      return
    }
    askedAt = performance.now()
    console.error(`${reason}: finishing what runs`)
    await server[Symbol.asyncDispose]()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The launcher of `npx slipway` holds the other end; when it is gone, so is whoever wanted this server.
  if (process.channel) {
    process.channel.unref()
    process.on('disconnect', () => void stop('the launcher ended'))
  }
}
