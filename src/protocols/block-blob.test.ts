import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { pathOf, startDepot } from '../../test/helpers/blob-depot.ts'
import {
  asking,
  assertRefused,
  blockBlob,
  type Headers,
  idOf,
  latest,
  md5Of,
} from '../../test/helpers/blob-requests.ts'
import { EngineError } from '../engine/index.ts'

/** For all tests that have enough of a place of their own. */
const depot = await startDepot()
after(() => depot[Symbol.asyncDispose]())

test('Put Blob answers 201 with the headers of the service, and the bytes come back', async () => {
  const { put, get } = asking(depot, await depot.place())
  const answer = await put('hello')
  assert.equal(answer.statusCode, 201)
  const { etag, 'x-ms-request-id': requestId, ...headers } = answer.headers
  assert.match(String(etag), /^"0x[0-9A-F]{15}"$/)
  assert.match(String(requestId), /^[0-9a-f-]{36}$/)
  for (const [name, value] of Object.entries({
    'content-length': '0',
    'content-md5': md5Of('hello'),
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    'x-ms-request-server-encrypted': 'true',
    'x-ms-version': '2024-05-04',
  })) {
    assert.equal(headers[name], value, name)
  }
  assert.equal(headers['content-type'], undefined)
  assert.equal(answer.body, '')

  const back = await get()
  assert.deepEqual([back.statusCode, back.body], [200, 'hello'])
  for (const [name, value] of Object.entries({
    etag,
    'content-length': '5',
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    'x-ms-creation-time': 'Thu, 01 Jan 2026 00:00:00 GMT',
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-server-encrypted': 'true',
    'x-ms-lease-status': 'unlocked',
    'x-ms-lease-state': 'available',
  })) {
    assert.equal(back.headers[name], value, name)
  }
  assert.equal(back.headers['content-disposition'], undefined)
})

test('the ETag is the same for the same bytes, and another one for others; Last-Modified tells of the last put', async () => {
  await using depot = await startDepot()
  const { put, head } = asking(depot, await depot.place())
  const first = await put('one')
  depot.clock.advance(5000)
  const again = await put('one')
  assert.equal(again.headers.etag, first.headers.etag)
  assert.equal(again.headers['last-modified'], 'Thu, 01 Jan 2026 00:00:05 GMT')
  const other = await put('two')
  assert.notEqual(other.headers.etag, first.headers.etag)
  assert.equal((await head()).headers.etag, other.headers.etag)
})

test('a put replaces what was put before; nothing of it is left', async () => {
  const { put, get } = asking(depot, await depot.place())
  await put('a long one')
  await put('short')
  assert.equal((await get()).body, 'short')
  await put('')
  const empty = await get()
  assert.deepEqual([empty.statusCode, empty.body, empty.headers['content-length']], [200, '', '0'])
})

test('HEAD has the headers of GET and no body, before and after anything was put', async () => {
  const { put, get, head } = asking(depot, await depot.place())
  const nothing = await head()
  assert.deepEqual(
    [nothing.statusCode, nothing.headers['x-ms-error-code'], nothing.body],
    [404, 'BlobNotFound', ''],
  )
  await put('twelve bytes')
  const [whole, headers] = [await get(), await head()]
  assert.deepEqual([headers.statusCode, headers.body], [200, ''])
  const own = ({ headers: { 'x-ms-request-id': _, 'x-request-id': __, date: ___, ...rest } }: typeof whole) =>
    rest
  assert.deepEqual(own(headers), own(whole))
})

test('before anything is put there is no blob', async () => {
  const { get, put } = asking(depot, await depot.place())
  assertRefused(await get(), 404, 'BlobNotFound')
  assert.equal((await put('x', { 'if-none-match': '*' })).statusCode, 201)
})

const types: readonly (string | undefined)[] = [
  undefined,
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'application/json',
]

for (const type of types) {
  test(`a body of the type ${type} is kept as it is`, async () => {
    const { put, get } = asking(depot, await depot.place())
    const answer = await put('{"not json', type === undefined ? {} : { 'content-type': type })
    assert.equal(answer.statusCode, 201, answer.body)
    assert.equal((await get()).body, '{"not json')
  })
}

test('a URL leads to the same bytes by its last segment, whatever a client put before it', async () => {
  const { url } = await depot.place()
  const own = pathOf(url)
  const paths = [
    own,
    own.replace('/ingestion/', '/ingestion/ingestion/'),
    own.replace('/ingestion/', '/devstoreaccount1/ingestion/'),
  ]
  for (const [index, path] of paths.entries()) {
    const answer = await depot.http.inject({
      method: 'PUT',
      url: path,
      headers: blockBlob,
      payload: `${index}`,
    })
    assert.equal(answer.statusCode, 201, path)
    for (const other of paths) assert.equal((await depot.http.inject(other)).body, `${index}`)
  }
})

test('every URL of an upload leads to the same bytes, a later one after an earlier one expired', async () => {
  await using depot = await startDepot()
  const place = await depot.place()
  await asking(depot, place).put('bytes')
  depot.clock.advance(24 * 60 * 60 * 1000)
  const expired = await asking(depot, place).get()
  assertRefused(expired, 403, 'AuthenticationFailed')
  assert.match(expired.body, /<AuthenticationErrorDetail>Signature not valid in the specified time frame: /)
  const later = await depot.place({ uploadId: place.uploadId })
  assert.equal((await asking(depot, later).get()).body, 'bytes')
})

test('a forged URL is refused for every operation, and nothing is changed by it', async () => {
  const place = await depot.place()
  const own = asking(depot, place)
  await own.put('own')
  const forged = asking(depot, { url: place.url.replace(/sig=[^&]{6}/, 'sig=forged') })
  for (const answer of [
    await forged.get(),
    await forged.put('other'),
    await forged.putBlock(idOf('1'), 'other'),
    await forged.putList(latest(idOf('1'))),
    await forged.get({}, '&comp=blocklist'),
  ]) {
    assertRefused(answer, 403, 'AuthenticationFailed', {
      AuthenticationErrorDetail: 'Signature did not match.',
    })
  }
  const head = await forged.head()
  assert.deepEqual([head.statusCode, head.headers['x-ms-error-code']], [403, 'AuthenticationFailed'])
  assert.equal((await own.get()).body, 'own')
  assert.deepEqual(await depot.engine.listBlocks(place.uploadId), { committed: [], uncommitted: [] })
})

test('a URL for reading does not write, and nobody may delete', async () => {
  const place = await depot.place()
  await asking(depot, place).put('here')
  const readable = await depot.place({
    uploadId: place.uploadId,
    permissions: 'rl',
    fileName: 'Signed_1.zip',
  })
  const reading = asking(depot, readable)
  const read = await reading.get()
  assert.deepEqual([read.statusCode, read.body], [200, 'here'])
  assert.equal(read.headers['content-disposition'], 'attachment; filename=Signed_1.zip')
  assert.equal((await reading.head()).headers['content-disposition'], 'attachment; filename=Signed_1.zip')
  for (const answer of [
    await reading.put('there'),
    await reading.putBlock(idOf('1'), 'there'),
    await reading.putList(latest()),
    await depot.http.inject({ method: 'DELETE', url: pathOf(place.url) }),
  ]) {
    assertRefused(answer, 403, 'AuthorizationPermissionMismatch')
  }
  assert.equal((await reading.get()).body, 'here')
})

test('the disposition of a URL whose plus signs were rewritten is what was signed', async () => {
  const { uploadId, url } = await depot.place({ fileName: 'initial_1.cab' })
  await asking(depot, { url }).put('x')
  assert.match(url, /rscd=attachment%3B\+filename/)
  for (const rewritten of [url, url.replaceAll('+', '%2B'), url.replaceAll('+', '%20')]) {
    const answer = await asking(depot, { url: rewritten }).get()
    assert.equal(answer.headers['content-disposition'], 'attachment; filename=initial_1.cab', uploadId)
  }
})

const ranges: readonly [headers: Headers, status: number, contentRange: string | undefined, body: string][] =
  [
    [{ range: 'bytes=0-3' }, 206, 'bytes 0-3/10', '0123'],
    [{ 'x-ms-range': 'bytes=0-3' }, 206, 'bytes 0-3/10', '0123'],
    [{ 'x-ms-range': 'bytes=4-', range: 'bytes=0-1' }, 206, 'bytes 4-9/10', '456789'],
    [{ 'x-ms-range': 'bytes=0-33554431' }, 206, 'bytes 0-9/10', '0123456789'],
    [{ range: 'bytes=9-9' }, 206, 'bytes 9-9/10', '9'],
    [{ range: 'bytes=5-9007199254740993' }, 206, 'bytes 5-9/10', '56789'],
    [{ range: 'bytes=-3' }, 200, undefined, '0123456789'],
    [{ range: 'bytes=3-2' }, 200, undefined, '0123456789'],
    [{ range: 'bytes=0-1,3-4' }, 200, undefined, '0123456789'],
    [{ range: 'chapters=1-2' }, 200, undefined, '0123456789'],
  ]

for (const [headers, status, contentRange, body] of ranges) {
  test(`of ten bytes, ${JSON.stringify(headers)} is ${status} ${contentRange ?? ''}`, async () => {
    const { put, get } = asking(depot, await depot.place())
    await put('0123456789')
    const answer = await get(headers)
    assert.deepEqual(
      [answer.statusCode, answer.headers['content-range'], answer.headers['content-length'], answer.body],
      [status, contentRange, String(body.length), body],
    )
  })
}

test('a range behind the end is 416 with the length there is, also of a blob without a byte', async () => {
  const { put, get } = asking(depot, await depot.place())
  for (const bytes of ['0123456789', '']) {
    await put(bytes)
    const answer = await get({ 'x-ms-range': `bytes=${bytes.length}-33554431` })
    assertRefused(answer, 416, 'InvalidRange')
    assert.equal(answer.headers['content-range'], `bytes */${bytes.length}`)
  }
})

test('If-None-Match: * writes only where nothing is, by either way of writing', async () => {
  const { put, putBlock, putList, get } = asking(depot, await depot.place())
  const onlyNew = { 'if-none-match': '*' }
  await putBlock(idOf('1'), 'block')
  assert.equal((await put('first', onlyNew)).statusCode, 201)
  assertRefused(await put('second', onlyNew), 409, 'BlobAlreadyExists')
  assertRefused(await putList(latest(idOf('1')), onlyNew), 409, 'BlobAlreadyExists')
  assert.equal((await get()).body, 'first')
})

const earlier = 'Wed, 31 Dec 2025 23:59:59 GMT'
const same = 'Thu, 01 Jan 2026 00:00:00 GMT'

const conditions: readonly [headers: Headers, reading: number, writing: number][] = [
  [{ 'if-match': 'own' }, 200, 201],
  [{ 'if-match': '*' }, 200, 201],
  [{ 'if-match': '"0x0", own' }, 200, 201],
  [{ 'if-match': '"0x0"' }, 412, 412],
  [{ 'if-none-match': 'own' }, 304, 412],
  [{ 'if-none-match': 'W/own' }, 304, 412],
  [{ 'if-none-match': '"0x0"' }, 200, 201],
  [{ 'if-modified-since': earlier }, 200, 201],
  [{ 'if-modified-since': same }, 304, 412],
  [{ 'if-modified-since': 'yesterday' }, 200, 201],
  [{ 'if-unmodified-since': same }, 200, 201],
  [{ 'if-unmodified-since': earlier }, 412, 412],
  [{ 'if-none-match': '"0x0"', 'if-modified-since': same }, 200, 201],
]

for (const [headers, reading, writing] of conditions) {
  test(`under the condition ${JSON.stringify(headers)} reading is ${reading} and writing ${writing}`, async () => {
    const { put, putBlock, putList, get, head } = asking(depot, await depot.place())
    const { etag } = (await put('there')).headers
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('own', String(etag))]),
    )
    const read = await get(own)
    assert.equal(read.statusCode, reading)
    assert.equal((await head(own)).statusCode, reading)
    if (reading === 412) assertRefused(read, 412, 'ConditionNotMet')
    else assert.equal(read.headers.etag, etag)
    if (reading === 304) assert.equal(read.body, '')
    await putBlock(idOf('1'), 'there')
    assert.equal((await putList(latest(idOf('1')), own)).statusCode, writing)
    await put('there')
    assert.equal((await put('there', own)).statusCode, writing)
  })
}

test('If-Match on nothing is not met', async () => {
  const { put, get } = asking(depot, await depot.place())
  assertRefused(await put('x', { 'if-match': '*' }), 412, 'ConditionNotMet')
  assertRefused(await get(), 404, 'BlobNotFound')
  assert.equal((await put('x', { 'if-none-match': '"0x0"' })).statusCode, 201)
})

test('a good signature for an upload that is not there leads to nothing', async () => {
  const place = await depot.place({ uploadId: '00000000-0000-0000-0000-000000000000' })
  const { put, putBlock, putList, get } = asking(depot, place)
  for (const answer of [
    await get(),
    await get({}, '&comp=blocklist'),
    await put('y'),
    await put('y', { 'if-none-match': '*' }),
    await putBlock(idOf('1'), 'y'),
    await putList(latest()),
  ]) {
    assertRefused(answer, 404, 'BlobNotFound')
  }
})

test('what is put after the hand-in is answered as ever and changes nothing', async () => {
  const place = await depot.place()
  const { put, get } = asking(depot, place)
  await put('handed in')
  await depot.engine.actOnSubmission(depot.actor, { id: place.submissionId, action: 'cancel' })
  assert.equal((await put('too late')).statusCode, 201)
  assert.equal((await get()).body, 'handed in')
})

const requests: readonly [
  what: string,
  method: 'PUT' | 'GET' | 'HEAD',
  more: string,
  headers: Headers,
  status: number,
  code: string,
  details?: Headers,
][] = [
  ['without a blob type', 'PUT', '', {}, 400, 'MissingRequiredHeader', { HeaderName: 'x-ms-blob-type' }],
  [
    'of a page blob',
    'PUT',
    '',
    { 'x-ms-blob-type': 'PageBlob' },
    400,
    'InvalidHeaderValue',
    { HeaderName: 'x-ms-blob-type', HeaderValue: 'PageBlob' },
  ],
  [
    'of bytes that are somewhere else',
    'PUT',
    '',
    { ...blockBlob, 'x-ms-copy-source': 'https://x/?a&b<' },
    400,
    'UnsupportedHeader',
    { HeaderName: 'x-ms-copy-source', HeaderValue: 'https://x/?a&#38;b&#60;' },
  ],
  [
    'of bytes in an envelope',
    'PUT',
    '',
    { ...blockBlob, 'x-ms-structured-body': 'XSM/1.0; properties=crc64' },
    400,
    'UnsupportedHeader',
  ],
  [
    'of a block without a name',
    'PUT',
    '&comp=block',
    {},
    400,
    'MissingRequiredQueryParameter',
    { QueryParameterName: 'blockid' },
  ],
  [
    'of metadata',
    'PUT',
    '&comp=metadata',
    {},
    400,
    'InvalidQueryParameterValue',
    { QueryParameterName: 'comp', QueryParameterValue: 'metadata' },
  ],
  ['for tags', 'GET', '&comp=tags', {}, 400, 'InvalidQueryParameterValue'],
  ['for what objects inherit', 'GET', '&comp=../toString', {}, 400, 'InvalidQueryParameterValue'],
  [
    'for a list of another kind',
    'GET',
    '&comp=blocklist&blocklisttype=some',
    {},
    400,
    'InvalidQueryParameterValue',
    { QueryParameterName: 'blocklisttype' },
  ],
]

for (const [what, method, more, headers, status, code, details] of requests) {
  test(`a request ${what} is ${status} ${code}`, async () => {
    const { ask } = asking(depot, await depot.place())
    assertRefused(
      await ask(method, more, headers, method === 'PUT' ? 'bytes' : undefined),
      status,
      code,
      details,
    )
  })
}

test('a verb the service does not know is 405', async () => {
  const { url } = await depot.place()
  for (const method of ['POST', 'PATCH'] as const) {
    assertRefused(await depot.http.inject({ method, url: pathOf(url) }), 405, 'UnsupportedHttpVerb')
  }
})

const limits: readonly [version: string, blob: number, block: number][] = [
  ['2026-02-06', 5000, 4000],
  ['2019-12-12', 5000, 4000],
  ['2019-07-07', 256, 100],
  ['2016-05-31', 256, 100],
  ['2015-12-11', 64, 4],
]

for (const [version, blob, block] of limits) {
  test(`version ${version} takes ${blob} MiB in one request, and blocks of ${block} MiB`, async () => {
    const { ask } = asking(depot, await depot.place())
    const own = { ...blockBlob, 'x-ms-version': version }
    for (const [more, mebibytes] of [
      ['', blob],
      ['&comp=block&blockid=AAAA', block],
    ] as const) {
      const limit = mebibytes * 1024 * 1024
      const tooLong = await ask('PUT', more, { ...own, 'content-length': String(limit + 1) })
      assertRefused(tooLong, 413, 'RequestBodyTooLarge', { MaxLimit: String(limit) })
      assert.equal(tooLong.headers['x-ms-version'], version)
    }
  })
}

test('without a version the one that was signed for counts; what is no version is as if it were not there', async () => {
  const { ask } = asking(depot, await depot.place())
  const versions: Headers[] = [{}, { 'x-ms-version': 'latest' }, { 'x-ms-version': '2014-02-14\t' }]
  const answers: unknown[] = []
  for (const version of versions) {
    const headers = { ...blockBlob, ...version, 'content-length': String(257 * 1024 * 1024) }
    const { 'x-ms-version': echoed } = (await ask('GET', '', headers)).headers
    answers.push(echoed)
  }
  assert.deepEqual(answers, ['2024-05-04', '2024-05-04', '2024-05-04'])
})

test('a list longer than the longest there may be is refused unread', async () => {
  const { ask } = asking(depot, await depot.place())
  const limit = 8 * 1024 * 1024
  const answer = await ask('PUT', '&comp=blocklist', { 'content-length': String(limit + 1) })
  assertRefused(answer, 413, 'RequestBodyTooLarge', { MaxLimit: String(limit) })
})

test('a client’s name for its request is echoed, on refusals too, as long as it can be one', async () => {
  const { get, put } = asking(depot, await depot.place())
  const named = { 'x-ms-client-request-id': 'a1b2 {c3}' }
  assert.equal((await get(named)).headers['x-ms-client-request-id'], 'a1b2 {c3}')
  assert.equal((await put('x', named)).headers['x-ms-client-request-id'], 'a1b2 {c3}')
  for (const name of ['x'.repeat(1025), 'caf\u00e9']) {
    const answer = await get({ 'x-ms-client-request-id': name })
    assert.deepEqual([answer.statusCode, answer.headers['x-ms-client-request-id']], [200, undefined])
  }
})

test('a store that takes less than the service refuses more than that, and keeps nothing of it', async (t: TestContext) => {
  const { put, putBlock } = asking(depot, await depot.place())
  const refuse = () => Promise.reject(new EngineError('too_large', 'more than 10 bytes'))
  t.mock.method(depot.engine, 'putUpload', refuse)
  t.mock.method(depot.engine, 'putBlock', refuse)
  assertRefused(await put('x'), 413, 'RequestBodyTooLarge')
  assertRefused(await putBlock(idOf('1'), 'x'), 413, 'RequestBodyTooLarge')
})

const failures: readonly [error: Error, status: number, code: string, isLogged: boolean][] = [
  [new EngineError('no_space', 'the server has no room'), 503, 'ServerBusy', true],
  [new EngineError('rate_limited', 'too many'), 503, 'ServerBusy', true],
  [new EngineError('timeout', 'no bytes for 10 ms'), 500, 'OperationTimedOut', true],
  [new EngineError('internal', 'secret details'), 500, 'InternalError', true],
  [new Error('a secret failure'), 500, 'InternalError', true],
  [Object.assign(new Error('the framework'), { statusCode: 415 }), 400, 'InvalidInput', false],
  [new EngineError('unauthenticated', 'a fault'), 403, 'AuthenticationFailed', false],
  [new EngineError('forbidden', 'a fault'), 403, 'AuthorizationPermissionMismatch', false],
  [new EngineError('invalid', 'the request broke off'), 400, 'InvalidInput', false],
  [new EngineError('unsupported', 'a fault'), 400, 'InvalidInput', false],
  [new EngineError('stale', 'a fault'), 412, 'ConditionNotMet', false],
  [new EngineError('conflict', 'a fault'), 409, 'BlobAlreadyExists', false],
  [new EngineError('wrong_state', 'a fault'), 409, 'BlobAlreadyExists', false],
]

for (const [error, status, code, isLogged] of failures) {
  const name = error instanceof EngineError ? error.code : error.message
  test(`${name} in the engine is ${status} ${code}, ${isLogged ? 'logged and' : ''} without internals`, async (t) => {
    await using depot = await startDepot()
    const { put } = asking(depot, await depot.place())
    t.mock.method(depot.engine, 'putUpload', () => Promise.reject(error))
    const answer = await put('x')
    assertRefused(answer, status, code)
    assert.doesNotMatch(answer.body, /secret/)
    assert.equal(
      depot.logged.some((line) => line.includes('the blob service failed')),
      isLogged,
    )
  })
}

test('neither signatures nor names of files get into the log', async () => {
  await using depot = await startDepot()
  const { url } = await depot.place({ fileName: 'hidden.cab' })
  await asking(depot, { url }).put('x')
  await asking(depot, { url: url.replace('sp=rwl', 'sp=r') }).get()
  const log = depot.logged.join('\n')
  assert.match(log, /"PUT"/)
  assert.ok(!log.includes(new URL(url).searchParams.get('sig') ?? ''))
  assert.doesNotMatch(log, /sig=|hidden\.cab/)
})

test('bytes that were refused are not kept', async () => {
  await using depot = await startDepot()
  const { put, putBlock } = asking(depot, await depot.place())
  await put('x', { 'content-md5': md5Of('y') })
  await putBlock(idOf('1'), 'x', { 'content-md5': md5Of('y') })
  const kept = await readdir(join(depot.folder, 'blobs'), { recursive: true, withFileTypes: true })
  assert.deepEqual(
    kept.filter((entry) => entry.isFile()),
    [],
  )
})
