import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import {
  type AmazonClient,
  amazonClient,
  apiRoot,
  apkOf,
  seededApp,
  startAmazon,
  tokenOf,
} from '../../../test/helpers/amazon-client.ts'
import { ask, type Question } from '../../../test/helpers/ask.ts'
import { buildPng } from '../../../test/helpers/media-builder.ts'

/** A listening server with an open edit. */
async function listening(flags: Parameters<typeof startAmazon>[0] = {}) {
  const server = await startAmazon(flags)
  const address = await server.listen()
  const amazon = await amazonClient(server)
  const edit = await amazon.open()
  const base = `${apiRoot}/${seededApp.appId}`
  return {
    server,
    address,
    amazon,
    edit,
    base,
    ask: (question: Question) =>
      ask(address, {
        ...question,
        path: base + question.path,
        headers: { ...amazon.headers, ...question.headers },
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function tagAt(amazon: AmazonClient, path: string): Promise<string> {
  return (await amazon.want(200, 'GET', path)).etag ?? ''
}

/** A request and its answer as bytes. */
function raw(address: string, request: string): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', reject).on('close', () => resolve(text))
    socket.write(request)
  })
}

test('the header is spelled ETag, once, on one line, in every kind of answer [7-9][7-42]', async () => {
  await using at = await listening()
  const token = await tokenOf(at.server)
  const tag = await tagAt(at.amazon, `${at.edit}/listings/en-US`)
  const requests: [string, string, string][] = [
    ['GET', '/edits', ''],
    ['HEAD', `${at.edit}`, ''],
    ['GET', `${at.edit}/listings/en-US`, ''],
    ['GET', `${at.edit}/apks/${seededApp.apkId}`, ''],
    ['DELETE', `${at.edit}/listings/en-US/videos`, `If-Match: ${tag}\r\n`],
  ]
  for (const [method, path, more] of requests) {
    const answer = await raw(
      at.address,
      `${method} ${at.base}${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${more}Connection: close\r\n\r\n`,
    )
    assert.equal(answer.match(/^ETag: "[0-9a-f]{32}"\r$/gm)?.length, 1, answer)
    assert.equal(answer.match(/etag/gi)?.length, 1, answer)
  }
})

test('a JSON body is read under every type that clients send, and no type at all [7-11][7-14]', async () => {
  await using at = await listening()
  const path = `${at.edit}/listings/en-US`
  const types = [
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'x.apk: binary',
    undefined,
  ]
  for (const [index, type] of types.entries()) {
    const answer = await at.ask({
      method: 'PUT',
      path,
      headers: {
        'if-match': await tagAt(at.amazon, path),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      body: JSON.stringify({ title: `Title ${index} = a&b+c%20`, keywords: [] }),
    })
    assert.equal(answer.status, 200, `${type}: ${answer.body}`)
    assert.equal(JSON.parse(answer.body).title, `Title ${index} = a&b+c%20`)
    const malformed = await at.ask({
      method: 'PUT',
      path,
      headers: { 'if-match': '*', ...(type === undefined ? {} : { 'content-type': type }) },
      body: '{"title":',
    })
    assert.equal(malformed.status, 400)
    assert.equal(JSON.parse(malformed.body).errors[0].errorCode, 'invalid_input')
  }
})

test('an empty body under any type is no error where none is wanted [7-12]', async () => {
  await using at = await listening()
  await at.amazon.write(204, 'DELETE', at.edit)
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'x.apk: binary']) {
    const created = await at.ask({
      method: 'POST',
      path: '/edits',
      headers: { 'content-type': type },
      body: '',
    })
    assert.equal(created.status, 200, `${type}: ${created.body}`)
    const edit = `/edits/${JSON.parse(created.body).id}`
    const read = await at.ask({ path: edit, headers: { 'content-type': type } })
    assert.equal(read.status, 200)
    const headers = { 'content-type': type, 'if-match': read.headers.etag ?? '' }
    assert.equal((await at.ask({ method: 'DELETE', path: edit, headers })).status, 204)
  }
})

test('binaries are taken under every type that clients send, a malformed one among them [7-14]', async () => {
  await using at = await listening()
  const types = [
    'application/vnd.android.package-archive',
    'application/octet-stream',
    'x.apk: binary',
    'image/png',
  ]
  for (const [index, type] of types.entries()) {
    const uploaded = await at.ask({
      method: 'POST',
      path: `${at.edit}/apks/upload`,
      headers: { 'content-type': type, fileName: `app-${index}` },
      body: apkOf(10 + index),
    })
    assert.equal(uploaded.status, 200, `${type}: ${uploaded.body}`)
    assert.equal(JSON.parse(uploaded.body).name, `app-${index}`)
    const slot = `${at.edit}/listings/en-US/small-icons`
    const image = await at.ask({
      method: 'POST',
      path: `${slot}/upload`,
      headers: { 'content-type': type, 'if-match': await tagAt(at.amazon, slot) },
      body: buildPng(114, 114),
    })
    assert.equal(image.status, 200, `${type}: ${image.body}`)
  }
})

test('a chunked upload without a length is the same as a counted one [7-15]', async () => {
  await using at = await listening()
  const path = `${at.edit}/apks/${seededApp.apkId}`
  const bytes = apkOf(7)
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000)
  }
  const answer = await at.ask({
    method: 'PUT',
    path: `${path}/replace`,
    headers: {
      'if-match': await tagAt(at.amazon, path),
      'content-type': 'application/vnd.android.package-archive',
    },
    body: chunks(),
  })
  assert.equal(answer.status, 200, answer.body)
  assert.equal(JSON.parse(answer.body).versionCode, 7)
})

test('a slash at the end is tolerated [7-40]', async () => {
  await using at = await listening()
  for (const path of ['/edits', at.edit, `${at.edit}/listings`, `${at.edit}/apks`]) {
    assert.equal((await at.ask({ path: `${path}/` })).status, 200, path)
  }
})

test('HEAD has the tag and the length of GET and no body [7-41]', async () => {
  await using at = await listening()
  for (const path of ['/edits', at.edit, `${at.edit}/apks/${seededApp.apkId}`, `${at.edit}/listings/en-US`]) {
    const [get, head] = [await at.ask({ path }), await at.ask({ method: 'HEAD', path })]
    assert.deepEqual(
      [head.status, head.headers.etag, head.headers['content-length'], head.body],
      [200, get.headers.etag, String(Buffer.byteLength(get.body)), ''],
    )
  }
})

test('the answer to an upload of 30 MB comes within seconds of its last byte [7-43]', async () => {
  await using at = await listening()
  const bytes = apkOf(
    7,
    {},
    {
      entries: [{ name: 'assets/large.bin', content: Buffer.alloc(30_000_000, 7), method: 'stored' }],
      v1: [],
      manifest: { minSdk: 24, manifest: { versionCode: 7 } },
    },
  )
  let sent = 0
  async function* all() {
    yield bytes
    sent = performance.now()
  }
  const answer = await at.ask({ method: 'POST', path: `${at.edit}/apks/upload`, body: all() })
  assert.equal(answer.status, 200, answer.body)
  assert.ok(performance.now() - sent < 15_000)
})

test('no upload is cut off for the time it takes, only for standing still [7-44]', async () => {
  await using at = await listening({ bodyIdleMs: '500' })
  assert.equal(at.server.http.server.requestTimeout, 0)
  const bytes = apkOf(7)
  async function* slow() {
    for (let part = 0; part < 4; part++) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      yield bytes.subarray((bytes.length * part) >> 2, (bytes.length * (part + 1)) >> 2)
    }
  }
  const answer = await at.ask({ method: 'POST', path: `${at.edit}/apks/upload`, body: slow() })
  assert.equal(answer.status, 200, answer.body)
  async function* stalled() {
    yield bytes.subarray(0, 100)
    await new Promise((resolve) => setTimeout(resolve, 3000).unref())
  }
  const given = await at.ask({ method: 'POST', path: `${at.edit}/apks/upload`, body: stalled() })
  assert.equal(given.status, 408)
  assert.equal(given.reason, 'Request Timeout')
})

test('reason phrases are the standard ones, over HTTP/1.1 [7-50]', async () => {
  await using at = await listening()
  const listing = `${at.edit}/listings/en-US`
  const requests: [Question, number, string][] = [
    [{ path: '/edits' }, 200, 'OK'],
    [{ path: '/edits/nothing' }, 404, 'Not Found'],
    [{ path: '/edits//apks' }, 400, 'Bad Request'],
    [{ path: '/edits', method: 'POST' }, 409, 'Conflict'],
    [
      { path: listing, method: 'PUT', body: '{"keywords":[]}', headers: { 'if-match': '"x"' } },
      412,
      'Precondition Failed',
    ],
    [{ path: `${at.edit}/validate`, method: 'POST' }, 403, 'Forbidden'],
    [{ path: '/edits', headers: { authorization: 'Bearer x' } }, 401, 'Unauthorized'],
    [
      { path: `${at.edit}/listings/en-US/videos`, method: 'DELETE', headers: { 'if-match': '*' } },
      204,
      'No Content',
    ],
  ]
  for (const [question, status, reason] of requests) {
    const answer = await at.ask(question)
    assert.deepEqual([answer.status, answer.reason], [status, reason])
  }
})

test('answers are JSON with their type, errors too; a 204 has no body, no type and no length [7-52][7-53]', async () => {
  await using at = await listening()
  for (const path of ['/edits', at.edit, `${at.edit}/apks`, '/edits/nothing', '/edits//apks', '/nothing']) {
    const answer = await at.ask({ path })
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.ok(answer.body.length > 0)
    JSON.parse(answer.body)
  }
  const deleted = await at.ask({ path: at.edit, method: 'DELETE', headers: { 'if-match': '*' } })
  assert.equal(deleted.status, 204)
  assert.equal(deleted.body, '')
  assert.equal(deleted.headers['content-type'], undefined)
  assert.ok([undefined, '0'].includes(deleted.headers['content-length']))
})

test('nothing is compressed on the way, so strong tags stay strong [7-54]', async () => {
  await using at = await listening()
  const answer = await at.ask({
    path: `${at.edit}/listings`,
    headers: { 'accept-encoding': 'gzip, deflate, br' },
  })
  assert.equal(answer.headers['content-encoding'], undefined)
  assert.match(answer.headers.etag ?? '', /^"/)
})

test('a body over the limit is 413 as soon as it is known to be, and changes nothing', async () => {
  await using at = await listening()
  const { etag } = await at.amazon.want(200, 'GET', at.edit)
  const token = await tokenOf(at.server)
  const claims: [string, number][] = [
    [`${at.edit}/apks/upload`, 300 * 1024 ** 2 + 1],
    [`${at.edit}/apks/large/upload`, 2.5 * 1024 ** 3 + 1],
  ]
  for (const [path, length] of claims) {
    const answer = await raw(
      at.address,
      `POST ${at.base}${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\nPK`,
    )
    assert.match(answer, /^HTTP\/1\.1 413 Payload Too Large\r\n/)
    assert.match(answer, /"httpCode":413/)
  }
  async function* endless() {
    const chunk = Buffer.alloc(1024 * 1024)
    for (let sent = 0; sent < 40; sent++) yield chunk
  }
  const icons = `${at.edit}/listings/en-US/small-icons`
  const tooLarge = await at.ask({
    method: 'POST',
    path: `${icons}/upload`,
    headers: { 'if-match': await tagAt(at.amazon, icons) },
    body: endless(),
  })
  assert.equal(tooLarge.status, 413)
  const listing = `${at.edit}/listings/en-US`
  const long = await at.ask({
    method: 'PUT',
    path: listing,
    headers: { 'if-match': await tagAt(at.amazon, listing) },
    body: JSON.stringify({ title: 'x'.repeat(1024 * 1024), keywords: [] }),
  })
  assert.equal(long.status, 413)
  assert.equal((await at.amazon.want(200, 'GET', at.edit)).etag, etag)
})

test('an upload that breaks off, and one that is refused half-way, change nothing', async () => {
  await using at = await listening()
  const { etag } = await at.amazon.want(200, 'GET', at.edit)
  async function* broken() {
    yield apkOf(7).subarray(0, 500)
    throw new Error('the client is gone')
  }
  await assert.rejects(at.ask({ method: 'POST', path: `${at.edit}/apks/upload`, body: broken() }))
  assert.equal((await at.amazon.want(200, 'GET', at.edit)).etag, etag)
  const apk = `${at.edit}/apks/${seededApp.apkId}`
  const tag = await tagAt(at.amazon, apk)
  const bytes = apkOf(8)
  let moved = false
  async function* overtaken() {
    yield bytes.subarray(0, 500)
    await at.amazon.want(200, 'PUT', `${apk}/replace`, apkOf(7), { 'if-match': tag })
    moved = true
    yield bytes.subarray(500)
  }
  const answer = await at.ask({
    method: 'PUT',
    path: `${apk}/replace`,
    headers: { 'if-match': tag },
    body: overtaken(),
  })
  assert.ok(moved)
  assert.equal(answer.status, 412)
  assert.equal((await at.amazon.want(200, 'GET', apk)).json.versionCode, 7)
})
