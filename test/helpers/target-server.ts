import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, type Question, type RawAnswer } from './ask.ts'
import { query } from './data-folder.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'

/** How long a body may stand still on a target server. */
export const idleMs = 2000

/** `own` and `raced` belong to the account whose key the tests have, `foreign` to another one. */
export const products = {
  own: '10000000-0000-4000-8000-000000000001',
  raced: '10000000-0000-4000-8000-000000000002',
  foreign: '20000000-0000-4000-8000-000000000001',
}

export const credentials = { authorization: 'ApiKey own-key', 'x-clientid': 'own-client' }
export const zip = { ...credentials, 'content-type': 'application/zip' }

/** How long after the start the key `short-lived-key` expires. */
const keyLivesMs = 8000

export interface Outcome {
  readonly status: string
  readonly errorCode: string
}

/** A server process with two accounts, to be treated badly. */
export interface TargetServer extends AsyncDisposable {
  readonly server: ServerProcess
  readonly data: string
  readonly keyExpiresAt: number
  /** Asks over a connection of its own; fails the test when the answer is the server's own fault. */
  sent(question: Question): Promise<RawAnswer>
  /** The outcome of an operation, once it has one. */
  settled(path: string): Promise<Outcome>
  upload(bytes: Uint8Array, productId?: string): Promise<Outcome>
  /** Fails unless nothing was bound, nothing half-written is left, and the server is as well as before. */
  changesNothing(work: () => Promise<unknown>): Promise<void>
  isWell(): Promise<void>
  /** Fails when the server logged a failure of its own, or does not end well and with bounded memory. */
  endsWell(): Promise<void>
}

export function packagePath(productId: string = products.own): string {
  return `/v1/products/${productId}/submissions/draft/package`
}

/** The head of an upload, as bytes. */
export function uploadHead(...more: string[]): string {
  const headers = Object.entries(zip).map(([name, value]) => `${name}: ${value}`)
  return `${[`POST ${packagePath()} HTTP/1.1`, 'Host: slipway', ...headers, ...more].join('\r\n')}\r\n\r\n`
}

export async function startTargetServer(): Promise<TargetServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-target-'))
  const data = join(folder, 'data')
  const seed = join(folder, 'seed.json')
  const keyExpiresAt = Date.now() + keyLivesMs
  await writeFile(seed, JSON.stringify({ accounts: accounts(keyExpiresAt) }))
  const flags = { seed, bodyIdleMs: String(idleMs), steps: 'edge.InReview=3600000' }
  const server = await startServerProcess(data, { flags })

  const target: TargetServer = {
    server,
    data,
    keyExpiresAt,
    async sent(question) {
      const answer = await ask(server.url, question)
      assert.ok(answer.status < 500, `${question.path}: ${answer.status} ${answer.body}`)
      return answer
    },
    settled: (path) =>
      waitFor(path, async () => {
        const { body } = await target.sent({ path, headers: credentials })
        const polled = JSON.parse(body) as Outcome
        return polled.status === 'InProgress' ? undefined : polled
      }),
    async upload(bytes, productId) {
      const path = packagePath(productId)
      const { status, headers } = await target.sent({ method: 'POST', path, headers: zip, body: bytes })
      assert.equal(status, 202)
      return target.settled(`${path}/operations/${headers.location}`)
    },
    async changesNothing(work) {
      const earlier = counts(data)
      await work()
      await waitFor('the temporary files to go', async () =>
        (await readdir(join(data, 'blobs', 'tmp'))).length === 0 ? true : undefined,
      )
      assert.deepEqual(counts(data), earlier)
      await target.isWell()
    },
    async isWell() {
      assert.equal((await ask(server.url, { path: '/readyz' })).status, 200)
    },
    async endsWell() {
      await target.isWell()
      const { body } = await ask(server.url, { path: '/metrics' })
      const memory = Number(/^slipway_resident_memory_bytes (\d+)/m.exec(body)?.[1])
      assert.ok(memory > 0 && memory < 600 * 1024 ** 2, `${memory} bytes`)
      assert.deepEqual(failuresIn(server.errors()), [])
      assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
  return target
}

function accounts(keyExpiresAt: number) {
  const expiresAt = new Date(keyExpiresAt).toISOString()
  const account = (name: string, ids: string[], more: object[] = []) => ({
    id: name,
    name,
    credentials: [
      { kind: 'api_key', clientId: `${name}-client`, secret: `${name}-key` },
      { kind: 'token', clientId: `${name}-client`, secret: `${name}-token`, role: 'publisher' },
      ...more,
    ],
    products: ids.map((id) => ({ store: 'edge', kind: 'extension', id, name: id, published: {} })),
  })
  const key = { kind: 'api_key', clientId: 'own-client' }
  return [
    account(
      'own',
      [products.own, products.raced],
      [
        { ...key, secret: 'short-lived-key', expiresAt },
        { ...key, secret: 'withdrawn-key', label: 'withdrawn' },
      ],
    ),
    account('foreign', [products.foreign]),
  ]
}

function counts(data: string): string[] {
  return ['operation', 'package', 'event'].map(
    (table) => `${table} ${query(data, `select count(*) as count from ${table}`)[0]?.count}`,
  )
}

/** Lines of the log from `error` upwards. */
function failuresIn(log: string): string[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{'))
  const logged = lines.map(
    (line) => JSON.parse(line) as { level: number; msg: string; err?: { stack?: string } },
  )
  return logged.filter(({ level }) => level >= 50).map(({ msg, err }) => `${msg} ${err?.stack}`)
}
