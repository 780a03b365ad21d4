import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attestation,
  hardwareClient,
  hardwareRoot,
  startHardware,
} from '../../../test/helpers/hardware-client.ts'
import { seededStore, tokenOf } from '../../../test/helpers/microsoft-client.ts'

const products = `${hardwareRoot}/products`

test('functional errors have an error object, those of the gateway statusCode and message [7-36]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const functional = await client.want(404, 'GET', '/products/14631253285588838')
  assert.deepEqual(functional, { error: { code: 'entityNotFound', message: 'Product not found' } })
  const none = await server.http.inject({ method: 'GET', url: products })
  assert.equal(none.statusCode, 401)
  assert.match(String(none.headers['content-type']), /^application\/json/)
  const { activityId, ...gateway } = none.json()
  assert.match(activityId, /^[0-9a-f-]{36}$/)
  assert.deepEqual(gateway, { statusCode: 401, message: 'Unauthorized. Access token is missing or invalid.' })
})

test('a bad, foreign or missing token is 401, an empty one the gateway’s 500; the scheme is taken in any case', async () => {
  await using server = await startHardware()
  const token = await tokenOf(server)
  const foreign = await tokenOf(server, { resource: 'https://graph.microsoft.com' })
  const own = await tokenOf(server, { resource: 'http://localhost:80' })
  const status = async (authorization: string | undefined) =>
    (
      await server.http.inject({
        method: 'GET',
        url: products,
        headers: authorization ? { authorization } : {},
      })
    ).statusCode
  assert.equal(await status(`bearer ${token}`), 200)
  assert.equal(await status(`Bearer ${own}`), 200)
  assert.equal(await status(`Bearer ${foreign}`), 401)
  assert.equal(await status('Bearer x.y.z'), 401)
  assert.equal(await status(undefined), 401)
  assert.equal(await status('Bearer '), 500)
  server.clock.advance(3_600_000)
  assert.equal(await status(`Bearer ${token}`), 401)
})

test('a token is given for a form without a type, with the resource unencoded, behind a slash [7-7]', async () => {
  await using server = await startHardware()
  const { tenantId, clientId, secret } = seededStore
  const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}&resource=https://manage.devcenter.microsoft.com`
  for (const slash of ['', '/']) {
    const answer = await server.http.inject({
      method: 'POST',
      url: `/${tenantId}/oauth2/token${slash}`,
      payload: form,
    })
    assert.equal(answer.statusCode, 200)
    const client = await hardwareClient(server, { token: answer.json().access_token })
    await client.want(200, 'GET', '/products')
  }
})

test('the ids that a client gives its request are echoed [7-40]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const ids = { 'ms-correlationid': '11111111-2222-4333-8444-555555555555', 'ms-requestid': 'abc' }
  for (const path of ['/products', '/products/1']) {
    const { headers } = await client.ask('GET', path, undefined, ids)
    assert.equal(headers['ms-correlationid'], ids['ms-correlationid'])
    assert.equal(headers['ms-requestid'], 'abc')
  }
})

test('a create that fails with 500 has made nothing: the client sends it again and has one product [7-34]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const operator = { authorization: 'Bearer sandbox-token', 'content-type': 'application/json' }
  const fault = { match: { store: 'hardware', method: 'POST', times: 1 }, effect: { error: 'internal' } }
  const planted = await server.http.inject({
    method: 'POST',
    url: '/api/v1/faults',
    headers: operator,
    payload: JSON.stringify(fault),
  })
  assert.ok(planted.statusCode < 300, planted.body)
  assert.equal((await client.ask('POST', '/products', attestation)).status, 500)
  await client.want(201, 'POST', '/products', attestation)
  assert.equal((await client.want(200, 'GET', '/products')).value.length, 1)
})

test('an unknown path or method is 404 in JSON', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const id = await client.createProduct()
  assert.equal((await client.want(404, 'DELETE', `/products/${id}`)).statusCode, 404)
  assert.equal((await client.want(404, 'GET', `${hardwareRoot}/oscodes`)).statusCode, 404)
})
