import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgePaths, keyHeaders, seeded, startEdge, zeroGuid } from '../../test/helpers/edge-client.ts'
import type { TestServer } from '../../test/helpers/start-server.ts'

const operator = { authorization: 'Bearer sandbox-token' }
const fault = { match: { store: 'edge', times: 1 }, effect: { error: 'internal' } }

const ask = (
  server: TestServer,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: unknown,
  headers: object = operator,
) =>
  server.http.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })

test('faults are added, listed with how often they struck, and removed while the server runs', async () => {
  await using server = await startEdge()
  const probe = async () =>
    (await server.http.inject({ url: edgePaths().uploadOperation(zeroGuid), headers: keyHeaders })).statusCode
  assert.equal(await probe(), 404)

  const added = await ask(server, 'POST', '/faults', fault)
  assert.equal(added.statusCode, 201)
  const { id } = added.json()
  assert.deepEqual(added.json(), { id, ...fault, matched: 0, struck: 0 })

  assert.deepEqual([await probe(), await probe()], [500, 404])
  const listed = await ask(server, 'GET', '/faults')
  assert.deepEqual(listed.json(), { items: [{ id, ...fault, matched: 2, struck: 1 }] })

  assert.equal((await ask(server, 'DELETE', `/faults/${id}`)).statusCode, 204)
  assert.deepEqual((await ask(server, 'GET', '/faults')).json(), { items: [] })
  const gone = await ask(server, 'DELETE', `/faults/${id}`)
  assert.deepEqual([gone.statusCode, gone.json().error.code], [404, 'not_found'])
})

test('a fault that is none is refused with every problem, and not armed', async () => {
  await using server = await startEdge()
  const refused = await ask(server, 'POST', '/faults', {
    match: { store: 'edgy', nth: 0 },
    effect: { drop: 'x' },
  })
  assert.equal(refused.statusCode, 400)
  const { code, message } = refused.json().error
  assert.equal(code, 'invalid')
  assert.match(message, /match\.store must be .*; .*match\.nth must be .*; .*effect\.drop must be/)
  assert.deepEqual((await ask(server, 'GET', '/faults')).json(), { items: [] })
  for (const body of [{}, { match: {} }, { match: {}, effect: {}, more: 1 }, [], 'x']) {
    assert.equal((await ask(server, 'POST', '/faults', body)).statusCode, 400, JSON.stringify(body))
  }
})

test('the clock tells the time and is moved on; what falls due by then is done', async () => {
  await using server = await startEdge()
  const before = (await ask(server, 'GET', '/clock')).json()
  assert.deepEqual(before, { now: '2026-01-01T00:00:00.000Z' })
  const moved = await ask(server, 'POST', '/clock', { advanceMs: 3_600_000 })
  assert.equal(moved.statusCode, 200)
  assert.deepEqual(moved.json(), { now: '2026-01-01T01:00:00.000Z' })
  assert.equal(server.engine.now(), Date.parse('2026-01-01T01:00:00Z'))
  for (const body of [{ advanceMs: -1 }, { advanceMs: 1.5 }, {}, { advanceMs: 1, more: 2 }]) {
    assert.equal((await ask(server, 'POST', '/clock', body)).statusCode, 400, JSON.stringify(body))
  }
})

test('a token expires when the clock is moved past its time', async () => {
  await using server = await startEdge()
  const token = await server.http.inject({
    method: 'POST',
    url: `/${seeded.tenantId}/oauth2/v2.0/token`,
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: seeded.clientId,
      client_secret: seeded.secret,
      scope: 'https://api.addons.microsoftedge.microsoft.com/.default',
    }).toString(),
  })
  const probe = async () => {
    const headers = { authorization: `Bearer ${token.json().access_token}` }
    return (await server.http.inject({ url: edgePaths().uploadOperation(zeroGuid), headers })).statusCode
  }
  assert.equal(await probe(), 404)
  await ask(server, 'POST', '/clock', { advanceMs: 4_000_000 })
  assert.equal(await probe(), 401)
})

test('the controls are for operators alone', async () => {
  await using server = await startEdge()
  await server.engine.createAccount({ id: 'other', name: 'Other' })
  await server.engine.createCredential({
    accountId: 'other',
    kind: 'token',
    clientId: 'publisher',
    secret: 'publisher-token',
  })
  for (const [method, url, body] of [
    ['GET', '/faults', undefined],
    ['POST', '/faults', fault],
    ['DELETE', '/faults/fault-1', undefined],
    ['GET', '/clock', undefined],
    ['POST', '/clock', { advanceMs: 1 }],
  ] as const) {
    assert.equal((await ask(server, method, url, body, {})).statusCode, 401, `${method} ${url}`)
    const publisher = { authorization: 'Bearer publisher-token' }
    assert.equal((await ask(server, method, url, body, publisher)).statusCode, 403, `${method} ${url}`)
  }
  assert.equal(server.engine.now(), Date.parse('2026-01-01T00:00:00Z'))
})

test('in store mode there are no controls', async () => {
  await using server = await startEdge({ mode: 'store' })
  await server.engine.createAccount({ id: 'own', name: 'Own' })
  await server.engine.createCredential({
    accountId: 'own',
    kind: 'token',
    clientId: 'operator',
    secret: 'sandbox-token',
    role: 'operator',
  })
  assert.equal((await ask(server, 'GET', '/products')).statusCode, 200)
  for (const [method, url, body] of [
    ['GET', '/faults', undefined],
    ['POST', '/faults', fault],
    ['DELETE', '/faults/fault-1', undefined],
    ['GET', '/clock', undefined],
    ['POST', '/clock', { advanceMs: 1 }],
  ] as const) {
    assert.equal((await ask(server, method, url, body)).statusCode, 404, `${method} ${url}`)
  }
  const document = (await server.http.inject('/api/v1/openapi.json')).json()
  assert.ok(!Object.keys(document.paths).some((path) => /faults|clock/.test(path)))
})

test('in a sandbox the document of the native API has the controls', async () => {
  await using server = await startEdge()
  const document = (await server.http.inject('/api/v1/openapi.json')).json()
  assert.deepEqual(
    Object.keys(document.paths)
      .filter((path) => /faults|clock/.test(path))
      .toSorted(),
    ['/clock', '/faults', '/faults/{faultId}'],
  )
})
