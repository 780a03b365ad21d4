import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { apiRoot, apkOf, type Json, seededApp } from '../helpers/amazon-client.ts'
import { ask, type RawAnswer } from '../helpers/ask.ts'
import { assertWhole } from '../helpers/data-folder.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { type ServerProcess, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** CRASH_SEED=n kills at other moments. */
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const flags = { steps: 'amazon.REVIEW=50,amazon.PUBLISHING=20', log: 'error' } as const

type Operation = 'upload' | 'replace' | 'notes' | 'commit'

/**
 * What is interrupted, and when: half-way through the body, so many milliseconds at most after it was sent, or in the
 * moment of the answer.
 */
const kills: readonly { operation: Operation; at: 'half' | 'answer' | number }[] = [
  { operation: 'upload', at: 'half' },
  { operation: 'replace', at: 250 },
  { operation: 'upload', at: 'answer' },
  { operation: 'replace', at: 'answer' },
  { operation: 'notes', at: 'answer' },
  { operation: 'commit', at: 15 },
  { operation: 'commit', at: 40 },
  { operation: 'commit', at: 'answer' },
]

/** A client on one server process after the other. */
function clientOf(authorization: () => string) {
  const base = `${apiRoot}/${seededApp.appId}`
  return async (
    server: ServerProcess,
    method: string,
    path: string,
    body?: Uint8Array | string | AsyncIterable<Uint8Array>,
    etag?: string,
  ) => {
    const answer = await ask(server.url, {
      method,
      path: `${base}${path}`,
      headers: { authorization: authorization(), ...(etag === undefined ? {} : { 'if-match': etag }) },
      ...(body === undefined ? {} : { body }),
    })
    return { ...answer, json: answer.body === '' ? undefined : (JSON.parse(answer.body) as Json) }
  }
}

test('killed during uploads, replacements and commits, nothing acknowledged is lost and nothing is half done', {
  timeout: 120_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-amazon-'))
  t.after(() => rm(folder, { recursive: true }))
  t.diagnostic(`run it again with CRASH_SEED=${seed}`)
  const random = seededRandom(seed)
  const data = join(folder, 'data')
  let authorization = ''
  const send = clientOf(() => authorization)
  let versionCode = 1
  const outcomes: string[] = []

  /** All that can be seen of the open edit; null when there is none. */
  async function stateOf(server: ServerProcess) {
    const { json: edit } = await send(server, 'GET', '/edits')
    if (edit.id === undefined) return null
    const path = `/edits/${edit.id}`
    const apks = (await send(server, 'GET', `${path}/apks`)).json as Json[]
    const listing = await send(server, 'GET', `${path}/listings/en-US`)
    const apk = await send(server, 'GET', `${path}/apks/${seededApp.apkId}`)
    const { etag } = (await send(server, 'GET', path)).headers
    const tags = { edit: etag, listing: listing.headers.etag, apk: apk.headers.etag }
    return { path, status: edit.status as string, apks, notes: listing.json.recentChanges as string, tags }
  }

  async function drafted(server: ServerProcess) {
    await waitFor('the end of the last review', async () => {
      const { json } = await send(server, 'GET', '/edits')
      return json.id === undefined || json.status === 'IN_PROGRESS' ? true : undefined
    })
    if ((await send(server, 'GET', '/edits')).json.id === undefined) {
      assert.equal((await send(server, 'POST', '/edits')).status, 200)
    }
    const state = await stateOf(server)
    assert.ok(state)
    return state
  }

  let server = await startServerProcess(data, { flags })
  t.after(() => server.kill('SIGKILL'))
  for (const { operation, at } of kills) {
    authorization ||= await login(server)
    if (operation === 'commit') await writeNotes(server)
    const before = await drafted(server)
    versionCode++
    const bytes = apkOf(
      versionCode,
      {},
      {
        entries: [{ name: 'assets/data.bin', content: Buffer.alloc(300_000, versionCode), method: 'stored' }],
      },
    )
    let reachedHalf: () => void = () => {}
    const atHalf = new Promise<void>((resolve) => {
      reachedHalf = resolve
    })
    async function* halves() {
      yield bytes.subarray(0, bytes.length >> 1)
      reachedHalf()
      if (at === 'half') await delay(1000)
      yield bytes.subarray(bytes.length >> 1)
    }
    const started: Promise<RawAnswer> = {
      upload: () => send(server, 'POST', `${before.path}/apks/upload`, halves()),
      replace: () =>
        send(server, 'PUT', `${before.path}/apks/${seededApp.apkId}/replace`, halves(), before.tags.apk),
      notes: () =>
        send(
          server,
          'PUT',
          `${before.path}/listings/en-US`,
          JSON.stringify({ title: 'T', keywords: [], recentChanges: `Notes ${versionCode}` }),
          before.tags.listing,
        ),
      commit: () => send(server, 'POST', `${before.path}/commit`, '', before.tags.edit),
    }[operation]()
    const answered = started.catch(() => undefined)
    await (at === 'half' ? atHalf : at === 'answer' ? answered : delay(1 + random.below(at)))
    await server.kill('SIGKILL')
    const answer = await answered

    server = await startServerProcess(data, { flags })
    const after = await stateOf(server)
    const isDone = hasHappened(operation, before, after, versionCode)
    outcomes.push(`${operation} ${answer?.status ?? 'unanswered'} ${isDone ? 'done' : 'not done'}`)
    if (answer?.status === 200) assert.ok(isDone, `${operation} was acknowledged and is gone`)
    if (at === 'half') assert.ok(!isDone, `${operation} of half a package happened`)
    if (!isDone) assert.deepEqual(after, before, `${operation} is half done`)
  }
  t.diagnostic(outcomes.join(', '))

  const last = server
  await drafted(last)
  await writeNotes(last)
  const { path, tags } = await drafted(last)
  assert.equal((await send(last, 'POST', `${path}/commit`, '', tags.edit)).status, 200)
  await waitFor('the release', async () =>
    (await send(last, 'GET', '/edits')).body === '{}' ? true : undefined,
  )
  assert.deepEqual(await last.kill('SIGTERM'), { code: 0, signal: null })
  assertWhole(data)

  async function writeNotes(server: ServerProcess): Promise<void> {
    const state = await drafted(server)
    const own = (await send(server, 'GET', `${state.path}/listings/en-US`)).json
    const body = JSON.stringify({ ...own, title: 'T', recentChanges: 'New.' })
    const written = await send(server, 'PUT', `${state.path}/listings/en-US`, body, state.tags.listing)
    assert.equal(written.status, 200)
  }
})

type State = {
  readonly status: string
  readonly apks: readonly Json[]
  readonly notes: string
  readonly tags: { readonly edit: string | undefined }
} | null

/** Whether an operation has happened, wholly: what it should have changed has changed, and nothing else. */
function hasHappened(operation: Operation, before: State, after: State, versionCode: number): boolean {
  // Committed, and live already.
  if (!after || !before) return operation === 'commit'
  if (after.tags.edit === before.tags.edit) return false
  if (operation === 'commit') return after.status !== 'IN_PROGRESS'
  const codes = (state: NonNullable<State>) => state.apks.map((apk) => apk.versionCode as number)
  if (operation === 'upload') assert.deepEqual(codes(after), [...codes(before), versionCode])
  if (operation === 'replace') assert.deepEqual(codes(after), [versionCode, ...codes(before).slice(1)])
  if (operation === 'notes') assert.equal(after.notes, `Notes ${versionCode}`)
  return true
}

async function login(server: ServerProcess): Promise<string> {
  const answer = await ask(server.url, {
    method: 'POST',
    path: '/auth/o2/token',
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: seededApp.clientId,
      client_secret: seededApp.secret,
      scope: 'appstore::apps:readwrite',
    }),
  })
  return `Bearer ${(JSON.parse(answer.body) as { access_token: string }).access_token}`
}
