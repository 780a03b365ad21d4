import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../test/helpers/ask.ts'
import {
  edgeClient,
  edgePaths,
  goLive,
  keyHeaders,
  rows,
  seeded,
  startEdge,
  startGatedServer,
  zipHeaders,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { systemClock } from '../../engine/clock.ts'

const paths = edgePaths()
const sound = buildExtension({ version: '1.0.1' })

/** The ways in which clients are known to read `Location` (edge-addons.md 1.4). */
const readings: { readonly [client: string]: (location: string) => string } = {
  'verbatim, as most do': (location) => location,
  'the part behind the last slash': (location) => location.split('/').at(-1) ?? '',
  'whatever matches a GUID': (location) =>
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(location)?.[0] ?? '',
  'PowerShell: behind the first colon, with its blank': (location) =>
    `Location: ${location}`.split(':')[1] ?? '',
}

test('Location leads to the operation however a client reads it [6-2][6-23]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const upload = await edge.startUpload(sound)
  const publish = await edge.startPublish()
  await server.settle()
  for (const [client, read] of Object.entries(readings)) {
    for (const url of [
      paths.uploadOperation(encodeURIComponent(read(upload))),
      paths.publishOperation(encodeURIComponent(read(publish))),
    ]) {
      const answer = await server.http.inject({ method: 'GET', url, headers: keyHeaders })
      assert.equal(answer.statusCode, 200, client)
    }
  }
})

/** How the official PowerShell sample finds a member: it splits the text at commas and colons. */
function powerShellMember(text: string, name: string): string | undefined {
  for (const member of text.slice(1, -1).split(',')) {
    const [key, value] = member.split(':')
    if (key === `"${name}"`) return value?.replaceAll('"', '')
  }
  return undefined
}

test("the official PowerShell sample's reader finds the status in every poll, and loops only on 202 [6-20][6-22]", async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const id = await edge.startUpload(sound)
  const running = await edge.pollUpload(id)
  assert.equal(running.status, 202)
  assert.equal(powerShellMember(running.text, 'status'), 'InProgress')
  assert.equal(powerShellMember(running.text, 'message'), 'null')
  server.openGates()
  await server.settle()
  const finished = await edge.pollUpload(id)
  assert.equal(finished.status, 200)
  assert.equal(powerShellMember(finished.text, 'status'), 'Succeeded')
  assert.equal(powerShellMember(finished.text, 'errorCode'), '')
})

test('an answer to a poll is one line without any blank between its members [6-22]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const upload = await edge.upload(buildExtension({ manifest: { key: 'x' } }))
  const { text } = await edge.pollUpload(upload.id)
  assert.equal(text, JSON.stringify(JSON.parse(text)))
  assert.deepEqual(Object.keys(upload), [
    'id',
    'createdTime',
    'lastUpdatedTime',
    'status',
    'message',
    'errorCode',
    'errors',
  ])
})

test('the errors of a failed upload and of a failed publish are objects whose message is a text [6-16]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const upload = await edge.upload(buildExtension({ manifest: { key: 'x' }, version: 'one' }))
  await edge.upload(sound)
  await edge.publish()
  await goLive(server)
  await edge.upload(sound)
  const publish = await edge.publish()
  assert.equal(publish.errorCode, 'SubmissionValidationError')
  assert.ok((upload.errors?.length ?? 0) >= 2)
  for (const error of [...(upload.errors ?? []), ...(publish.errors ?? [])]) {
    assert.deepEqual(Object.keys(error), ['message'])
    assert.equal(typeof error.message, 'string')
  }
})

test('publish-browser-extension: chunked upload, poll until it ends, publish with {} and stop [6-4][6-9][6-10]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  async function* stream() {
    yield sound.subarray(0, 700)
    yield sound.subarray(700)
  }
  const upload = await ask(address, {
    method: 'POST',
    path: paths.package,
    headers: zipHeaders,
    body: stream(),
  })
  assert.equal(upload.headers['content-type'], undefined)
  await server.settle()
  const poll = await ask(address, {
    path: paths.uploadOperation(upload.headers.location ?? ''),
    headers: keyHeaders,
  })
  assert.equal((JSON.parse(poll.body) as { status: string }).status, 'Succeeded')
  const headers = { ...keyHeaders, 'content-type': 'application/json', accept: 'application/json' }
  const publish = await ask(address, { method: 'POST', path: paths.submissions, headers, body: '{}' })
  assert.equal(publish.status, 202)
  assert.equal(publish.headers['content-type'], undefined)
  await server.settle()
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.1'])
})

test('edge-webstore-upload: GETs with a JSON type and no body, publish with JSON notes and polls of it [6-14]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const json = { ...keyHeaders, 'content-type': 'application/json' }
  const upload = await ask(address, { method: 'POST', path: paths.package, headers: zipHeaders, body: sound })
  await server.settle()
  const get = async (path: string) =>
    JSON.parse((await ask(address, { path, headers: json })).body) as { status: string }
  assert.equal((await get(paths.uploadOperation(upload.headers.location ?? ''))).status, 'Succeeded')
  const body = '{"notes":"for the reviewers"}'
  const publish = await ask(address, { method: 'POST', path: paths.submissions, headers: json, body })
  await server.settle()
  assert.equal((await get(paths.publishOperation(publish.headers.location ?? ''))).status, 'Succeeded')
})

test('an upload is validated within the 12 seconds that the least patient client waits [6-27]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const begin = systemClock.now()
  const id = await edge.startUpload(sound)
  await server.settle()
  assert.equal((await edge.pollUpload(id)).operation.status, 'Succeeded', 'no time of the clock has to pass')
  assert.ok(systemClock.now() - begin < 12_000)
})

test('no business failure is a 4xx: whatever is wrong, POST is 202 and the poll is 200 and Failed [6-24]', async () => {
  await using server = await startEdge()
  const outcomes: (string | null | undefined)[] = []
  const expectFailed = async (kind: 'upload' | 'publish', id: string) => {
    await server.settle()
    const edge = edgeClient(server)
    const { status, operation } = kind === 'upload' ? await edge.pollUpload(id) : await edge.pollPublish(id)
    assert.equal(status, 200)
    assert.equal(operation.status, 'Failed')
    outcomes.push(operation.errorCode)
  }
  const edge = edgeClient(server)
  await expectFailed('upload', await edge.startUpload(Buffer.from('no zip')))
  await expectFailed('publish', await edge.startPublish())
  await publishLive(server, '2.0')
  await edge.upload(buildExtension({ version: '1.0' }))
  await expectFailed('publish', await edge.startPublish())
  await edge.upload(buildExtension({ version: '3.0' }))
  await edge.publish()
  await expectFailed('publish', await edge.startPublish())
  assert.deepEqual(outcomes, [
    'PackageValidationError',
    'NoModulesUpdated',
    'SubmissionValidationError',
    'InProgressSubmission',
  ])
})

test('one release after the other goes through, each replacing the one before', async () => {
  await using server = await startEdge()
  for (const version of ['1.0', '1.0.1', '1.1', '2']) await publishLive(server, version)
  assert.deepEqual(await rows(server), [
    'InTheStore -',
    'InTheStore 1.0',
    'InTheStore 1.0.1',
    'InTheStore 1.1',
    'InTheStore 2',
  ])
  const views = await server.engine.listSubmissions(
    { accountId: 'sandbox', credentialId: 'test', role: 'publisher' },
    { productId: seeded.productId, after: null, limit: 10 },
  )
  assert.deepEqual(
    views.map(({ submission }) => submission.phase),
    ['past', 'past', 'past', 'past', 'live'],
  )
})

async function publishLive(server: TestServer, version: string): Promise<void> {
  const edge = edgeClient(server)
  assert.equal((await edge.upload(buildExtension({ version }))).status, 'Succeeded')
  assert.equal((await edge.publish()).status, 'Succeeded')
  await goLive(server)
}
