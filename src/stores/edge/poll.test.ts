import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  edgeClient,
  edgePaths,
  keyHeaders,
  seeded,
  startEdge,
  startGatedServer,
  until,
  zeroGuid,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { operator, scenario } from '../../../test/helpers/scenario.ts'
import { edgeSpec } from './spec.ts'

const sound = buildExtension({ version: '1.0.0' })
const json = 'application/json; charset=utf-8'

/** The first operation a fresh server mints, so that whole answers can be written down. */
interface Known {
  readonly id: string
}

async function get(server: Awaited<ReturnType<typeof startEdge>>, url: string, headers = {}) {
  return server.http.inject({ method: 'GET', url, headers: { ...keyHeaders, ...headers } })
}

const uploaded =
  '{"id":"id-1","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.0000000Z",' +
  '"status":"Succeeded","message":"Successfully updated package to package.zip","errorCode":"","errors":null}'

scenario<Known>(
  'the poll of a finished upload is 200 with the seven members in order, compact, and writes nothing [E2][6-15][6-17][6-22][6-41]',
  {
    given: async (server) => ({ id: (await edgeClient(server).upload(sound)).id }),
    request: ({ id }) => ({ method: 'GET', url: edgePaths().uploadOperation(id), headers: keyHeaders }),
    status: 200,
    headers: { 'content-type': json, 'content-length': String(uploaded.length + 32) },
    body: uploaded,
    events: [],
  },
)

scenario<Known>('the bare path polls an upload just so [B2]', {
  given: async (server) => ({ id: (await edgeClient(server).upload(sound)).id }),
  request: ({ id }) => ({
    method: 'GET',
    url: edgePaths(undefined, '').uploadOperation(id),
    headers: keyHeaders,
  }),
  status: 200,
  headers: { 'content-type': json, 'content-length': String(uploaded.length + 32) },
  body: uploaded,
  events: [],
})

const refused =
  '{"id":"id-1","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.0000000Z",' +
  '"status":"Failed","message":"Can\'t publish extension since there are no updates, please try again after ' +
  'updating the package.","errorCode":"NoModulesUpdated","errors":null}'

scenario<Known>(
  'the poll of a finished publish is 200 with the seven members in order, compact, and writes nothing [E4][6-16][6-17][6-22][6-41]',
  {
    given: async (server) => ({ id: (await edgeClient(server).publish()).id }),
    request: ({ id }) => ({ method: 'GET', url: edgePaths().publishOperation(id), headers: keyHeaders }),
    status: 200,
    headers: { 'content-type': json, 'content-length': String(refused.length + 32) },
    body: refused,
    events: [],
  },
)

scenario<Known>('the bare path polls a publish just so [B4]', {
  given: async (server) => ({ id: (await edgeClient(server).publish()).id }),
  request: ({ id }) => ({
    method: 'GET',
    url: edgePaths(undefined, '').publishOperation(id),
    headers: keyHeaders,
  }),
  status: 200,
  headers: { 'content-type': json, 'content-length': String(refused.length + 32) },
  body: refused,
  events: [],
})

const nothingThere = { status: 404, headers: { 'content-length': '0' }, body: '', events: [] } as const

scenario('an operation of nobody is 404 with an empty body [6-34]', {
  request: { method: 'GET', url: edgePaths().uploadOperation(zeroGuid), headers: keyHeaders },
  ...nothingThere,
})

scenario<Known>('an upload operation asked for as a publish is 404 [6-34]', {
  given: async (server) => ({ id: (await edgeClient(server).upload(sound)).id }),
  request: ({ id }) => ({ method: 'GET', url: edgePaths().publishOperation(id), headers: keyHeaders }),
  ...nothingThere,
})

scenario<Known>('a publish operation asked for as an upload is 404 [6-34]', {
  given: async (server) => ({ id: (await edgeClient(server).publish()).id }),
  request: ({ id }) => ({ method: 'GET', url: edgePaths().uploadOperation(id), headers: keyHeaders }),
  ...nothingThere,
})

scenario<Known & { productId: string }>(
  'an operation asked for under another product of the same account is 404 [6-34]',
  {
    given: async (server) => {
      const { id: productId } = await server.engine.createProduct(operator, {
        store: 'edge',
        kind: 'extension',
        name: 'Another',
        published: {},
      })
      return { productId, id: (await edgeClient(server).upload(sound)).id }
    },
    request: ({ productId, id }) => ({
      method: 'GET',
      url: edgePaths(productId).uploadOperation(id),
      headers: keyHeaders,
    }),
    ...nothingThere,
  },
)

test('ids that are no GUIDs are 404, never 400 [6-35]', async () => {
  await using server = await startEdge()
  const { id } = await edgeClient(server).upload(sound)
  for (const bad of ['nonsense', `${id}0`, id.slice(1), id.replaceAll('-', ''), `{${id}}`, '%00', '0']) {
    for (const url of [
      edgePaths().uploadOperation(bad),
      edgePaths(bad).uploadOperation(id),
      edgePaths().publishOperation(bad),
      edgePaths(bad).publishOperation(id),
    ]) {
      const answer = await get(server, url)
      assert.equal(answer.statusCode, 404, url)
      assert.equal(answer.body, '')
    }
  }
})

test('the ids of operation and product are taken in upper case', async () => {
  await using server = await startEdge()
  const { id } = await edgeClient(server).upload(sound)
  const answer = await get(
    server,
    edgePaths(seeded.productId.toUpperCase()).uploadOperation(id.toUpperCase()),
  )
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.json<Known>().id, id)
})

test('a blank before or behind the operation id is cut off [6-23]', async () => {
  await using server = await startEdge()
  const { id } = await edgeClient(server).upload(sound)
  for (const sent of [`%20${id}`, `${id}%20`, `%20%20${id}%0A`]) {
    assert.equal((await get(server, edgePaths().uploadOperation(sent))).statusCode, 200, sent)
  }
  const publish = await edgeClient(server).publish()
  assert.equal((await get(server, edgePaths().publishOperation(`%20${publish.id}`))).statusCode, 200)
})

test('a poll is taken with a Content-Type and no body [6-14]', async () => {
  await using server = await startEdge()
  const { id } = await edgeClient(server).upload(sound)
  const address = await server.listen()
  for (const type of ['application/json', 'application/zip', 'no type at all']) {
    const answer = await fetch(`${address}${edgePaths().uploadOperation(id)}`, {
      headers: { ...keyHeaders, 'content-type': type },
    })
    assert.equal(answer.status, 200, type)
    assert.equal(((await answer.json()) as Known).id, id)
  }
})

test('a running upload is polled with 202 and all seven members, a finished one with 200 [6-15][6-17][6-20][6-21]', async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const id = await edge.startUpload(sound)
  server.clock.advance(1234)
  const running = await edge.pollUpload(id)
  assert.equal(running.status, 202)
  assert.equal(
    running.text,
    `{"id":"${id}","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.0000000Z",` +
      '"status":"InProgress","message":null,"errorCode":null,"errors":null}',
  )
  server.openGates()
  const finished = await until(
    () => edge.pollUpload(id),
    ({ status }) => status !== 202,
  )
  assert.equal(finished.status, 200)
  assert.equal(finished.operation.status, 'Succeeded')
  assert.equal(finished.operation.createdTime, '2026-01-01T00:00:00.0000000Z')
  assert.equal(finished.operation.lastUpdatedTime, '2026-01-01T00:00:01.2340000Z')
})

test('a running publish is polled with 202 and all seven members, a finished one with 200 [6-15][6-17][6-20][6-21]', async (t) => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  t.mock.method(edgeSpec, 'check').mock.mockImplementationOnce(() => {
    throw new Error('so that it is still running')
  })
  const id = await edge.startPublish()
  await server.settle()
  const running = await edge.pollPublish(id)
  assert.equal(running.status, 202)
  assert.equal(
    running.text,
    `{"id":"${id}","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.0000000Z",` +
      '"status":"InProgress","message":null,"errorCode":null,"errors":null}',
  )
  await server.elapse(250)
  const finished = await edge.pollPublish(id)
  assert.equal(finished.status, 200)
  assert.equal(finished.operation.status, 'Succeeded')
})

test('the running poll says its status and has its body on the wire too [6-20][6-21]', async () => {
  await using server = await startGatedServer()
  const address = await server.listen()
  const id = await edgeClient(server).startUpload(sound)
  const answer = await fetch(`${address}${edgePaths().uploadOperation(id)}`, { headers: keyHeaders })
  assert.equal(answer.status, 202)
  assert.equal(answer.statusText, 'Accepted')
  assert.equal(answer.headers.get('content-type'), json)
  assert.equal(((await answer.json()) as { status: string }).status, 'InProgress')
})

test('no poll ever says another status than InProgress, Succeeded or Failed [6-19]', async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const seen = new Set<string | undefined>()
  const watch = async (kind: 'upload' | 'publish', id: string) => {
    const poll = () => (kind === 'upload' ? edge.pollUpload(id) : edge.pollPublish(id))
    const { operation } = await until(
      async () => {
        const answer = await poll()
        seen.add(answer.operation.status)
        return answer
      },
      ({ status }) => status === 200,
    )
    assert.ok(operation.status === 'Succeeded' || operation.status === 'Failed')
  }
  await watch('publish', await edge.startPublish())
  const first = await edge.startUpload(sound)
  seen.add((await edge.pollUpload(first)).operation.status)
  server.openGates()
  await watch('upload', first)
  await watch('upload', await edge.startUpload(buildExtension({ manifest: { key: 'x' } })))
  for (let round = 0; round < 3; round++) {
    await watch('publish', await edge.startPublish())
    await server.elapse(1000)
  }
  assert.deepEqual([...seen].sort(), ['Failed', 'InProgress', 'Succeeded'])
})

test('operations are kept: a year later they are polled as on the first day', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const upload = await edge.upload(sound)
  const publish = await edge.publish()
  await server.elapse(365 * 86_400_000)
  assert.deepEqual((await edge.pollUpload(upload.id)).operation, upload)
  assert.deepEqual((await edge.pollPublish(publish.id)).operation, publish)
})
