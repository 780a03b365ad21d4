import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiRoot, scope, seededApp, startAmazon, tokenOf } from '../../../test/helpers/amazon-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'

const credentials = {
  grant_type: 'client_credentials',
  client_id: seededApp.clientId,
  client_secret: seededApp.secret,
  scope,
} as const

const form = (fields: { readonly [name: string]: string }) => new URLSearchParams(fields).toString()

async function login(server: TestServer, body: string, headers = {}, url = '/auth/o2/token') {
  const {
    statusCode,
    body: text,
    headers: answered,
  } = await server.http.inject({
    method: 'POST',
    url,
    headers,
    payload: body,
  })
  return { status: statusCode, json: JSON.parse(text), type: answered['content-type'] }
}

async function edits(server: TestServer, authorization: string | undefined) {
  const { statusCode, body } = await server.http.inject({
    url: `${apiRoot}/${seededApp.appId}/edits`,
    headers: authorization === undefined ? {} : { authorization },
  })
  return { status: statusCode, body }
}

const refused = { status: 401, body: '{"Message":"Request is not authorized."}' }

test('the token endpoint takes forms and JSON, unescaped colons, and both spellings of its path [7-36]', async () => {
  await using server = await startAmazon()
  const unescaped = `grant_type=client_credentials&client_id=${seededApp.clientId}&client_secret=${seededApp.secret}&scope=${scope}`
  const requests: [string, { readonly [name: string]: string }][] = [
    [form(credentials), { 'content-type': 'application/x-www-form-urlencoded' }],
    [unescaped, { 'content-type': 'application/x-www-form-urlencoded' }],
    [JSON.stringify(credentials), { 'content-type': 'application/json' }],
    [JSON.stringify(credentials), { 'content-type': 'application/x-www-form-urlencoded' }],
    [form(credentials), { 'content-type': 'application/json' }],
    [form(credentials), {}],
  ]
  for (const [body, headers] of requests) {
    for (const url of ['/auth/o2/token', '/auth/O2/token']) {
      const { status, json, type } = await login(server, body, headers, url)
      assert.equal(status, 200, `${url} ${body}`)
      assert.equal(type, 'application/json; charset=utf-8')
      assert.match(json.access_token, /^Atc\|[\w.-]+$/)
      assert.deepEqual(
        { ...json, access_token: '' },
        { access_token: '', scope, token_type: 'bearer', expires_in: 3600 },
      )
      assert.equal((await edits(server, `Bearer ${json.access_token}`)).status, 200)
    }
  }
})

test('the scheme is taken in any case, with blanks too many [7-37]', async () => {
  await using server = await startAmazon()
  const token = await tokenOf(server)
  for (const scheme of ['Bearer ', 'bearer ', 'BEARER ', 'Bearer  ', '  Bearer ']) {
    assert.equal((await edits(server, `${scheme}${token}`)).status, 200, scheme)
  }
  for (const bad of [undefined, '', 'Bearer', 'Bearer ', token, `Basic ${token}`, `Bearer${token}`]) {
    assert.deepEqual(await edits(server, bad), refused, String(bad))
  }
})

const wrong: [string, { readonly [name: string]: string }, number, string][] = [
  ['a wrong secret', { ...credentials, client_secret: 'sandbox-secret\n' }, 401, 'invalid_client'],
  [
    'an unknown client',
    { ...credentials, client_id: 'amzn1.application-oa2-client.nobody' },
    401,
    'invalid_client',
  ],
  ['another scope', { ...credentials, scope: 'adx_reporting::appstore:marketer' }, 400, 'invalid_scope'],
  ['another grant', { ...credentials, grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no grant', { client_id: 'x', client_secret: 'x', scope }, 400, 'invalid_request'],
  ['an empty secret', { ...credentials, client_secret: '' }, 400, 'invalid_request'],
  ['no scope', { ...credentials, scope: '' }, 400, 'invalid_request'],
]
for (const [what, fields, status, error] of wrong) {
  test(`${what} is ${status} ${error} in OAuth's shape`, async () => {
    await using server = await startAmazon()
    for (const body of [form(fields), JSON.stringify(fields)]) {
      const answer = await login(server, body)
      assert.deepEqual([answer.status, answer.json.error], [status, error])
      assert.deepEqual(Object.keys(answer.json), ['error', 'error_description'])
    }
  })
}

test('bodies that are neither a form nor JSON are 400 invalid_request', async () => {
  await using server = await startAmazon()
  for (const body of ['', '{', '{"grant_type":', '[]', 'null', '{"grant_type":{}}', '%%%', '\0']) {
    const { status, json } = await login(server, body)
    assert.deepEqual([status, json.error], [400, 'invalid_request'], body)
  }
  assert.equal((await login(server, `grant_type=${'x'.repeat(70_000)}`)).status, 413)
})

test('an Entra client is no client of Login with Amazon, and the reverse', async () => {
  await using server = await startAmazon()
  const entra = { ...credentials, client_id: '22222222-2222-2222-2222-222222222222' }
  assert.equal((await login(server, form(entra))).json.error, 'invalid_client')
  const { statusCode } = await server.http.inject({
    method: 'POST',
    url: '/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token',
    payload: form({ ...credentials, scope: 'https://manage.devcenter.microsoft.com/.default' }),
  })
  assert.ok(statusCode >= 400)
})

test('a token is good for an hour', async () => {
  await using server = await startAmazon()
  const token = await tokenOf(server)
  await server.elapse(3_599_999)
  assert.equal((await edits(server, `Bearer ${token}`)).status, 200)
  await server.elapse(1)
  assert.deepEqual(await edits(server, `Bearer ${token}`), refused)
})

test('a token ends with the credential it was issued for', async () => {
  await using server = await startAmazon()
  const token = await tokenOf(server)
  const known = await server.engine.listCredentials(operator)
  const credential = known.find(({ clientId }) => clientId === seededApp.clientId)
  await server.engine.revokeCredential(operator, credential?.id ?? '')
  assert.deepEqual(await edits(server, `Bearer ${token}`), refused)
  assert.equal((await login(server, form(credentials))).json.error, 'invalid_client')
})

test('a token that was altered or made up is no token', async () => {
  await using server = await startAmazon()
  const token = await tokenOf(server)
  const [claims = '', seal = ''] = token.slice(4).split('.')
  const other = Buffer.from(
    Buffer.from(claims, 'base64url')
      .toString()
      .replace(/\d{13}/, '9999999999999'),
  ).toString('base64url')
  const forged = [
    `Atc|${other}.${seal}`,
    `Atc|${claims}.`,
    `Atc|${claims}`,
    `Atc|${claims}.${seal}x`,
    `${claims}.${seal}`,
    'Atc|',
    'Atc|e30.x',
    'Atc|WyJhIiwiYiIsMV0.x',
    'sandbox-token',
  ]
  for (const each of forged) assert.deepEqual(await edits(server, `Bearer ${each}`), refused, each)
})

test('a token is good across restarts: its key is in the database', async () => {
  await using server = await startAmazon()
  const { createTokens } = await import('./tokens.ts')
  const credentialId = await createTokens(server.engine).read(await tokenOf(server))
  assert.equal(typeof credentialId, 'string')
})
