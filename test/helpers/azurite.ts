import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** The account and key that every Azurite has, as its documentation says. */
const account = 'devstoreaccount1'
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

export interface Azurite extends AsyncDisposable {
  readonly account: string
  readonly key: string
  /** Of the blob service, the account's name included. */
  readonly endpoint: string
  readonly connectionString: string
}

/** Microsoft's own emulator of the blob service, as a process of its own on a free port. */
export async function startAzurite(): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-azurite-'))
  const manifest = createRequire(import.meta.url).resolve('azurite/package.json')
  const main = join(dirname(manifest), 'dist/src/blob/main.js')
  const flags = [
    '--blobPort',
    '0',
    '--location',
    folder,
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--silent',
  ]
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const endpoint = `${await originOf(child.stdout)}/${account}`
  return {
    account,
    key,
    endpoint,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint};`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function originOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const origin = /successfully listens on (http:\S+)/.exec(line)?.[1]
    if (origin !== undefined) return origin
  }
  throw new Error('Azurite ended before it was ready')
}
