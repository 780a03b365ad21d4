import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { zipRealExtension } from './real-extension.ts'
import type { RunResult } from './run-process.ts'

/** What the default seed has for Edge, and what is not a secret of it. */
export const sandbox = {
  productId: '33333333-3333-3333-3333-333333333333',
  clientId: '22222222-2222-2222-2222-222222222222',
  apiKey: 'sandbox-api-key',
  /** The tenant in every Edge v1 client's token address. */
  v1TokenUrl: 'https://login.microsoftonline.com/5c9eedce-81bc-42f3-8823-48ba6258b391/oauth2/v2.0/token',
  wrongKey: 'not-the-key',
} as const

export interface Packages {
  /** The real extension. */
  readonly sound: string
  /** The same with a `key` in its manifest, which Edge refuses. */
  readonly unsound: string
}

/** Zips for the clients of one test file; gone with its process. */
export async function packagesOnDisk(): Promise<Packages> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-clients-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const sound = join(folder, 'sound.zip')
  const unsound = join(folder, 'unsound.zip')
  await writeFile(sound, await zipRealExtension())
  await writeFile(unsound, await zipRealExtension({ key: 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA' }))
  return { sound, unsound }
}

/** The path of a file in an installed client. */
export function inModule(path: string): string {
  return resolve(import.meta.dirname, '../../node_modules', path)
}

/** A seed whose product was never released: the API cannot make its first release. */
export const neverPublished = {
  accounts: [
    {
      id: 'contoso',
      name: 'Contoso',
      credentials: [
        { kind: 'api_key', clientId: sandbox.clientId, secret: sandbox.apiKey },
        {
          kind: 'secret',
          tenantId: '5c9eedce-81bc-42f3-8823-48ba6258b391',
          clientId: sandbox.clientId,
          secret: 'sandbox-secret',
        },
      ],
      products: [{ store: 'edge', kind: 'extension', id: sandbox.productId, name: 'Never released' }],
    },
  ],
}

/** The first upload is one too many. */
export const throttled = [
  {
    match: { store: 'edge', method: 'POST', times: 1 },
    effect: { error: 'rate_limited', message: 'Rate limit is exceeded. Try again in 1 seconds.' },
  },
]

/** Whatever publishes meets a server that fails. */
export const publishingFails = [
  { match: { method: 'POST', route: '/v1/products/*/submissions' }, effect: { error: 'internal' } },
]

/**
 * The requests in short: `upload 202`, `poll upload Succeeded`… without the polls of what was still running,
 * whose number is a matter of time.
 */
export function story({ report }: RunResult): string[] {
  const names: [RegExp, string][] = [
    [/^POST .*\/oauth2\/v2\.0\/token$/, 'token'],
    [/^POST .*\/submissions\/draft\/package$/, 'upload'],
    [/^GET .*\/submissions\/draft\/package\/operations\/[^/]+$/, 'poll upload'],
    [/^POST .*\/submissions$/, 'publish'],
    [/^GET .*\/submissions\/operations\/[^/]+$/, 'poll publish'],
  ]
  const told = (report?.requests ?? []).map(({ method, path, status }) => {
    const name = names.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1]
    return `${name ?? `${method} ${path}`} ${status}`
  })
  return told.filter((line) => !/^poll .* 202$/.test(line))
}

/** What came of it: `upload succeeded`, `publish failed: never_published`, `submission InTheStore`. */
export function outcome({ report }: RunResult): string[] {
  return [
    ...(report?.operations ?? []).map(
      ({ kind, status, reason }) => `${kind} ${status}${reason === null ? '' : `: ${reason}`}`,
    ),
    ...(report?.submissions ?? []).map(({ state }) => `submission ${state}`),
  ]
}

/** What the client printed, without colours; the run's own lines are not the client's. */
export function printed({ stdout, stderr }: RunResult): string {
  const own = stderr.indexOf('slipway run: ')
  const text = `${stdout}\n${own < 0 ? stderr : stderr.slice(0, own)}`
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}

export const publishedStory = ['upload 202', 'poll upload 200', 'publish 202']
export const publishedOutcome = ['upload succeeded', 'publish succeeded', 'submission InTheStore']
