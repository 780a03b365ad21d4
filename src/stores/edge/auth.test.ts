import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ask } from '../../../test/helpers/ask.ts'
import {
  edgeClient,
  edgePaths,
  keyHeaders,
  rows,
  seeded,
  startEdge,
  zeroGuid,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { operator, scenario } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'

const url = edgePaths().publishOperation(zeroGuid)
const documentedTenant = '5c9eedce-81bc-42f3-8823-48ba6258b391'
const scope = 'https://api.addons.microsoftedge.microsoft.com/.default'

type Headers = { readonly [name: string]: string }

async function probe(server: TestServer, headers: Headers) {
  const answer = await server.http.inject({ method: 'GET', url, headers })
  return { status: answer.statusCode, type: answer.headers['content-type'], body: answer.body }
}

/** Good credentials, nothing there: what a probe with the all-zero GUID is to see. */
const letIn = { status: 404, type: undefined, body: '' }
const turnedAway = { status: 401, type: undefined, body: '' }

async function token(server: TestServer, more: { tenant?: string; scope?: string } = {}): Promise<string> {
  const answer = await server.http.inject({
    method: 'POST',
    url: `/${more.tenant ?? seeded.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      client_id: seeded.clientId,
      client_secret: seeded.secret,
      grant_type: 'client_credentials',
      scope: more.scope ?? scope,
    }).toString(),
  })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<{ access_token: string }>().access_token
}

scenario('an unknown client id is 403 and nothing else, whatever the key [6-29]', {
  request: {
    method: 'GET',
    url,
    headers: { authorization: `ApiKey ${seeded.apiKey}`, 'x-clientid': zeroGuid },
  },
  status: 403,
  headers: { 'content-length': '0' },
  body: '',
  events: [],
})

scenario('a wrong key is 401 with an empty body and no type [6-29]', {
  request: {
    method: 'POST',
    url: edgePaths().submissions,
    headers: { ...keyHeaders, authorization: 'ApiKey x' },
  },
  status: 401,
  headers: { 'content-length': '0' },
  body: '',
  events: [],
})

scenario('a Bearer token beside X-ClientID is 400 with a plain text about the scheme [6-29]', {
  request: { method: 'GET', url, headers: { authorization: 'Bearer x', 'x-clientid': seeded.clientId } },
  status: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '75' },
  body: 'The value of Authorization Scheme does not match the expected value ApiKey.',
  events: [],
})

scenario('once v1 is gone, a request without X-ClientID is 410 with a JSON message [6-29]', {
  flags: { edgeV1: 'gone' },
  request: { method: 'GET', url, headers: { authorization: 'Bearer anything' } },
  status: 410,
  headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': '92' },
  body: '{"message":"The API version you are currently using is deprecated and no longer available."}',
  events: [],
})

scenario('while v1 is served, an API key without X-ClientID is 401 about an Azure AD JWT [6-29]', {
  request: {
    method: 'GET',
    url,
    // The misspelling that clients were shipped with.
    headers: { authorization: keyHeaders.authorization, 'x-client-id': seeded.clientId },
  },
  status: 401,
  headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': '51' },
  body: '{"statusCode":401,"message":"Invalid Azure AD JWT"}',
  events: [],
})

test('once v1 is gone, every call without X-ClientID is 410 and the API key still works [6-29]', async () => {
  await using server = await startEdge({ edgeV1: 'gone' })
  const { authorization } = keyHeaders
  for (const headers of [{}, { authorization }, { authorization, 'x-client-id': seeded.clientId }]) {
    assert.equal((await probe(server, headers)).status, 410)
  }
  assert.equal((await probe(server, { authorization: `Bearer ${await token(server)}` })).status, 410)
  assert.deepEqual(await probe(server, keyHeaders), letIn)
  assert.equal((await edgeClient(server).upload(buildExtension())).status, 'Succeeded')
})

test('an expired key is 401 with an empty body [6-29]', async () => {
  await using server = await startEdge()
  await server.engine.createCredential({
    accountId: 'sandbox',
    kind: 'api_key',
    clientId: seeded.clientId,
    secret: 'seventy-two-days',
    expiresAt: server.clock.now() + 72 * 86_400_000,
  })
  const headers = { ...keyHeaders, authorization: 'ApiKey seventy-two-days' }
  assert.deepEqual(await probe(server, headers), letIn)
  await server.elapse(72 * 86_400_000 - 1)
  assert.deepEqual(await probe(server, headers), letIn)
  await server.elapse(1)
  assert.deepEqual(await probe(server, headers), turnedAway)
  assert.deepEqual(await probe(server, keyHeaders), letIn)
})

test('a new key is good beside the old one, and a revoked one ends at once', async () => {
  await using server = await startEdge()
  const { credential } = await server.engine.createCredential({
    accountId: 'sandbox',
    kind: 'api_key',
    clientId: seeded.clientId,
    secret: 'new-key',
  })
  const headers = { ...keyHeaders, authorization: 'ApiKey new-key' }
  assert.deepEqual(await probe(server, headers), letIn)
  assert.deepEqual(await probe(server, keyHeaders), letIn)
  await server.engine.revokeCredential(operator, credential.id)
  assert.deepEqual(await probe(server, headers), turnedAway)
  assert.deepEqual(await probe(server, keyHeaders), letIn)
})

test('credentials missing altogether are 401 with an empty body, in either generation', async () => {
  await using server = await startEdge()
  assert.deepEqual(await probe(server, {}), turnedAway)
  assert.deepEqual(await probe(server, { 'x-clientid': seeded.clientId }), turnedAway)
  assert.deepEqual(await probe(server, { authorization: 'Bearer' }), {
    ...turnedAway,
    type: 'application/json; charset=utf-8',
    body: '{"statusCode":401,"message":"Invalid JWT"}',
  })
  assert.deepEqual(await probe(server, { authorization: 'Basic eDp5' }), turnedAway)
})

test('probes with the all-zero GUID are 404 with good credentials and 401 or 403 with bad ones [6-33]', async () => {
  await using server = await startEdge()
  for (const root of ['/v1', '']) {
    const paths = edgePaths(zeroGuid, root)
    const urls = [paths.publishOperation(zeroGuid), paths.uploadOperation(zeroGuid)]
    const own = edgePaths(seeded.productId, root)
    for (const probed of [...urls, own.publishOperation(zeroGuid), own.uploadOperation(zeroGuid)]) {
      const statusWith = async (headers: Headers) =>
        (await server.http.inject({ method: 'GET', url: probed, headers })).statusCode
      assert.equal(await statusWith(keyHeaders), 404)
      assert.equal(await statusWith({ ...keyHeaders, authorization: 'ApiKey nonsense' }), 401)
      assert.equal(await statusWith({ ...keyHeaders, 'x-clientid': zeroGuid }), 403)
    }
  }
})

test('a key is everything after the first blank, with its $ ! + / = % and quotes [6-39]', async () => {
  await using server = await startEdge()
  for (const key of ['$HOME!x', 'a+b/c==', '%24%21', '"quoted"', 'with blank inside', ' leads', '$(id)`x`']) {
    await server.engine.createCredential({
      accountId: 'sandbox',
      kind: 'api_key',
      clientId: seeded.clientId,
      secret: key,
    })
    const with_ = (given: string) => probe(server, { ...keyHeaders, authorization: `ApiKey ${given}` })
    assert.deepEqual(await with_(key), letIn, key)
    assert.deepEqual(await with_(`${key}x`), turnedAway)
    assert.deepEqual(await with_(key.slice(0, -1)), turnedAway)
    assert.deepEqual(await with_(encodeURIComponent(`${key}/`)), turnedAway)
  }
})

test('the scheme is taken in any case, and the blank after it is one [6-40]', async () => {
  await using server = await startEdge()
  for (const scheme of ['ApiKey', 'apikey', 'APIKEY', 'apiKey']) {
    assert.deepEqual(
      await probe(server, { ...keyHeaders, authorization: `${scheme} ${seeded.apiKey}` }),
      letIn,
    )
  }
  assert.deepEqual(
    await probe(server, { ...keyHeaders, authorization: `ApiKey  ${seeded.apiKey}` }),
    turnedAway,
    'the second blank belongs to the key',
  )
  for (const other of [
    `ApiKey:${seeded.apiKey}`,
    'ApiKey',
    seeded.apiKey,
    `Api-Key ${seeded.apiKey}`,
    'Basic eDp5',
  ]) {
    assert.equal((await probe(server, { ...keyHeaders, authorization: other })).status, 400, other)
  }
})

test('the client id and the name of its header are taken in any case', async () => {
  await using server = await startEdge()
  const clientId = 'ABCDEFAB-0000-4000-8000-ABCDEFABCDEF'
  for (const [stored, secret] of [
    [clientId.toLowerCase(), 'of-lower'],
    [clientId, 'of-upper'],
  ] as const) {
    await server.engine.createCredential({ accountId: 'sandbox', kind: 'api_key', clientId: stored, secret })
  }
  const authorization = 'ApiKey of-lower'
  assert.deepEqual(await probe(server, { authorization, 'X-ClientID': clientId.toLowerCase() }), letIn)
  assert.deepEqual(await probe(server, { authorization, 'x-CLIENTid': ` ${clientId.toLowerCase()} ` }), letIn)
  assert.deepEqual(await probe(server, { authorization: 'ApiKey of-upper', 'x-clientid': clientId }), letIn)
})

test('a v1 token does all that a key does, at the same paths', async () => {
  await using server = await startEdge()
  const credentials = { authorization: `Bearer ${await token(server)}` }
  const edge = edgeClient(server, { credentials })
  assert.equal((await edge.upload(buildExtension({ version: '1.0.0' }))).status, 'Succeeded')
  assert.equal((await edge.publish()).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'])
})

test('a v1 token of the tenant that the documentation names is good', async () => {
  await using server = await startEdge()
  const authorization = `Bearer ${await token(server, { tenant: documentedTenant })}`
  assert.deepEqual(await probe(server, { authorization }), letIn)
})

const invalidJwt = {
  status: 401,
  type: 'application/json; charset=utf-8',
  body: '{"statusCode":401,"message":"Invalid JWT"}',
}

test('a v1 token that expired is 401 with a JSON message of Invalid JWT, and a new one is good [6-31]', async () => {
  await using server = await startEdge()
  const headers = { authorization: `Bearer ${await token(server)}` }
  assert.deepEqual(await probe(server, headers), letIn)
  await server.elapse(3_600_000)
  assert.deepEqual(await probe(server, headers), invalidJwt)
  assert.deepEqual(await probe(server, { authorization: `Bearer ${await token(server)}` }), letIn)
})

test('a v1 token that is forged, unsigned or made for another API is an Invalid JWT [6-31]', async () => {
  await using server = await startEdge()
  const good = await token(server)
  const [head, claims, signature] = good.split('.') as [string, string, string]
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  const other = await token(server, { scope: 'https://manage.devcenter.microsoft.com/.default' })
  const flipped = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`
  for (const bad of [
    '',
    'x',
    'a.b.c',
    other,
    `${none}.${claims}.`,
    `${head}.${claims}.${flipped}`,
    `${good}x`,
  ]) {
    assert.deepEqual(await probe(server, { authorization: `Bearer ${bad}` }), invalidJwt, bad.slice(0, 20))
  }
})

test('a v1 token ends with the secret it was issued for [6-31]', async () => {
  await using server = await startEdge()
  const headers = { authorization: `Bearer ${await token(server)}` }
  const all = await server.engine.listCredentials(operator)
  const secret = all.find(({ kind, tenantId }) => kind === 'secret' && tenantId === seeded.tenantId)
  await server.engine.revokeCredential(operator, secret?.id ?? '')
  assert.deepEqual(await probe(server, headers), invalidJwt)
})

test('another account is let in with its own key and finds nothing of this one', async () => {
  await using server = await startEdge()
  const { headers, productId } = await neighbour(server)
  const own = edgeClient(server)
  const theirs = edgeClient(server, { productId, credentials: headers })
  const operation = await own.upload(buildExtension())
  assert.equal((await theirs.upload(buildExtension({ version: '9.0' }))).status, 'Succeeded')
  const paths = edgePaths()
  for (const [method, asked] of [
    ['POST', paths.package],
    ['POST', paths.submissions],
    ['GET', paths.uploadOperation(operation.id)],
    ['GET', edgePaths(productId).uploadOperation(operation.id)],
  ] as const) {
    const answer = await server.http.inject({ method, url: asked, headers })
    assert.equal(answer.statusCode, 404, `${method} ${asked}`)
    assert.equal(answer.body, '')
  }
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
})

test('who may not come in is told so before what is asked for is looked at', async (t: TestContext) => {
  await using server = await startEdge()
  const address = await server.listen()
  await t.test('for products that do not exist', async () => {
    const answer = await ask(address, { method: 'POST', path: edgePaths('nonsense').package })
    assert.equal(answer.status, 401)
  })
  await t.test('for uploads of the wrong type', async () => {
    const headers = { 'x-clientid': zeroGuid, authorization: 'ApiKey x', 'content-type': 'text/plain' }
    const answer = await ask(address, { method: 'POST', path: edgePaths().package, headers, body: 'text' })
    assert.equal(answer.status, 403)
  })
})

async function neighbour(server: TestServer) {
  const { id: accountId } = await server.engine.createAccount({ name: 'Fabrikam' })
  const clientId = 'fabfabfa-0000-4000-8000-fabfabfabfab'
  const { secret } = await server.engine.createCredential({ accountId, kind: 'api_key', clientId })
  const actor = { accountId, credentialId: 'test', role: 'publisher' } as const
  const product = await server.engine.createProduct(actor, {
    store: 'edge',
    kind: 'extension',
    name: 'Theirs',
    published: {},
  })
  return { headers: { authorization: `ApiKey ${secret}`, 'x-clientid': clientId }, productId: product.id }
}
