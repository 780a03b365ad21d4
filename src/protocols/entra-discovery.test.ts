import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { api, assertRefused, form, serve, start, tenant, v1, v2 } from '../../test/helpers/fake-entra.ts'

test('the documents lead from the authority to keys that verify a token', async () => {
  const { post, get } = serve()
  const host = 'login.microsoftonline.com'
  const origin = `https://${host}`
  const authorize = encodeURIComponent(`${origin}/${tenant}/oauth2/v2.0/authorize`)
  const instance = await get(
    `/common/discovery/instance?api-version=1.1&authorization_endpoint=${authorize}`,
    host,
  )
  assert.equal(instance.headers['content-type'], 'application/json; charset=utf-8')
  const { metadata, tenant_discovery_endpoint: next } = instance.json()
  assert.equal(next, `${origin}/${tenant}/v2.0/.well-known/openid-configuration`)
  assert.equal(metadata.length, 1)
  assert.ok(metadata[0].aliases.includes(host))
  const configuration = (await get(new URL(next).pathname, host)).json()
  assert.equal(configuration.issuer, `${origin}/${tenant}/v2.0`)
  assert.equal(configuration.token_endpoint, `${origin}${v2}`)
  assert.equal(configuration.authorization_endpoint, `${origin}/${tenant}/oauth2/v2.0/authorize`)
  const keys = (await get(new URL(configuration.jwks_uri).pathname, host)).json()
  assert.deepEqual(Object.keys(keys.keys[0]).sort(), ['alg', 'e', 'issuer', 'kid', 'kty', 'n', 'use'])
  const token = (await post(new URL(configuration.token_endpoint).pathname, form)).json().access_token
  const options = { issuer: configuration.issuer, audience: api, currentDate: new Date(start) }
  await jwtVerify(token, createLocalJWKSet(keys), options)
})

test('the documents name the origin the client called, and any tenant where none is meant', async () => {
  const { get } = serve()
  const local = (await get(`/${tenant.toUpperCase()}/v2.0/.well-known/openid-configuration`)).json()
  assert.equal(local.issuer, `http://localhost:7070/${tenant}/v2.0`)
  const common = (await get('/common/v2.0/.well-known/openid-configuration')).json()
  assert.equal(common.issuer, 'http://localhost:7070/{tenantid}/v2.0')
  assert.equal(common.jwks_uri, 'http://localhost:7070/common/discovery/v2.0/keys')
  assert.equal((await get('/common/discovery/v2.0/keys')).json().keys.length, 1)
  const odd = (await get('/common/v2.0/.well-known/openid-configuration', 'a b')).json()
  assert.equal(odd.issuer, 'http://localhost/{tenantid}/v2.0')
  const own = encodeURIComponent(`http://localhost:7070/${tenant}/`)
  const { metadata } = (await get(`/common/discovery/instance?authorization_endpoint=${own}`)).json()
  assert.deepEqual(metadata[1].aliases, ['localhost:7070'])
})

test('documents about what does not exist are refused', async () => {
  const { get } = serve()
  const unknown = v1.replaceAll('1', '9').replace('/oauth2/token', '')
  for (const path of ['/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys']) {
    assertRefused(await get(`${unknown}${path}`), 400, 'invalid_tenant', 90002)
  }
  const instance = '/common/discovery/instance'
  assertRefused(await get(instance), 400, 'invalid_request', 900144)
  for (const elsewhere of ['https://evil.example/t/', 'x', `https://login.microsoftonline.com/`]) {
    const url = `${instance}?authorization_endpoint=${encodeURIComponent(elsewhere)}`
    assertRefused(await get(url), 400, 'invalid_instance', 50049)
  }
})
