import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ask, type Question, type RawAnswer } from '../../../test/helpers/ask.ts'
import {
  edgeClient,
  edgePaths,
  keyHeaders,
  rows,
  seeded,
  startEdge,
  zeroGuid,
  zipHeaders,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { EngineError } from '../../engine/index.ts'
import { edgeSpec } from './spec.ts'

const paths = edgePaths()
const sound = buildExtension()

/** Status, reason phrase, names of all headers in the order of the wire, and body. */
function shape({ status, reason, headers, body }: RawAnswer) {
  return { status, reason, headers: Object.keys(headers), body }
}

const bare = ['x-request-id', 'content-length', 'date', 'connection']

test('the 202 has a request id, Location, a length of 0 and nothing that tells of a type [6-2][6-3][6-4][6-5]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  for (const question of [
    { path: paths.package, headers: zipHeaders, body: sound },
    { path: paths.submissions, headers: keyHeaders },
    { path: paths.submissions, headers: { ...keyHeaders, 'content-type': 'application/json' }, body: '{}' },
  ]) {
    const answer = await ask(address, { method: 'POST', ...question })
    const headers = ['x-request-id', 'location', 'content-length', 'date', 'connection']
    assert.deepEqual(shape(answer), { status: 202, reason: 'Accepted', headers, body: '' })
    assert.equal(answer.headers['content-length'], '0')
    assert.match(answer.headers.location ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  }
})

/** What the gateway answers to what is wrong before anything is looked at, on the wire. */
const refusals: readonly (readonly [question: Question, answer: ReturnType<typeof shape>])[] = [
  [
    { method: 'POST', path: paths.package, headers: keyHeaders, body: sound },
    { status: 400, reason: 'Bad Request', headers: bare, body: '' },
  ],
  [
    { path: paths.uploadOperation(zeroGuid), headers: { ...keyHeaders, authorization: 'Bearer x' } },
    {
      status: 400,
      reason: 'Bad Request',
      headers: ['x-request-id', 'content-type', 'content-length', 'date', 'connection'],
      body: 'The value of Authorization Scheme does not match the expected value ApiKey.',
    },
  ],
  [
    { path: paths.uploadOperation(zeroGuid), headers: { ...keyHeaders, authorization: 'ApiKey x' } },
    { status: 401, reason: 'Unauthorized', headers: bare, body: '' },
  ],
  [
    { path: paths.uploadOperation(zeroGuid), headers: { ...keyHeaders, 'x-clientid': zeroGuid } },
    { status: 403, reason: 'Client ID is Invalid', headers: bare, body: '' },
  ],
  [
    { path: paths.uploadOperation(zeroGuid), headers: keyHeaders },
    { status: 404, reason: 'Resource Not Found', headers: bare, body: '' },
  ],
  [
    { method: 'POST', path: edgePaths('nonsense').submissions, headers: keyHeaders },
    { status: 404, reason: 'Resource Not Found', headers: bare, body: '' },
  ],
  [
    { path: '/v1/products/unheard-of', headers: keyHeaders },
    { status: 404, reason: 'Resource Not Found', headers: bare, body: '' },
  ],
]

test('every refusal has its reason phrase, its headers and its body, over HTTP/1.1 [6-29][6-30]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  for (const [question, answer] of refusals) {
    assert.deepEqual(shape(await ask(address, question)), answer)
  }
  const { host, hostname, port } = new URL(address)
  const line = await statusLine(hostname, Number(port), [
    `GET ${paths.uploadOperation(zeroGuid)} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: ApiKey ${seeded.apiKey}`,
    `X-ClientID: ${zeroGuid}`,
    'Connection: close',
  ])
  assert.equal(line, 'HTTP/1.1 403 Client ID is Invalid')
})

test('once v1 is gone it is 410 Gone with JSON [6-29]', async () => {
  await using server = await startEdge({ edgeV1: 'gone' })
  const answer = await ask(await server.listen(), { method: 'POST', path: paths.submissions })
  assert.deepEqual(shape(answer), {
    status: 410,
    reason: 'Gone',
    headers: ['x-request-id', 'content-type', 'content-length', 'date', 'connection'],
    body: '{"message":"The API version you are currently using is deprecated and no longer available."}',
  })
})

test('too many requests are 429 with a JSON message whose number of seconds is at most 60, and Retry-After [6-32]', async (t: TestContext) => {
  await using server = await startEdge()
  const address = await server.listen()
  t.mock.method(edgeSpec, 'readId', () => {
    throw new EngineError('rate_limited', 'too many requests')
  })
  for (const question of [
    { method: 'POST', path: paths.package, headers: zipHeaders, body: sound },
    { method: 'POST', path: paths.submissions, headers: keyHeaders },
    { path: paths.uploadOperation(zeroGuid), headers: keyHeaders },
  ]) {
    const answer = await ask(address, question)
    assert.equal(answer.status, 429)
    assert.equal(answer.reason, 'Too Many Requests')
    const { statusCode, message } = JSON.parse(answer.body) as { statusCode: number; message: string }
    assert.equal(statusCode, 429)
    const seconds = Number(/\d+/.exec(message)?.[0])
    assert.ok(seconds >= 1 && seconds <= 60, message)
    assert.equal(answer.headers['retry-after'], String(seconds))
  }
})

test('a 429 that is told how many seconds says so many [6-32]', async (t: TestContext) => {
  await using server = await startEdge()
  const address = await server.listen()
  const message = 'Rate limit is exceeded. Try again in 3 seconds.'
  t.mock.method(edgeSpec, 'readId', () => {
    throw new EngineError('rate_limited', message)
  })
  const answer = await ask(address, { path: paths.uploadOperation(zeroGuid), headers: keyHeaders })
  assert.equal(answer.body, JSON.stringify({ statusCode: 429, message }))
  assert.equal(answer.headers['retry-after'], '3')
})

test('what fails unforeseen is a bare 500 that tells nothing, and the log has it', async (t: TestContext) => {
  await using server = await startEdge()
  const address = await server.listen()
  t.mock.method(edgeSpec, 'readId', () => {
    throw new TypeError('the secret reason')
  })
  for (const question of [
    { method: 'POST', path: paths.package, headers: zipHeaders, body: sound },
    { method: 'POST', path: paths.submissions, headers: keyHeaders },
    { path: paths.publishOperation(zeroGuid), headers: keyHeaders },
  ]) {
    const answer = shape(await ask(address, question))
    assert.deepEqual(answer, { status: 500, reason: 'Internal Server Error', headers: bare, body: '' })
  }
  assert.equal(server.logged.filter((line) => line.includes('the secret reason')).length, 3)
})

test('a package beyond the limit is 413 and leaves nothing behind', async (t: TestContext) => {
  await using server = await startEdge()
  const address = await server.listen()
  t.mock.property(edgeSpec, 'uploadBytes', sound.length)
  const exact = await ask(address, { method: 'POST', path: paths.package, headers: zipHeaders, body: sound })
  assert.equal(exact.status, 202)
  const more = Buffer.concat([sound, Buffer.from('x')])
  const answer = await ask(address, { method: 'POST', path: paths.package, headers: zipHeaders, body: more })
  assert.equal(answer.status, 413)
  assert.equal(answer.body, '')
  await server.settle()
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
})

test('both generations of credentials use /v1 and the bare path; /v1.1 and /v2 never existed [6-1]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  for (const root of ['/v1', '']) {
    const answer = await ask(address, {
      method: 'POST',
      path: edgePaths(undefined, root).submissions,
      headers: keyHeaders,
    })
    assert.equal(answer.status, 202, root)
  }
  for (const root of ['/v1.1', '/v2', '/v1.0', '/api/v1.1', '/V2']) {
    for (const path of [edgePaths(undefined, root).submissions, edgePaths(undefined, root).package]) {
      assert.equal(
        (await ask(address, { method: 'POST', path, headers: zipHeaders, body: sound })).status,
        404,
        path,
      )
    }
  }
})

test('nothing is ever redirected: a slash behind and another case of the path are the same place [6-36]', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  for (const path of [
    `${paths.submissions}/`,
    paths.submissions.toUpperCase(),
    `${paths.submissions}?api-version=1`,
  ]) {
    const answer = await ask(address, { method: 'POST', path, headers: keyHeaders })
    assert.equal(answer.status, 202, path)
  }
  const upload = await ask(address, {
    method: 'POST',
    path: `${paths.package}/`,
    headers: zipHeaders,
    body: sound,
  })
  assert.equal(upload.status, 202)
  await server.settle()
  const { operation } = await edgeClient(server).pollUpload(`${upload.headers.location}/`)
  assert.equal(operation.status, 'Succeeded')
})

test('paths and methods that the service does not have are 404 in its shape', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const product = `/v1/products/${seeded.productId}`
  for (const [method, path] of [
    ['GET', '/v1/products'],
    ['GET', product],
    ['GET', `${product}/submissions`],
    ['PUT', paths.package],
    ['GET', paths.package],
    ['DELETE', `${product}/submissions/draft`],
    ['GET', `${product}/submissions/draft`],
    ['POST', `${product}/submissions/draft/package/operations/${zeroGuid}`],
    ['PATCH', `/products/${seeded.productId}/submissions`],
  ] as const) {
    const answer = shape(await ask(address, { method, path, headers: keyHeaders }))
    assert.deepEqual(
      answer,
      { status: 404, reason: 'Resource Not Found', headers: bare, body: '' },
      `${method} ${path}`,
    )
  }
})

test('a connection is still good after an upload was refused with its body unread', async () => {
  await using server = await startEdge()
  const { host, hostname, port } = new URL(await server.listen())
  const head = (path: string, more: readonly string[]) =>
    [`POST ${path} HTTP/1.1`, `Host: ${host}`, ...more, '', ''].join('\r\n')
  const credentials = [`Authorization: ApiKey ${seeded.apiKey}`, `X-ClientID: ${seeded.clientId}`]
  const size = 300_000
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('latin1').on('data', (text) => {
    received += text
  })
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write(head(paths.package, [...credentials, 'Content-Type: text/plain', `Content-Length: ${size}`]))
  socket.write(Buffer.alloc(size))
  socket.write(head(paths.submissions, [...credentials, 'Content-Length: 0', 'Connection: close']))
  await ended
  const statuses = received.match(/HTTP\/1\.1 \d+ [^\r]*/g)
  assert.deepEqual(statuses, ['HTTP/1.1 400 Bad Request', 'HTTP/1.1 202 Accepted'])
})

test('every answer has a request id of its own', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  const ids = new Set<string | undefined>()
  for (let index = 0; index < 5; index++) {
    ids.add((await ask(address, { method: 'POST', path: paths.submissions })).headers['x-request-id'])
  }
  assert.equal(ids.size, 5)
})

test('neither keys nor tokens get into the log', async () => {
  await using server = await startEdge()
  const address = await server.listen()
  await ask(address, { method: 'POST', path: paths.submissions, headers: keyHeaders })
  await ask(address, {
    method: 'POST',
    path: paths.submissions,
    headers: { authorization: 'Bearer secret-token' },
  })
  assert.ok(server.logged.length >= 2)
  const all = server.logged.join('')
  assert.ok(!all.includes(seeded.apiKey) && !all.includes('secret-token'))
})

function statusLine(host: string, port: number, head: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let received = ''
  connect(port, host)
    .setEncoding('latin1')
    .on('data', (text) => {
      received += text
    })
    .on('error', reject)
    .on('close', () => resolve(received.split('\r\n', 1)[0] ?? ''))
    .write(`${head.join('\r\n')}\r\n\r\n`)
  return promise
}
