import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask } from '../../../test/helpers/ask.ts'
import {
  devCenter,
  goThrough,
  microsoftClient,
  pathOf,
  seededStore,
  startMicrosoft,
  tokenOf,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { EngineError } from '../../engine/index.ts'
import { answerOf } from './errors.ts'

const { appId, flightId, addOnId } = seededStore
const submissions = `applications/${appId}/submissions`
const json = { 'content-type': 'application/json' }

async function started(flags: Parameters<typeof startMicrosoft>[0] = {}) {
  const server = await startMicrosoft(flags)
  const client = await microsoftClient(server)
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** Another publisher, with an app and an add-on of its own. */
async function addStranger(server: TestServer) {
  const account = await server.engine.createAccount({ id: 'stranger', name: 'Stranger' })
  const secret = 'stranger-secret'
  const clientId = '55555555-5555-5555-5555-555555555555'
  const { tenantId } = seededStore
  const credential = await server.engine.createCredential({
    accountId: account.id,
    kind: 'secret',
    tenantId,
    clientId,
    secret,
  })
  return { accountId: account.id, who: { clientId, secret }, credential }
}

test('every way of sending no body makes a submission, a commit and a deletion; only another type is refused [7-9][7-10][7-52]', async () => {
  await using at = await started()
  const { client, server } = at
  const ways: readonly (readonly [body: string | undefined, headers: { [name: string]: string }])[] = [
    [undefined, {}],
    [undefined, json],
    [undefined, { 'content-type': 'application/json; charset=UTF-8' }],
    ['null', json],
    ['', json],
    ['null', {}],
    [undefined, { 'content-length': '0' }],
  ]
  for (const [body, headers] of ways) {
    const deleted = await client.want(201, 'POST', submissions, body, headers)
    const answer = await client.ask('DELETE', `${submissions}/${deleted.id}`, undefined, headers)
    assert.equal(answer.status, 204)
    const draft = await client.want(201, 'POST', submissions, body, headers)
    assert.equal((await client.ask('GET', `${submissions}/${draft.id}`, undefined, headers)).status, 200)
    await client.want(202, 'POST', `${submissions}/${draft.id}/commit`, body, headers)
    await goThrough(server)
  }
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
    for (const path of [submissions, `${submissions}/1152921500000000000/commit`]) {
      assert.deepEqual(await client.want(400, 'POST', path, '', { 'content-type': type }), {
        code: 'InvalidParameterValue',
        data: [],
        details: [],
        message: 'Only JSON content is accepted',
        source: 'Ingestion Api',
        target: 'mediaType',
      })
    }
  }
})

test('a create with an empty object is judged as a submission, for a flight it is not', async () => {
  await using at = await started()
  const { client } = at
  for (const path of [submissions, `inappproducts/${addOnId}/submissions`]) {
    const refused = await client.want(400, 'POST', path, {})
    assert.equal(refused.message, 'The size of Listings must be 1 or more')
  }
  await client.want(201, 'POST', submissions, { listings: { 'en-us': {} } })
  await client.want(201, 'POST', `applications/${appId}/flights/${flightId}/submissions`, {})
})

test('an update that is no JSON, no object or nothing at all is 400', async () => {
  await using at = await started()
  const { client } = at
  const { id } = await client.want(201, 'POST', submissions)
  for (const body of ['{', '[]', '"text"', '7', '', 'null', '{"pricing":', '\u0000']) {
    const refused = await client.want(400, 'PUT', `${submissions}/${id}`, body, json)
    assert.equal(refused.code, 'InvalidParameterValue', body)
  }
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  await client.want(400, 'PUT', `${submissions}/${id}`, deep, json)
})

test('every answer has a length, a JSON type with a charset, and a correlation id: the client’s own where it sent one [7-11][7-12][7-13]', async () => {
  await using at = await started()
  const { client } = at
  const created = await client.ask('POST', submissions)
  const { id } = created.json
  const answers = [
    created,
    await client.ask('GET', 'applications'),
    await client.ask('GET', `${submissions}/${id}`),
    await client.ask('PUT', `${submissions}/${id}`, {}),
    await client.ask('POST', submissions),
    await client.ask('GET', 'applications/9NBLGGH4R315'),
    await client.ask('GET', 'nothing/here'),
    await client.ask('GET', 'applications', undefined, { authorization: '' }),
    await client.ask('POST', `${submissions}/${id}/commit`),
  ]
  for (const { status, headers, text, json: body } of answers) {
    assert.equal(headers['content-length'], String(Buffer.byteLength(text)))
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(typeof body, 'object')
    assert.equal(headers['transfer-encoding'], undefined)
    assert.match(headers['ms-correlationid'] ?? '', /^[0-9a-f-]{36}$/, String(status))
  }
  for (const name of ['MS-CorrelationId', 'CorrelationId']) {
    const answer = await client.ask('GET', 'applications', undefined, { [name]: 'my-own-id' })
    assert.equal(answer.headers['ms-correlationid'], 'my-own-id')
  }
})

test('over a socket too, a deletion says that its length is 0, and nothing is chunked [7-11]', async () => {
  await using at = await started()
  const { client, server } = at
  const origin = await server.listen()
  const { id } = await client.want(201, 'POST', submissions)
  const authorization = `Bearer ${await tokenOf(server)}`
  const read = await ask(origin, { path: `/v1.0/my/${submissions}/${id}`, headers: { authorization } })
  assert.equal(read.headers['content-length'], String(Buffer.byteLength(read.body)))
  const deleted = await ask(origin, {
    path: `/v1.0/my/${submissions}/${id}`,
    method: 'DELETE',
    headers: { authorization, ...json },
  })
  assert.deepEqual([deleted.status, deleted.body], [204, ''])
  assert.equal(deleted.headers['content-length'], '0')
})

test('no token, a bad one and an expired one are 401 in the gateway’s shape [7-47]', async () => {
  await using at = await started()
  const { client, server } = at
  const gateway = { statusCode: 401, message: 'APIM: Unauthorized. Access token is missing or invalid.' }
  for (const authorization of ['', 'Bearer', 'Bearer rubbish', 'Basic abc', 'Bearer a.b.c']) {
    assert.deepEqual(
      await client.want(401, 'GET', 'applications', undefined, { authorization }),
      gateway,
      authorization,
    )
  }
  for (const resource of [`${devCenter}/`, 'https://api.partner.microsoft.com']) {
    const authorization = `Bearer ${await tokenOf(server, { resource })}`
    assert.deepEqual(await client.want(401, 'GET', 'applications', undefined, { authorization }), gateway)
  }
  await client.want(200, 'GET', 'applications')
  await server.elapse(3_600_000)
  assert.deepEqual(await client.want(401, 'GET', 'applications'), gateway)
})

test('a token for this very server is as good as one for the real one [7-48]', async () => {
  await using server = await startMicrosoft()
  const origin = await server.listen()
  const authorization = `Bearer ${await tokenOf(server, { resource: origin })}`
  const answer = await ask(origin, { path: '/v1.0/my/applications', headers: { authorization } })
  assert.equal(answer.status, 200)
})

test('the token of a credential that was revoked is 401 in the service’s short shape', async () => {
  await using server = await startMicrosoft()
  const { who, credential } = await addStranger(server)
  const client = await microsoftClient(server, who)
  await client.want(200, 'GET', 'applications')
  const actor = { accountId: 'stranger', credentialId: 'test', role: 'operator' } as const
  await server.engine.revokeCredential(actor, credential.credential.id)
  const answer = await client.ask('GET', 'applications')
  assert.equal(answer.status, 401)
  assert.deepEqual(answer.json, {
    code: 'Unauthorized',
    message: `Identity cannot be authorized. CorrelationId: ${answer.headers['x-request-id']}`,
  })
})

test('another account’s lists are empty, its items 403, what nobody has 404, and what is another product’s 409 [7-53]', async () => {
  await using at = await started()
  const { client: owner, server } = at
  const draft = await owner.want(201, 'POST', submissions)
  const { who } = await addStranger(server)
  const stranger = await microsoftClient(server, who)
  for (const path of ['applications', 'inappproducts']) {
    assert.deepEqual(await stranger.want(200, 'GET', path), { value: [], totalCount: 0 })
  }
  for (const [method, path] of [
    ['GET', `applications/${appId}`],
    ['GET', `applications/${appId}/listflights`],
    ['GET', `applications/${appId}/listinappproducts`],
    ['GET', `applications/${appId}/flights/${flightId}`],
    ['DELETE', `applications/${appId}/flights/${flightId}`],
    ['POST', `applications/${appId}/flights`],
    ['GET', `inappproducts/${addOnId}`],
    ['DELETE', `inappproducts/${addOnId}`],
    ['POST', submissions],
    ['GET', `${submissions}/${draft.id}`],
    ['GET', `${submissions}/${draft.id}/status`],
    ['PUT', `${submissions}/${draft.id}`],
    ['DELETE', `${submissions}/${draft.id}`],
    ['POST', `${submissions}/${draft.id}/commit`],
    ['GET', `${submissions}/${draft.id}/packagerollout`],
    ['POST', `${submissions}/${draft.id}/haltpackagerollout`],
  ] as const) {
    const refused = await stranger.want(403, method, path, method === 'PUT' ? {} : undefined)
    assert.equal(refused.code, 'Forbidden', `${method} ${path}`)
  }
  const missing = await owner.want(404, 'GET', `${submissions}/1152921500000000000`)
  assert.deepEqual(missing, {
    code: 'ResourceNotFound',
    data: [],
    details: [],
    message: 'Submission not found',
    source: 'Ingestion Api',
    target: 'submissionId',
  })
  for (const id of ['0', 'abc', '9'.repeat(40)]) await owner.want(404, 'GET', `${submissions}/${id}`)
  assert.equal((await owner.want(404, 'GET', 'applications/9NBLGGH4R315')).code, 'ResourceNotFound')
  await owner.want(404, 'GET', `inappproducts/${appId}`)
  await owner.want(404, 'GET', `applications/${addOnId}`)
  const other = `applications/${appId}/flights/${flightId}/submissions/${draft.id}`
  for (const [method, path] of [
    ['GET', other],
    ['GET', `${other}/status`],
    ['DELETE', other],
    ['POST', `${other}/commit`],
    ['PUT', other],
  ] as const) {
    const refused = await owner.want(409, method, path, method === 'PUT' ? {} : undefined)
    assert.equal(refused.code, 'InvalidState', `${method} ${path}`)
  }
})

test('errors are objects whose data and details are lists, the 500 with its inner error [7-13][7-15]', async () => {
  await using at = await started()
  const { client } = at
  const refused = await client.want(404, 'GET', `${submissions}/1152921500000000000`)
  assert.deepEqual(Object.keys(refused), ['code', 'data', 'details', 'message', 'source', 'target'])
  assert.deepEqual([refused.data, refused.details], [[], []])
  assert.deepEqual(answerOf(new EngineError('internal', 'secret'), 'id'), {
    status: 500,
    body: {
      code: 'InternalServerError',
      data: [],
      details: [],
      innererror: {
        code: 'UnknownInternalFailure',
        data: [],
        details: [],
        message: 'The service has encountered an unknown internal server error: ',
      },
      message: 'An internal server error occurred while processing the operation.',
      source: 'Ingestion Api',
    },
  })
  const busy = answerOf(new EngineError('no_space', 'full'), 'id')
  assert.equal(busy.status, 503)
  assert.match(String(busy.body.message), /Retry your operation using exponential backoff\.$/)
  const unsupported = answerOf(new EngineError('unsupported', 'x'), 'id')
  assert.match(String(unsupported.body.message), /^This application uses features that are not supported/)
})

test('with the rate limit on, the 21st request of a minute is 429 with Retry-After, of other accounts it is not [7-47]', async () => {
  await using at = await started({ microsoftRequestsPerMinute: '20' })
  const { client, server } = at
  for (let count = 0; count < 20; count++) await client.want(200, 'GET', 'applications')
  await server.elapse(46_000)
  const answer = await client.ask('GET', 'applications')
  assert.equal(answer.status, 429)
  assert.equal(answer.headers['retry-after'], '14')
  assert.deepEqual(answer.json, {
    statusCode: 429,
    message: 'Rate limit is exceeded. Try again in 14 seconds.',
  })
  const { who } = await addStranger(server)
  await (await microsoftClient(server, who)).want(200, 'GET', 'applications')
  await server.elapse(14_000)
  await client.want(200, 'GET', 'applications')
})

test('all upload URLs of a draft lead to the same bytes, until they expire [7-23][7-24][7-25]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  const put = await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  await server.elapse(1000)
  const read = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  for (const [index, { fileUploadUrl }] of [draft, put, read].entries()) {
    const url = new URL(fileUploadUrl)
    assert.match(url.pathname, /^\/ingestion\/[0-9a-f-]{36}$/)
    const names = [...url.searchParams.keys()]
    assert.ok(names.indexOf('se') > 0)
    assert.equal(url.searchParams.get('sp'), 'rwl')
    const expires = Date.parse(url.searchParams.get('se') ?? '')
    assert.ok(Math.abs(expires - server.clock.now() - 86_400_000) <= 1000)
    const raw = fileUploadUrl.replaceAll('%2B', '+')
    assert.equal((await client.upload(raw, Buffer.from(`bytes ${index}`))).status, 201)
    const back = await server.http.inject({ method: 'GET', url: pathOf(draft.fileUploadUrl) })
    assert.equal(back.body, `bytes ${index}`)
  }
  const forged = draft.fileUploadUrl.replace(/sig=[^&]{6}/, 'sig=AAAAAA')
  assert.equal((await client.upload(forged, Buffer.from('x'))).status, 403)
  await server.elapse(86_400_001)
  const late = await client.upload(draft.fileUploadUrl, Buffer.from('x'))
  assert.deepEqual([late.status, late.headers['x-ms-error-code']], [403, 'AuthenticationFailed'])
})

test('an upload is a blob or a list of blocks in any order; what is there is not put over with If-None-Match [7-26]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', submissions)
  const zip = Buffer.from(buildZip({ 'app.msix': buildMsix() }))
  const ids = ['a', 'b', 'c'].map((name) => Buffer.from(name).toString('base64'))
  const third = Math.ceil(zip.length / 3)
  for (const index of [2, 0, 1]) {
    const block = `${draft.fileUploadUrl}&comp=block&blockid=${encodeURIComponent(ids[index] ?? '')}`
    const bytes = zip.subarray(index * third, (index + 1) * third)
    assert.equal((await client.upload(block, bytes, { 'x-ms-blob-type': '' })).status, 201)
  }
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`
  const [path, query] = draft.fileUploadUrl.split('?')
  const commit = `${path}?comp=blocklist&${query}`
  assert.equal((await client.upload(commit, Buffer.from(list), { 'if-none-match': '*' })).status, 201)
  const again = await client.upload(draft.fileUploadUrl, zip, { 'if-none-match': '*' })
  assert.deepEqual([again.status, again.headers['x-ms-error-code']], [409, 'BlobAlreadyExists'])
  draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(client.server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}`)).status, 'Published')
})

test('the upload URL names the real blob host to a client that asked the real host, and else the address it used [7-27]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', submissions)
  const urlFor = async (host: string) =>
    (await client.want(200, 'GET', `${submissions}/${draft.id}`, undefined, { host })).fileUploadUrl
  assert.match(
    await urlFor('manage.devcenter.microsoft.com'),
    /^https:\/\/ingestionpackagesprod1\.blob\.core\.windows\.net\/ingestion\/[^/?]+\?/,
  )
  assert.match(await urlFor('127.0.0.2:8080'), /^http:\/\/127\.0\.0\.2:8080\/ingestion\/[^/?]+\?/)
  // The Python SDK takes localhost for an emulator and writes the container twice.
  const doubled = pathOf(draft.fileUploadUrl).replace('/ingestion/', '/ingestion/ingestion/')
  assert.equal((await client.upload(doubled, Buffer.from('x'))).status, 201)
})

test('a create whose answer was lost or replaced worked all the same, and the retry is 409 [7-45]', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  const faults = join(folder, 'faults.json')
  const match = { store: 'microsoft', method: 'POST', route: '/v1.0/my/applications/*/submissions', times: 1 }
  await writeFile(faults, JSON.stringify({ faults: [{ match, effect: { drop: 'reply' } }] }))
  try {
    await using server = await startMicrosoft({ faults })
    const origin = await server.listen()
    const client = await microsoftClient(server)
    const headers = { authorization: `Bearer ${await tokenOf(server)}` }
    await assert.rejects(ask(origin, { path: `/v1.0/my/${submissions}`, method: 'POST', headers }))
    assert.equal((await client.want(409, 'POST', submissions)).code, 'InvalidState')
    const { pendingApplicationSubmission } = await client.want(200, 'GET', `applications/${appId}`)
    assert.ok(pendingApplicationSubmission.id)
  } finally {
    await rm(folder, { recursive: true })
  }
})
