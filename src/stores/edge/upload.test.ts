import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask } from '../../../test/helpers/ask.ts'
import {
  dashboard,
  edgeClient,
  edgePaths,
  goLive,
  hurriedInspector,
  keyHeaders,
  rows,
  startEdge,
  startGatedServer,
  until,
  zipHeaders,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { operator, scenario } from '../../../test/helpers/scenario.ts'
import { startServer, type TestServer } from '../../../test/helpers/start-server.ts'

const path = edgePaths().package
const sound = buildExtension({ version: '1.0.0' })
const unsound = buildExtension({ manifest: { key: 'MIIB' } })

const accepted = { 'content-length': '0', location: 'id-1' }
const inspectedAndKept = [
  {
    type: 'operation.started',
    data: { operationId: 'id-1', kind: 'upload', packageId: 'id-2', sha256: 'sha256', size: sound.length },
  },
  { type: 'package.inspected', data: { packageId: 'id-2', sound: true, findings: [] } },
]

scenario(
  'an upload is 202 with the bare operation id, no body and no Content-Type, and opens a draft [E1][6-2][6-3][6-4][6-5]',
  {
    request: { method: 'POST', url: path, headers: zipHeaders, body: sound },
    status: 202,
    headers: accepted,
    body: '',
    events: [
      ...inspectedAndKept,
      'submission.created',
      { type: 'submission.changed', data: { packageId: 'id-2' } },
      {
        type: 'operation.settled',
        data: { operationId: 'id-1', kind: 'upload', status: 'succeeded', refusal: null },
      },
    ],
  },
)

scenario('the bare path uploads just so [B1]', {
  request: { method: 'POST', url: edgePaths(undefined, '').package, headers: zipHeaders, body: sound },
  status: 202,
  headers: accepted,
  body: '',
  events: [...inspectedAndKept, 'submission.created', 'submission.changed', 'operation.settled'],
})

scenario('an upload into a draft that exists opens no second one', {
  given: async (server) => void (await edgeClient(server).upload(buildExtension({ version: '0.9' }))),
  request: { method: 'POST', url: path, headers: zipHeaders, body: sound },
  status: 202,
  headers: accepted,
  body: '',
  events: [...inspectedAndKept, 'submission.changed', 'operation.settled'],
})

scenario('a package that fails validation changes no submission', {
  request: { method: 'POST', url: path, headers: zipHeaders, body: unsound },
  status: 202,
  headers: accepted,
  body: '',
  events: [
    'operation.started',
    'package.inspected',
    {
      type: 'operation.settled',
      data: { operationId: 'id-1', kind: 'upload', status: 'failed', refusal: 'package_invalid' },
    },
  ],
})

const badRequest = { status: 400, headers: { 'content-length': '0' }, body: '', events: [] } as const

scenario('an upload without a Content-Type is 400 with an empty body [6-12]', {
  request: { method: 'POST', url: path, headers: keyHeaders, body: sound },
  ...badRequest,
})

scenario('an upload of another Content-Type is 400 with an empty body [6-12]', {
  request: {
    method: 'POST',
    url: path,
    headers: { ...keyHeaders, 'content-type': 'multipart/form-data' },
    body: sound,
  },
  ...badRequest,
})

scenario('an upload of no bytes is 400 with an empty body', {
  request: { method: 'POST', url: path, headers: zipHeaders, body: new Uint8Array(0) },
  ...badRequest,
})

scenario('an upload without a body is 400 with an empty body', {
  request: { method: 'POST', url: path, headers: zipHeaders },
  ...badRequest,
})

test('application/zip is taken in any case and with parameters, and nothing else is [6-12]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const statusOf = async (type: string) => {
    const headers = { ...keyHeaders, 'content-type': type }
    return (await ask(address, { method: 'POST', path, headers, body: sound })).status
  }
  for (const type of [
    'application/zip',
    'Application/ZIP',
    'application/zip; charset=binary',
    'application/zip ;x=y',
  ]) {
    assert.equal(await statusOf(type), 202, type)
  }
  for (const type of [
    'application/x-zip-compressed',
    'application/octet-stream',
    'application/zipx',
    'zip',
    'text/plain',
  ]) {
    assert.equal(await statusOf(type), 400, type)
  }
})

test('an upload to a product of nobody, of another kind of id or of another store is 404 [6-35]', async () => {
  await using server = await startEdge()
  for (const productId of [
    '44444444-4444-4444-4444-444444444444',
    'nonsense',
    '0RDCKB0WXYZ1',
    'a'.repeat(32),
    '%20',
  ]) {
    const answer = await server.http.inject({
      method: 'POST',
      url: edgePaths(productId).package,
      headers: zipHeaders,
      payload: Buffer.from(sound),
    })
    assert.equal(answer.statusCode, 404, productId)
    assert.equal(answer.body, '')
  }
})

test('what is not yours is 404 even when the Content-Type is wrong too', async () => {
  await using server = await startEdge()
  const answer = await server.http.inject({
    method: 'POST',
    url: edgePaths('nonsense').package,
    headers: { ...keyHeaders, 'content-type': 'text/plain' },
    payload: 'text',
  })
  assert.equal(answer.statusCode, 404)
})

test('an upload with Content-Length and a chunked one are the same [6-10]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const whole = await ask(address, { method: 'POST', path, headers: zipHeaders, body: sound })
  const chunked = await ask(address, {
    method: 'POST',
    path,
    headers: zipHeaders,
    body: inChunks(sound, 100),
  })
  await server.settle()
  for (const answer of [whole, chunked]) {
    assert.equal(answer.status, 202)
    assert.equal(answer.reason, 'Accepted')
    const { operation } = await edgeClient(server).pollUpload(answer.headers.location ?? '')
    assert.equal(operation.status, 'Succeeded')
  }
  const hashes = (await started(server)).map(({ data }) => data.sha256)
  assert.equal(hashes.length, 2)
  assert.equal(hashes[0], hashes[1])
})

test('an upload that expects 100 Continue gets it and then its answer [6-11]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const body = padded('1.0.0', 1_500_000)
  const begin = performance.now()
  const answer = await ask(address, {
    method: 'POST',
    path,
    headers: { ...zipHeaders, expect: '100-continue' },
    body,
  })
  assert.ok(answer.continued)
  assert.equal(answer.status, 202)
  assert.ok(performance.now() - begin < 900, 'a client that gives up waiting does so after a second')
})

test('a package of 40 MB is taken and validated [6-13]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const body = padded('4.0.0', 40 * 1024 ** 2)
  const answer = await ask(address, {
    method: 'POST',
    path,
    headers: zipHeaders,
    body: inChunks(body, 65_536),
  })
  assert.equal(answer.status, 202)
  await server.settle()
  const { operation } = await edgeClient(server).pollUpload(answer.headers.location ?? '')
  assert.equal(operation.status, 'Succeeded', JSON.stringify(operation))
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 4.0.0'])
})

test('an upload that is broken off leaves no operation, no draft and no bytes behind', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  async function* breaking() {
    yield sound.subarray(0, 1000)
    await until(
      async () => blobs(server).length,
      (count) => count === 1,
    )
    throw new Error('the client went away')
  }
  await assert.rejects(ask(address, { method: 'POST', path, headers: zipHeaders, body: breaking() }))
  await until(
    async () => blobs(server).length,
    (count) => count === 0,
  )
  await server.settle()
  assert.deepEqual(await started(server), [])
  assert.deepEqual(await rows(server), ['InTheStore -'])
  assert.deepEqual(blobs(server), [])
})

test('an upload that stands still is 408 with an empty body', async () => {
  await using server = await startEdge({ bodyIdleMs: '60' })
  const address = await server.listen()
  const { promise: forever, resolve: end } = Promise.withResolvers<void>()
  async function* stalling() {
    yield sound.subarray(0, 1000)
    await forever
  }
  const headers = { ...zipHeaders, connection: 'keep-alive' }
  const answer = await ask(address, { method: 'POST', path, headers, body: stalling() })
  end()
  assert.equal(answer.headers.connection, 'close', 'what else comes of the body is not waited for')
  assert.equal(answer.status, 408)
  assert.equal(answer.reason, 'Request Timeout')
  assert.equal(answer.body, '')
  assert.deepEqual(await started(server), [])
  assert.deepEqual(blobs(server), [])
})

test('an upload that keeps coming slowly is not cut off', async () => {
  await using server = await startEdge({ bodyIdleMs: '200' })
  const address = await server.listen()
  async function* slowly() {
    for await (const chunk of inChunks(sound, Math.ceil(sound.length / 6))) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      yield chunk
    }
  }
  const answer = await ask(address, { method: 'POST', path, headers: zipHeaders, body: slowly() })
  assert.equal(answer.status, 202)
})

test('a later upload replaces the package of the draft, and the draft stays one', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(buildExtension({ version: '1.1' }))
  const [, first] = await dashboard(server)
  await edge.upload(buildExtension({ version: '1.2' }))
  const [, second, ...more] = await dashboard(server)
  assert.deepEqual(more, [])
  assert.equal(first?.id, second?.id)
  assert.notEqual(first?.packageId, second?.packageId)
  assert.equal(second?.version, '1.2')
})

test('a package that fails validation does not replace the good one of the draft', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const before = await dashboard(server)
  assert.equal((await edge.upload(unsound)).errorCode, 'PackageValidationError')
  assert.deepEqual(await dashboard(server), before)
  assert.equal((await edge.publish()).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'])
})

test('an upload during a review succeeds and opens a draft beside the submission in review [6-25]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  const upload = await edge.upload(buildExtension({ version: '1.1' }))
  assert.equal(upload.status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0', 'InDraft 1.1'])
  await goLive(server)
  assert.deepEqual(await rows(server), ['InTheStore -', 'InTheStore 1.0.0', 'InDraft 1.1'])
})

test('lower and equal versions upload well [6-26]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(buildExtension({ version: '2.0' }))
  await edge.publish()
  await goLive(server)
  for (const version of ['2.0', '2.0.0.0', '1.9', '0.0.0.1']) {
    const operation = await edge.upload(buildExtension({ version }))
    assert.equal(operation.status, 'Succeeded', version)
  }
})

test('a product that was never published takes packages all the same', async () => {
  await using server = await startEdge()
  const { id } = await server.engine.createProduct(operator, {
    store: 'edge',
    kind: 'extension',
    name: 'New',
  })
  assert.equal((await edgeClient(server, { productId: id }).upload(sound)).status, 'Succeeded')
  assert.deepEqual(await rows(server, id), ['InDraft 1.0.0'])
})

test('of two uploads the one accepted later wins, though it was inspected first', async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const earlier = await edge.startUpload(buildExtension({ version: '1.1' }))
  await until(
    async () => (await jobs(server)).length,
    (count) => count === 1,
  )
  const later = await edge.startUpload(buildExtension({ version: '1.2' }))
  server.openGate(1)
  await until(
    () => edge.pollUpload(later),
    ({ status }) => status === 200,
  )
  assert.equal((await edge.pollUpload(earlier)).operation.status, 'InProgress')
  server.openGate(0)
  await server.settle()
  assert.equal((await edge.pollUpload(earlier)).operation.status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.2'])
})

test('an upload that is overtaken by a later one, which was published meanwhile, does not come back', async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const earlier = await edge.startUpload(buildExtension({ version: '1.1' }))
  const later = await edge.startUpload(buildExtension({ version: '1.2' }))
  server.openGate(1)
  await until(
    () => edge.pollUpload(later),
    ({ status }) => status === 200,
  )
  const publish = await edge.startPublish()
  await until(
    () => edge.pollPublish(publish),
    ({ status }) => status === 200,
  )
  server.openGate(0)
  await server.settle()
  assert.equal((await edge.pollUpload(earlier)).operation.status, 'Succeeded')
  const again = await edge.publish()
  assert.equal(again.errorCode, 'InProgressSubmission')
  const versions = (await dashboard(server)).map(({ version }) => version)
  assert.ok(!versions.includes('1.1'))
})

test('of many uploads at once, every one has an operation of its own and the one accepted last is the draft', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      ask(address, {
        method: 'POST',
        path,
        headers: zipHeaders,
        body: buildExtension({ version: `1.${index}` }),
      }),
    ),
  )
  const ids = new Set(answers.map(({ headers }) => headers.location))
  assert.equal(ids.size, 12)
  await server.settle()
  for (const id of ids) {
    assert.equal((await edgeClient(server).pollUpload(id ?? '')).operation.status, 'Succeeded')
  }
  const last = (await started(server)).at(-1)
  const [, draft, ...more] = await dashboard(server)
  assert.deepEqual(more, [])
  assert.equal(draft?.packageId, last?.data.packageId)
})

test('an inspection that ends without a verdict is tried again and then fails the upload for good', async () => {
  await using server = await startServer({}, { inspector: hurriedInspector() })
  const edge = edgeClient(server)
  const id = await edge.startUpload(sound)
  await server.settle()
  assert.equal((await edge.pollUpload(id)).operation.status, 'InProgress')
  await server.elapse(250)
  assert.equal((await edge.pollUpload(id)).status, 202)
  await server.elapse(500)
  const { status, text } = await edge.pollUpload(id)
  assert.equal(status, 200)
  assert.equal(
    text,
    `{"id":"${id}","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.7500000Z",` +
      '"status":"Failed","message":"An error occurred while performing the operation","errorCode":null,"errors":null}',
  )
  assert.deepEqual(await rows(server), ['InTheStore -'], 'no verdict is never a good one')
})

function padded(version: string, size: number): Uint8Array {
  const content = Buffer.alloc(size, 'Slipway ')
  return buildExtension({ version, entries: [{ name: 'data.bin', content, method: 'stored' }] })
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}

async function started(server: TestServer) {
  const events = await server.engine.listEvents(operator, { after: 0, limit: 1000 })
  return events.filter(({ type }) => type === 'operation.started')
}

function blobs(server: TestServer): string[] {
  const folder = join(server.folder, 'blobs')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}

async function jobs(server: TestServer): Promise<unknown[]> {
  return Array.from({ length: (await server.engine.health()).jobs })
}
