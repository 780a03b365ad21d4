import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { migratedDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { type ServerProcess, slipway, startServerProcess } from '../helpers/server-process.ts'

const run = promisify(execFile)
const clientId = '22222222-2222-2222-2222-222222222222'
const flags = { log: 'error' } as const

interface Signed {
  readonly entra: string
  readonly lwa: string
  readonly upload: string
  readonly submissionId: string
}

async function tokenOf({ url }: ServerProcess, path: string, more: { readonly [name: string]: string }) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_secret: 'sandbox-secret',
    ...more,
  })
  const answer = await fetch(`${url}${path}`, { method: 'POST', body })
  const { access_token } = (await answer.json()) as { access_token: string }
  assert.equal(answer.status, 200)
  return access_token
}

/** Has the server sign one of each; a submission that is there already gets another URL. */
async function sign(server: ServerProcess, submissionId?: string): Promise<Signed> {
  const entra = await tokenOf(server, '/11111111-1111-1111-1111-111111111111/oauth2/token', {
    client_id: clientId,
    resource: 'https://manage.devcenter.microsoft.com',
  })
  const lwa = await tokenOf(server, '/auth/o2/token', {
    client_id: 'amzn1.application-oa2-client.slipway',
    scope: 'appstore::apps:readwrite',
  })
  const path = submissionId === undefined ? submissions : `${submissions}/${submissionId}`
  const answer = await fetch(`${server.url}${path}`, {
    method: submissionId === undefined ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${entra}` },
  })
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  const { id, fileUploadUrl } = (await answer.json()) as { id: string; fileUploadUrl: string }
  const { pathname, search } = new URL(fileUploadUrl)
  return { entra, lwa, upload: `${pathname}${search}`, submissionId: id }
}

const submissions = '/v1.0/my/applications/9NSLIPWAY001/submissions'

/** How each of them is taken: status by what it was signed for. */
async function taken(
  { url }: ServerProcess,
  { entra, lwa, upload }: Signed,
): Promise<{ [purpose: string]: number }> {
  const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(`${url}${path}`, init)).status
  return {
    entra: await statusOf('/v1.0/my/applications', { headers: { authorization: `Bearer ${entra}` } }),
    lwa: await statusOf('/api/appstore/v1/applications/amzn1.devportal.mobileapp.slipway/edits', {
      headers: { authorization: `Bearer ${lwa}` },
    }),
    upload: await statusOf(upload, {
      method: 'PUT',
      body: 'bytes',
      headers: { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/zip' },
    }),
  }
}

const good = { entra: 200, lwa: 200, upload: 201 }
const refused = { entra: 401, lwa: 401, upload: 403 }

function keyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}

async function rotate(
  args: readonly string[],
): Promise<{ purpose: string; good: number; retired: number }[]> {
  const [node, ...program] = slipway
  const { stdout } = await run(node, [...program, 'key', 'rotate', '--json', ...args])
  const lines = stdout.trim().split('\n')
  return lines.map((line) => JSON.parse(line)).sort((one, two) => (one.purpose < two.purpose ? -1 : 1))
}

function outcome(good: number, retired: number) {
  return ['entra', 'lwa', 'upload'].map((purpose) => ({ purpose, retired, good }))
}

const places = {
  SQLite: async (folder: string) => ({ args: ['--data', folder], flags: {}, dispose: async () => {} }),
  async PostgreSQL(_folder: string) {
    const database = await migratedDatabase()
    const dispose = () => database[Symbol.asyncDispose]()
    return { args: ['--database', database.url], flags: { database: database.url }, dispose }
  },
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-keys-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

for (const [name, place] of Object.entries(places)) {
  test(`keys are rotated under a server that runs, and nothing that was signed is refused before it is meant to be (${name})`, {
    timeout: 60_000,
  }, async (t) => {
    const missing = name === 'PostgreSQL' && (await withoutPostgres('key rotation on PostgreSQL'))
    if (missing) return t.skip(missing)
    const folder = await temporaryFolder(t)
    const { args, flags: more, dispose } = await place(folder)
    t.after(dispose)
    const startAgain = () => startServerProcess(folder, { flags: { ...flags, ...more } })

    await using first = await startAgain()
    const before = await sign(first)
    assert.deepEqual(await rotate(args), outcome(2, 0))
    assert.deepEqual(await taken(first, before), good)
    await first.kill('SIGTERM')

    await using second = await startAgain()
    const after = await sign(second, before.submissionId)
    assert.notEqual(keyOf(after.entra), keyOf(before.entra))
    assert.deepEqual(await taken(second, before), good)
    assert.deepEqual(await taken(second, after), good)
    assert.deepEqual(await rotate(['--keep', '0', ...args]), outcome(1, 2))
    await second.kill('SIGTERM')

    await using third = await startAgain()
    assert.deepEqual(await taken(third, before), refused)
    assert.deepEqual(await taken(third, after), refused)
    assert.deepEqual(await taken(third, await sign(third, before.submissionId)), good)
    await third.kill('SIGTERM')
  })
}

test('what was replaced longer ago than is kept is retired by the next rotation', {
  timeout: 60_000,
}, async (t) => {
  const folder = await temporaryFolder(t)
  await using server = await startServerProcess(folder, { flags })
  await sign(server)
  await server.kill('SIGTERM')
  const args = ['--data', folder]
  assert.deepEqual(await rotate(args), outcome(2, 0))
  assert.deepEqual(await rotate(args), outcome(3, 0))
  const database = new DatabaseSync(join(folder, 'slipway.db'))
  // As if all of it had happened two days earlier.
  database.exec('update "signingKey" set "createdAt" = "createdAt" - 48 * 3600 * 1000')
  database.close()
  // The first two were replaced that long ago; the third is replaced now.
  assert.deepEqual(await rotate(args), outcome(2, 2))
})
