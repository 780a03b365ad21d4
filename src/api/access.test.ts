import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../test/helpers/api-server.ts'
import { storeSettings } from '../../test/helpers/store-settings.ts'
import type { NewCredential } from './schema.ts'

test('without a token every route but the document is 401 and says how to ask', async () => {
  await using api = await startApi()
  for (const [path, operations] of Object.entries(api.document.paths)) {
    for (const method of Object.keys(operations)) {
      const asked = path.replace(/\{\w+\}/g, 'x')
      const answer = await api.ask(method.toUpperCase() as 'GET', asked, { as: null })
      if (path === '/openapi.json') {
        assert.equal(answer.status, 200)
        continue
      }
      assert.equal(answer.status, 401, `${method} ${path}`)
      assert.equal(answer.json.error.code, 'unauthenticated')
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="slipway"')
    }
  }
})

test('a wrong token, another scheme and an empty one are 401', async () => {
  await using api = await startApi()
  const wrong = await api.ask('GET', '/products', { as: null, headers: { authorization: 'Bearer nobody' } })
  assert.equal(wrong.status, 401)
  assert.equal(wrong.headers['www-authenticate'], 'Bearer realm="slipway", error="invalid_token"')
  for (const authorization of ['Basic eDp5', 'Bearer', 'Bearer ', 'Bearer a b', '']) {
    const answer = await api.ask('GET', '/products', { as: null, headers: { authorization } })
    assert.equal(answer.status, 401, authorization)
  }
})

test('the scheme is read in any case', async () => {
  await using api = await startApi()
  const authorization = `bEARER ${api.tokenOf.contoso}`
  assert.equal((await api.ask('GET', '/products', { as: null, headers: { authorization } })).status, 200)
})

test('a token is good until it expires', async () => {
  await using api = await startApi()
  const expiresAt = new Date(api.clock.now() + 60_000).toISOString()
  const made = await api.ask<NewCredential>('POST', '/credentials', { body: { kind: 'token', expiresAt } })
  const headers = { authorization: `Bearer ${made.json.secret}` }
  assert.equal((await api.ask('GET', '/products', { as: null, headers })).status, 200)
  api.clock.advance(60_000)
  assert.equal((await api.ask('GET', '/products', { as: null, headers })).status, 401)
})

test('a revoked token is refused at once', async () => {
  await using api = await startApi()
  await api.ask('DELETE', `/credentials/${api.credentialOf.contoso}`)
  assert.equal((await api.ask('GET', '/products')).status, 401)
})

test('a secret and an API key are no tokens', async () => {
  await using api = await startApi()
  for (const kind of ['secret', 'api_key']) {
    const made = await api.ask<NewCredential>('POST', '/credentials', { body: { kind } })
    const headers = { authorization: `Bearer ${made.json.secret}` }
    assert.equal((await api.ask('GET', '/products', { as: null, headers })).status, 401, kind)
  }
})

test('what is not there is 404 in the shape of the API, with the request id of the header', async () => {
  await using api = await startApi()
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['DELETE', '/products'],
    ['POST', '/events'],
  ] as const) {
    const { status, json, headers } = await api.ask(method, path)
    assert.equal(status, 404)
    assert.equal(json.error.code, 'not_found')
    assert.equal(json.requestId, headers['x-request-id'])
  }
})

test('a failure nobody foresaw is 500 without internals, and logged once under the request id', async () => {
  await using api = await startApi()
  await using broken = await startApi()
  await broken[Symbol.asyncDispose]()
  // An engine whose database is closed, behind a server that still listens.
  const { createHttp } = await import('../http/index.ts')
  const { createLog } = await import('../http/log.ts')
  const logged: string[] = []
  const http = await createHttp({
    engine: { ...broken.engine, authenticateToken: api.engine.authenticateToken },
    stores: [],
    log: createLog('error', { terminal: false, write: (line) => void logged.push(line) }),
    settings: storeSettings(),
    ready: () => true,
  })
  const headers = { authorization: `Bearer ${api.tokenOf.contoso}` }
  const response = await http.inject({ url: '/api/v1/products', headers })
  await http.close()
  assert.equal(response.statusCode, 500)
  const { error, requestId } = response.json<{
    error: { code: string; message: string }
    requestId: string
  }>()
  assert.equal(error.code, 'internal')
  assert.doesNotMatch(error.message, /database|closed|destroyed|driver/)
  assert.equal(logged.length, 1)
  assert.match(logged[0] ?? '', new RegExp(requestId))
  assert.doesNotMatch(logged[0] ?? '', new RegExp(api.tokenOf.contoso))
})
