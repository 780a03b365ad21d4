import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../../test/helpers/ask.ts'
import { pathOf, startDepot, type TestDepot } from '../../test/helpers/blob-depot.ts'
import { assertRefused, blockBlob, type Headers, md5Of } from '../../test/helpers/blob-requests.ts'
import { connectRaw } from '../../test/helpers/raw-connection.ts'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import { waitFor } from '../../test/helpers/wait-for.ts'

/** A place on a listening depot. */
async function listening(depot: TestDepot) {
  const address = await depot.listen()
  const { url } = await depot.place()
  return { address, path: pathOf(url), forged: pathOf(url).replace(/sig=[^&]{6}/, 'sig=forged') }
}

const headOf = (method: string, path: string, headers: Headers = {}) =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`

const keptBy = async (depot: TestDepot) =>
  (await readdir(join(depot.folder, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )

test('a body without a length is 411, chunked or missing', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  for (const more of ['', '&comp=block&blockid=AAAA', '&comp=blocklist']) {
    const chunked = await ask(address, {
      method: 'PUT',
      path: path + more,
      headers: blockBlob,
      body: chunks(),
    })
    const refusal = { statusCode: chunked.status, headers: chunked.headers, body: chunked.body }
    assertRefused(refusal, 411, 'MissingContentLengthHeader', { HeaderName: 'Content-Length' })
    await using connection = await connectRaw(address)
    connection.send(headOf('PUT', path + more, blockBlob))
    assert.match(await connection.until('</Error>'), /^HTTP\/1\.1 411 Length Required\r\n/)
  }
})

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one')
  yield Buffer.from('two')
}

test('megabytes come back byte for byte, whatever the client says of their type', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  const bytes = Buffer.from(seededRandom(3).bytes(3_000_017))
  for (const type of ['x.zip: binary', 'application/x-www-form-urlencoded', 'text/plain; charset=utf-9']) {
    const headers = { ...blockBlob, 'content-type': type, 'content-md5': md5Of(bytes) }
    const put = await ask(address, { method: 'PUT', path, headers, body: bytes })
    assert.deepEqual([put.status, put.reason, put.body], [201, 'Created', ''], put.body)
    assert.equal(put.headers['content-length'], '0')
  }
  const response = await fetch(address + path)
  assert.ok(bytes.equals(Buffer.from(await response.arrayBuffer())))
  const range = await fetch(address + path, { headers: { range: 'bytes=1000000-2999999' } })
  assert.equal(range.status, 206)
  assert.ok(bytes.subarray(1_000_000, 3_000_000).equals(Buffer.from(await range.arrayBuffer())))
})

test('on the wire HEAD has the length and no body, and the connection goes on', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  await ask(address, { method: 'PUT', path, headers: blockBlob, body: 'twelve bytes' })
  await using connection = await connectRaw(address)
  connection.send(
    headOf('HEAD', path) +
      headOf('HEAD', path.replace('sp=rwl', 'sp=r')) +
      headOf('GET', path, { Connection: 'close' }),
  )
  const [head = '', refused = '', get = ''] = (await connection.closed()).split(/(?=HTTP\/1\.1 )/)
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n.*\r\ncontent-length: 12\r\n.*\r\n\r\n$/is)
  assert.match(refused, /^HTTP\/1\.1 403 .*\r\nx-ms-error-code: AuthenticationFailed\r\n.*\r\n\r\n$/is)
  assert.match(get, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\ntwelve bytes$/s)
})

test('a client that asks first is told to go on, and then acknowledged', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  const headers = { ...blockBlob, expect: '100-continue' }
  const answer = await ask(address, { method: 'PUT', path, headers, body: 'bytes' })
  assert.deepEqual([answer.status, answer.continued], [201, true])
})

test('a signature is looked at before the body: a forged one is answered while nothing of it has come', async () => {
  await using depot = await startDepot()
  const { address, forged } = await listening(depot)
  await using connection = await connectRaw(address)
  connection.send(headOf('PUT', forged, { ...blockBlob, 'Content-Length': '1000000000' }))
  assert.match(await connection.until('</Error>'), /^HTTP\/1\.1 403 .*<Code>AuthenticationFailed<\/Code>/s)
})

test('a client that sends its whole body before it reads is refused in words, and may go on', async () => {
  await using depot = await startDepot()
  const { address, path, forged } = await listening(depot)
  await using connection = await connectRaw(address)
  const bytes = Buffer.alloc(16 * 1024 * 1024, 1)
  connection.send(headOf('PUT', forged, { ...blockBlob, 'Content-Length': String(bytes.length) }))
  connection.send(bytes)
  connection.send(headOf('PUT', path, { ...blockBlob, 'Content-Length': '2', Connection: 'close' }))
  connection.send('ok')
  assert.match(await connection.closed(), /^HTTP\/1\.1 403 .*<\/Error>HTTP\/1\.1 201 Created\r\n/s)
  assert.equal((await ask(address, { path })).body, 'ok')
})

test('a body that stands still is given up, in the words of the service, and nothing of it is kept', async () => {
  await using depot = await startDepot({ bodyIdleMs: 100 })
  const { address, path } = await listening(depot)
  for (const more of ['', '&comp=block&blockid=AAAA']) {
    await using connection = await connectRaw(address)
    connection.send(headOf('PUT', path + more, { ...blockBlob, 'Content-Length': '1000000' }))
    connection.send(Buffer.alloc(700_000))
    const answer = await connection.until('</Error>')
    assert.match(answer, /^HTTP\/1\.1 500 .*\r\nconnection: close\r\n.*<Code>OperationTimedOut<\/Code>/is)
    assert.deepEqual(await keptBy(depot), [])
  }
  assert.equal((await ask(address, { path })).status, 404)
})

test('a body that breaks off leaves nothing, whenever it does', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  for (const [more, sent] of [
    ['', 0],
    ['', 1],
    ['', 900_000],
    ['&comp=block&blockid=AAAA', 900_000],
    ['&comp=blocklist', 20],
  ] as const) {
    await using connection = await connectRaw(address)
    connection.send(headOf('PUT', path + more, { ...blockBlob, 'Content-Length': '1000000' }))
    connection.send(Buffer.alloc(sent, '<BlockList><Latest>A'))
    await delay(30)
    connection.reset()
    await waitFor('nothing kept', async () => ((await keptBy(depot)).length === 0 ? true : undefined))
  }
  assert.equal((await ask(address, { path })).status, 404)
  assert.equal((await ask(address, { method: 'PUT', path, headers: blockBlob, body: 'whole' })).status, 201)
  assert.equal((await ask(address, { path })).body, 'whole')
})

test('a download that is broken off does not trouble the next', async () => {
  await using depot = await startDepot()
  const { address, path } = await listening(depot)
  const bytes = Buffer.alloc(20 * 1024 * 1024, 'download')
  await ask(address, { method: 'PUT', path, headers: blockBlob, body: bytes })
  for (let round = 0; round < 5; round++) {
    await using connection = await connectRaw(address)
    connection.send(headOf('GET', path))
    await connection.until('download')
    connection.reset()
  }
  const whole = await fetch(address + path)
  assert.ok(bytes.equals(Buffer.from(await whole.arrayBuffer())))
  assert.deepEqual(
    depot.logged.filter((line) => line.includes('"level":50')),
    [],
  )
})
