import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import {
  actor,
  api,
  assertHeaders,
  assertRefused,
  clientId,
  form,
  secret,
  serve,
  start,
  tenant,
  v1,
  v2,
  without,
} from '../../test/helpers/fake-entra.ts'
import { EngineError, type EngineErrorCode } from '../engine/index.ts'
import { bearerTokenOf } from './entra.ts'

test('version 1 answers numbers as strings and dates them, version 2 answers numbers', async () => {
  const { post } = serve()
  const first = await post(v1, form)
  assertHeaders(first)
  const { access_token: firstToken, ...rest } = first.json()
  const now = start / 1000
  assert.deepEqual(
    [first.statusCode, rest],
    [
      200,
      {
        token_type: 'Bearer',
        expires_in: '3599',
        ext_expires_in: '3599',
        expires_on: `${now + 3599}`,
        not_before: `${now}`,
        resource: api,
      },
    ],
  )
  const second = await post(v2, form)
  assertHeaders(second)
  const { access_token: secondToken, ...numbers } = second.json()
  assert.deepEqual(numbers, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 })

  assert.deepEqual(decodeProtectedHeader(firstToken), { typ: 'JWT', alg: 'RS256', kid: 'first' })
  const times = { iat: now, nbf: now, exp: now + 3599 }
  const shared = { aud: api, tid: tenant, credential: actor.credentialId, idtyp: 'app', ...times }
  const { oid, sub, uti, idp, ...one } = decodeJwt(firstToken)
  const iss = `https://sts.windows.net/${tenant}/`
  assert.deepEqual(one, { ...shared, iss, appid: clientId, appidacr: '1', ver: '1.0' })
  assert.equal(idp, iss)
  assert.equal(oid, sub)
  assert.match(String(oid), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  const two = decodeJwt(secondToken)
  assert.deepEqual([two.oid, two.azp, two.azpacr, two.ver], [oid, clientId, '1', '2.0'])
  assert.equal(two.iss, `https://login.microsoftonline.com/${tenant}/v2.0`)
  assert.notEqual(two.uti, uti)
})

const encodedSecret = encodeURIComponent(secret)
const lead = `grant_type=client_credentials&client_id=${clientId}`
const raw = (value: string) => `${lead}&client_secret=${value}&resource=${api}`

const oddRequests: [string, string, string, Record<string, string>?][] = [
  ['without a Content-Type and with an unencoded resource', raw(encodedSecret), secret],
  ['with a JSON Content-Type', raw(encodedSecret), secret, { 'content-type': 'application/json' }],
  ['with a charset nobody knows', raw(encodedSecret), secret, { 'content-type': 'x; charset=utf-9' }],
  ['with a line break behind it', `${raw(encodedSecret)}\r\n`, secret],
  ['whose secret is encoded with plus signs for blanks', raw(encodedSecret.replace('%20', '+')), secret],
  ['whose secret is not encoded at all', raw('a+b~c.d/e=f:g%zz'), 'a+b~c.d/e=f:g%zz'],
  ['whose secret is encoded except for its plus signs', raw('a+b%2Fc%3D'), 'a+b/c='],
  ['whose secret looks encoded and is not', raw('100%25sure'), '100%25sure'],
  ['with parameters nobody knows', `${raw(encodedSecret)}&x-client-SKU=msal.js.node&claims=%7B%7D&`, secret],
  [
    'with the secret in HTTP Basic',
    `grant_type=client_credentials&resource=${api}`,
    'a+b:c%/=',
    { authorization: `basic ${Buffer.from(`${clientId}:a+b:c%/=`).toString('base64')}` },
  ],
  [
    'with an encoded secret in HTTP Basic and the id in both places',
    `${lead}&resource=${api}`,
    secret,
    { authorization: `Basic ${Buffer.from(`${clientId}:${encodedSecret}`).toString('base64')}` },
  ],
  ['whose client id is in upper case', raw(encodedSecret).replace(clientId, clientId.toUpperCase()), secret],
]

for (const [what, body, actual, headers] of oddRequests) {
  test(`a request ${what} gets its token, with and without a slash behind the path`, async () => {
    const { engine, post } = serve()
    engine.secret = actual
    for (const url of [v1, `${v1}/`]) {
      const response = await post(url, body, headers)
      assert.equal(response.statusCode, 200, response.body)
      assert.equal(decodeJwt(response.json().access_token).aud, api)
    }
  })
}

const refused: [string, string, Record<string, string> | string, number, string, number][] = [
  ['an unknown tenant', v1.replaceAll('1', '9'), form, 400, 'invalid_request', 90002],
  ['an unknown domain', '/nobody.example/oauth2/token', form, 400, 'invalid_request', 90002],
  ['a tenant that is no id and no domain', '/nobody/oauth2/token', form, 400, 'invalid_request', 900023],
  ['an unknown client', v1, { ...form, client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
  [
    'a client of another tenant',
    '/contoso.onmicrosoft.com/oauth2/token',
    form,
    400,
    'unauthorized_client',
    700016,
  ],
  ['a wrong secret', v1, { ...form, client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
  ['a request without a secret', v1, without('client_secret'), 401, 'invalid_client', 7000216],
  ['an empty secret', v2, { ...form, client_secret: '' }, 401, 'invalid_client', 7000216],
  [
    'a certificate',
    v2,
    { ...without('client_secret'), client_assertion: 'a.b.c' },
    401,
    'invalid_client',
    700027,
  ],
  ['an empty body', v1, '', 400, 'invalid_request', 900144],
  ['a JSON body', v1, JSON.stringify(form), 400, 'invalid_request', 900144],
  ['a request without a client id', v1, without('client_id'), 400, 'invalid_request', 900144],
  ['a version 1 request without a resource', v1, without('resource'), 400, 'invalid_request', 900144],
  ['a version 2 request without a scope', v2, without('scope'), 400, 'invalid_request', 900144],
  ['a parameter that comes twice', v1, `${raw('x')}&resource=y`, 400, 'invalid_request', 9000411],
  ['another grant', v1, { ...form, grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ['a scope without /.default', v2, { ...form, scope: api }, 400, 'invalid_scope', 1002012],
  ['a scope about a person alone', v2, { ...form, scope: 'openid' }, 400, 'invalid_scope', 1002012],
  ['a scope of no resource', v2, { ...form, scope: '/.default' }, 400, 'invalid_scope', 70011],
  ['two resources', v2, { ...form, scope: 'a/.default b/.default' }, 400, 'invalid_scope', 70011],
  ['a body that is too large', v1, `${raw(secret)}&x=${'x'.repeat(70_000)}`, 413, 'invalid_request', 90015],
]

for (const [what, url, body, status, error, number] of refused) {
  test(`${what} is refused with AADSTS${number}`, async () => {
    assertRefused(await serve().post(url, body), status, error, number)
  })
}

test('an expired secret is told apart from a wrong one', async () => {
  const { engine, post } = serve()
  engine.expired = true
  assertRefused(await post(v1, form), 401, 'invalid_client', 7000222)
})

test('an engine that fails is answered in the same shape, without what went wrong', async () => {
  const { engine, post } = serve()
  const codes: [EngineErrorCode, number, string, number][] = [
    ['rate_limited', 429, 'temporarily_unavailable', 90055],
    ['no_space', 500, 'server_error', 50000],
  ]
  for (const [code, status, error, number] of codes) {
    engine.failure = new EngineError(code, 'inside knowledge')
    assertRefused(await post(v1, form), status, error, number)
  }
  engine.failure = new Error('inside knowledge')
  const response = await post(v1, form)
  assertRefused(response, 500, 'server_error', 50000)
  assert.doesNotMatch(response.body, /inside knowledge/)
})

test('the correlation id is the one the client named its request with, if it is one', async () => {
  const { post } = serve()
  const id = 'C1B9B8E2-4DDF-484D-9E30-78FDA6C79269'
  const named = await post(v1, '', { 'client-request-id': id })
  assert.equal(named.json().correlation_id, id.toLowerCase())
  assert.equal(named.headers['x-ms-request-id'], named.json().trace_id)
  const odd = await post(v1, '', { 'client-request-id': '"><b>' })
  assert.notEqual(odd.json().correlation_id, '"><b>')
})

test('a chunked form is read, and one that stops halfway is given up', async (t) => {
  const { app } = serve()
  t.after(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  assert.ok(address && typeof address === 'object')
  const { port } = address
  const head = `POST ${v1} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`
  const body = Buffer.from(raw(encodedSecret))
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
  const answer = async (sent: string) => {
    const socket = connect(port, '127.0.0.1')
      .setEncoding('utf8')
      .on('error', () => undefined)
    socket.write(sent)
    let received = ''
    socket.on('data', (text) => {
      received += text
    })
    await once(socket, 'close')
    return received
  }
  assert.match(await answer(`${head}${chunk}0\r\n\r\n`), /^HTTP\/1\.1 200 [\s\S]*access_token/)
  assert.doesNotMatch(await answer(`${head}${chunk}`), /access_token/)
})

test('any resource becomes the audience exactly as sent', async () => {
  const { post } = serve()
  for (const resource of ['http://127.0.0.2:8080', `${api}/`, 'urn:x', 'a b+c']) {
    const { access_token: one } = (await post(v1, { ...form, resource })).json()
    assert.equal(decodeJwt(one).aud, resource)
  }
  const scope = `openid profile ${api}//.default`
  const { access_token: two } = (await post(v2, { ...form, scope })).json()
  assert.equal(decodeJwt(two).aud, `${api}/`)
})

test('the bearer token of a header, however it is written', () => {
  const headers: [string | undefined, string | undefined][] = [
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc  ', 'abc'],
    [' Bearer\tabc', 'abc'],
    ['Bearer', ''],
    ['Bearer ', ''],
    ['Bearerabc', undefined],
    ['Basic abc', undefined],
    ['ApiKey bearer abc', undefined],
    ['', undefined],
    [undefined, undefined],
    [`Bearer${' '.repeat(100_000)}x`, 'x'],
  ]
  for (const [header, token] of headers) assert.equal(bearerTokenOf(header), token, header)
})
