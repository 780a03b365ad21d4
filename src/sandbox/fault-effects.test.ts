import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ask } from '../../test/helpers/ask.ts'
import {
  edgeClient,
  edgePaths,
  keyHeaders,
  rows,
  seeded,
  startEdge,
  zeroGuid,
  zipHeaders,
} from '../../test/helpers/edge-client.ts'
import { buildExtension } from '../../test/helpers/extension-builder.ts'
import type { TestServer } from '../../test/helpers/start-server.ts'

const paths = edgePaths()
const operationPath = paths.uploadOperation(zeroGuid)

async function startFaulty(t: TestContext, faults: readonly unknown[]): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
  const path = join(folder, 'faults.json')
  await writeFile(path, JSON.stringify({ faults }))
  const server = await startEdge({ faults: path })
  t.after(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  return server
}

const any = { store: 'edge' }

for (const [error, status, reason, body] of [
  ['unauthenticated', 401, 'Unauthorized', ''],
  ['forbidden', 403, 'Forbidden', ''],
  ['not_found', 404, 'Resource Not Found', ''],
  ['timeout', 408, 'Request Timeout', ''],
  [
    'rate_limited',
    429,
    'Too Many Requests',
    '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 10 seconds."}',
  ],
  ['internal', 500, 'Internal Server Error', ''],
] as const) {
  test(`the error ${error} is answered as Edge answers it`, async (t) => {
    const server = await startFaulty(t, [{ match: any, effect: { error } }])
    const answer = await ask(await server.listen(), { path: operationPath, headers: keyHeaders })
    assert.deepEqual([answer.status, answer.reason, answer.body], [status, reason, body])
    assert.ok(answer.headers['x-request-id'])
  })
}

test('an error at the token endpoint is answered as Entra answers it', async (t) => {
  const server = await startFaulty(t, [{ match: { store: 'entra' }, effect: { error: 'rate_limited' } }])
  const answer = await server.http.inject({
    method: 'POST',
    url: `/${seeded.tenantId}/oauth2/v2.0/token`,
    payload: 'grant_type=client_credentials',
  })
  assert.equal(answer.statusCode, 429)
  assert.equal(answer.json().error, 'temporarily_unavailable')
  const elsewhere = await server.http.inject({ url: operationPath, headers: keyHeaders })
  assert.equal(elsewhere.statusCode, 404)
})

test('faults are no failures of the server: its log has none of them', async (t) => {
  const server = await startFaulty(t, [{ match: any, effect: { error: 'internal' } }])
  await server.http.inject({ url: operationPath, headers: keyHeaders })
  assert.ok(!server.logged.some((line) => line.includes('"level":50')), server.logged.join('\n'))
})

test('faults strike stores only, not the native API or the health checks', async (t) => {
  const server = await startFaulty(t, [{ match: {}, effect: { error: 'internal' } }])
  assert.equal((await server.http.inject('/healthz')).statusCode, 200)
  assert.equal((await server.http.inject('/api/v1/products')).statusCode, 401)
})

test('an answer is that very answer: status, reason phrase, headers, JSON', async (t) => {
  const answer = {
    status: 503,
    reason: 'Down for a while',
    headers: { 'retry-after': '3', 'x-own': 'yes' },
    body: { a: [1] },
  }
  const server = await startFaulty(t, [{ match: any, effect: { answer } }])
  const got = await ask(await server.listen(), { path: operationPath })
  assert.deepEqual([got.status, got.reason, got.body], [503, 'Down for a while', '{"a":[1]}'])
  assert.equal(got.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual([got.headers['retry-after'], got.headers['x-own']], ['3', 'yes'])
})

test('an answer without a body has none, and no type', async (t) => {
  const server = await startFaulty(t, [{ match: any, effect: { answer: { status: 202 } } }])
  const got = await ask(await server.listen(), { path: operationPath })
  assert.deepEqual([got.status, got.body, got.headers['content-length']], [202, '', '0'])
  assert.equal(got.headers['content-type'], undefined)
})

test('a text is sent as it is, null as JSON', async (t) => {
  const server = await startFaulty(t, [
    {
      match: { nth: 1 },
      effect: { answer: { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>' } },
    },
    { match: { nth: 2 }, effect: { answer: { status: 200, body: null } } },
  ])
  const address = await server.listen()
  const page = await ask(address, { path: operationPath })
  assert.deepEqual([page.status, page.body, page.headers['content-type']], [502, '<h1>', 'text/html'])
  assert.equal((await ask(address, { path: operationPath })).body, 'null')
})

test('a delay is the usual, so much later', async (t) => {
  const server = await startFaulty(t, [{ match: { nth: 1 }, effect: { delayMs: 500 } }])
  const time = async () => {
    const start = performance.now()
    const { statusCode } = await server.http.inject({ url: operationPath, headers: keyHeaders })
    assert.equal(statusCode, 404)
    return performance.now() - start
  }
  assert.ok((await time()) >= 499)
  assert.ok((await time()) < 400)
})

test('delays add up before what answers', async (t) => {
  const server = await startFaulty(t, [
    { match: {}, effect: { delayMs: 60 } },
    { match: {}, effect: { delayMs: 60 } },
    { match: {}, effect: { answer: { status: 418 } } },
    { match: {}, effect: { error: 'internal' } },
  ])
  const start = performance.now()
  const { statusCode } = await server.http.inject({ url: operationPath, headers: keyHeaders })
  assert.equal(statusCode, 418)
  assert.ok(performance.now() - start >= 119)
})

for (const method of ['GET', 'POST'] as const) {
  test(`a dropped request (${method}) breaks off and does nothing`, async (t) => {
    const server = await startFaulty(t, [{ match: { method }, effect: { drop: 'request' } }])
    const address = await server.listen()
    const question =
      method === 'GET'
        ? { path: operationPath, headers: keyHeaders }
        : { method, path: paths.package, headers: zipHeaders, body: buildExtension() }
    await assert.rejects(ask(address, question), /socket hang up|ECONNRESET|EPIPE/)
    assert.deepEqual(await rows(server), ['InTheStore -'])
    const { operations } = await server.engine.listOutcomes(0)
    assert.deepEqual(operations, [])
  })
}

test('a dropped reply breaks off although everything was done: the retry meets it', async (t) => {
  const server = await startFaulty(t, [{ match: { method: 'POST', times: 2 }, effect: { drop: 'reply' } }])
  const address = await server.listen()
  const upload = { method: 'POST', path: paths.package, headers: zipHeaders, body: buildExtension() }
  await assert.rejects(ask(address, upload), /socket hang up|ECONNRESET/)
  await server.settle()
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
  await assert.rejects(
    ask(address, { method: 'POST', path: paths.submissions, headers: keyHeaders }),
    /socket hang up|ECONNRESET/,
  )
  await server.settle()
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'])
  const operation = await edgeClient(server).publish()
  assert.equal(operation.errorCode, 'InProgressSubmission')
})

test('a step fails with the finding, once it is due', async (t) => {
  const fail = { code: 'policy', severity: 'error', message: 'No.', target: 'name' }
  const server = await startFaulty(t, [{ match: { times: 1 }, effect: { step: 'InReview', fail } }])
  const client = edgeClient(server)
  await client.upload(buildExtension())
  assert.equal((await client.publish()).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'])
  await server.elapse(1000)
  const { submissions } = await server.engine.listOutcomes(0)
  assert.deepEqual(
    submissions.filter(({ step }) => step === 'ReviewFailed').map(({ findings }) => findings),
    [[fail]],
  )
})

test('a step that stalls is never left', async (t) => {
  const server = await startFaulty(t, [{ match: {}, effect: { step: 'WaitingToPublish', stall: true } }])
  const client = edgeClient(server)
  await client.upload(buildExtension())
  await client.publish()
  await server.elapse(1000)
  for (let day = 0; day < 3; day++) await server.elapse(24 * 3600 * 1000)
  assert.deepEqual(await rows(server), ['InTheStore -', 'WaitingToPublish 1.0.0'])
})

test('an operation fails with its findings; what it would have done did not happen', async (t) => {
  const findings = [{ code: 'x', severity: 'error', message: 'The manifest is odd.' }]
  const server = await startFaulty(t, [
    {
      match: { product: seeded.productId, times: 1 },
      effect: { operation: 'upload', refusal: 'package_invalid', findings },
    },
    { match: {}, effect: { operation: 'publish', refusal: 'broken' } },
  ])
  const client = edgeClient(server)
  const upload = await client.upload(buildExtension())
  assert.deepEqual(
    [upload.status, upload.errorCode, upload.errors],
    ['Failed', 'PackageValidationError', [{ message: 'The manifest is odd.' }]],
  )
  assert.deepEqual(await rows(server), ['InTheStore -'])
  assert.equal((await client.upload(buildExtension())).status, 'Succeeded')
  const publish = await client.publish()
  assert.deepEqual(
    [publish.status, publish.errorCode, publish.message],
    ['Failed', null, 'An error occurred while performing the operation'],
  )
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
})

test('an operation that stalls stays in progress', async (t) => {
  const server = await startFaulty(t, [{ match: {}, effect: { operation: 'upload', stall: true } }])
  const client = edgeClient(server)
  const id = await client.startUpload(buildExtension())
  await server.elapse(24 * 3600 * 1000)
  const { status, operation } = await client.pollUpload(id)
  assert.deepEqual([status, operation.status], [202, 'InProgress'])
})
