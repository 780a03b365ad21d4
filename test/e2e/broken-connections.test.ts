import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Question } from '../helpers/ask.ts'
import { query } from '../helpers/data-folder.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { connectRaw } from '../helpers/raw-connection.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import {
  credentials,
  idleMs,
  packagePath,
  products,
  startTargetServer,
  type TargetServer,
  uploadHead,
  zip,
} from '../helpers/target-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const options = { timeout: 30_000 }

let target: TargetServer

before(async () => {
  target = await startTargetServer()
})

after(() => target?.[Symbol.asyncDispose]())

for (const [how, breakOff] of [
  ['resets the connection', 'reset'],
  ['ends its side', 'end'],
] as const) {
  for (const [what, start] of [
    ['a body shorter than its Content-Length', `${uploadHead('Content-Length: 100000')}${'x'.repeat(5000)}`],
    [
      'a chunked body without its last chunk',
      `${uploadHead('Transfer-Encoding: chunked')}1000\r\n${'x'.repeat(4096)}\r\n`,
    ],
    ['half a chunk', `${uploadHead('Transfer-Encoding: chunked')}1000\r\nxxx`],
    ['nothing but the head', uploadHead('Content-Length: 100000')],
    ['half the head', uploadHead('Content-Length: 100000').slice(0, 80)],
  ] as const) {
    test(`a client that sends ${what} and ${how} has uploaded nothing`, options, async () => {
      await target.changesNothing(async () => {
        await using connection = await connectRaw(target.server.url)
        connection.send(start)
        await delay(50)
        connection[breakOff]()
        const answer = await connection.closed()
        assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/)
      })
    })
  }
}

test('a body that stands still is answered 408 in time, and the connection closed', options, async () => {
  await target.changesNothing(async () => {
    for (const start of [
      `${uploadHead('Content-Length: 100000')}${'x'.repeat(5000)}`,
      `${uploadHead('Transfer-Encoding: chunked')}5\r\nhello\r\n`,
      uploadHead('Content-Length: 5'),
    ]) {
      await using connection = await connectRaw(target.server.url)
      const started = performance.now()
      connection.send(start)
      assert.match(await connection.until('\r\n\r\n'), /^HTTP\/1\.1 408 /)
      const took = performance.now() - started
      assert.ok(took > idleMs * 0.9 && took < idleMs + 5000, `after ${took} ms`)
      // The rest is not waited for, nor ever taken for another request.
      connection.end()
      assert.equal((await connection.closed()).match(/HTTP\/1\.1/g)?.length, 1)
    }
  })
})

test('a body that goes on slowly is waited for', options, async () => {
  const bytes = buildExtension({ version: '1.2.4' })
  await using connection = await connectRaw(target.server.url)
  connection.send(uploadHead(`Content-Length: ${bytes.length}`))
  const piece = Math.ceil(bytes.length / 6)
  for (let offset = 0; offset < bytes.length; offset += piece) {
    await delay(idleMs / 3)
    connection.send(bytes.subarray(offset, offset + piece))
  }
  const [, location] = /\r\nlocation: (\S+)/i.exec(await connection.until('\r\n\r\n')) ?? []
  assert.equal((await target.settled(`${packagePath()}/operations/${location}`)).status, 'Succeeded')
})

for (const [what, start] of [
  ['sends nothing', ''],
  ['sends half a request line', 'GET /rea'],
  ['never ends its headers', 'GET /readyz HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n'],
] as const) {
  test(`a client that ${what} is cut off in time`, options, async () => {
    await using connection = await connectRaw(target.server.url)
    const started = performance.now()
    connection.send(start)
    assert.match(await connection.closed(), /^HTTP\/1\.1 408 /)
    assert.ok(performance.now() - started < 10_000)
    await target.isWell()
  })
}

test('headers that trickle in are cut off as well', options, async () => {
  await using connection = await connectRaw(target.server.url)
  connection.send('GET /readyz HTTP/1.1\r\nHost: x\r\n')
  let closed = false
  const closing = connection.closed().then((text) => {
    closed = true
    return text
  })
  for (let line = 0; line < 200 && !closed; line++) {
    connection.send(`X-${line}: 1\r\n`)
    await delay(50)
  }
  assert.match(await closing, /^HTTP\/1\.1 408 /)
})

test('a refused client reads its answer although it has not sent its body yet', options, async () => {
  async function* large() {
    for (let part = 0; part < 100; part++) yield Buffer.alloc(65_536, part)
  }
  const cases: [number, Question][] = [
    [
      401,
      {
        method: 'POST',
        path: packagePath(),
        headers: { ...zip, authorization: 'ApiKey wrong' },
        body: large(),
      },
    ],
    [404, { method: 'POST', path: packagePath(products.foreign), headers: zip, body: large() }],
    [400, { method: 'POST', path: packagePath(), headers: credentials, body: large() }],
    [
      413,
      {
        method: 'POST',
        path: packagePath().replace('/draft/package', ''),
        headers: credentials,
        body: large(),
      },
    ],
    [
      413,
      {
        method: 'POST',
        path: '/api/v1/products',
        headers: { authorization: 'Bearer own-token' },
        body: large(),
      },
    ],
  ]
  await target.changesNothing(async () => {
    for (const [status, question] of cases)
      assert.equal((await target.sent(question)).status, status, question.path)
  })
})

test('what a refused request has as its body is never taken for another request', options, async () => {
  await using connection = await connectRaw(target.server.url)
  const body = 'GET /healthz HTTP/1.1\r\nHost: inside\r\n\r\n'
  connection.send(uploadHead(`Content-Length: ${body.length}`).replace('own-key', 'wrong'))
  connection.send(body)
  connection.send('GET /no-such-place HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const statuses = [...(await connection.closed()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  assert.deepEqual(statuses, ['401', '404'])
})

test('headers that are too large or too many are refused, and others do not notice', options, async () => {
  await using other = await connectRaw(target.server.url)
  other.send('GET /healthz HTTP/1.1\r\nHost: x\r\n')
  for (const lines of [
    [`X-Large: ${'x'.repeat(70_000)}`],
    Array.from({ length: 3000 }, (_each, number) => `X-Number-${number}: ${'x'.repeat(30)}`),
  ]) {
    await using connection = await connectRaw(target.server.url)
    connection.send(`GET /healthz HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`)
    assert.match(await connection.closed(), /^HTTP\/1\.1 431 /)
  }
  other.send('\r\n')
  assert.match(await other.until('\r\n\r\n'), /^HTTP\/1\.1 (200|408) /)
  const large = { 'x-large': 'x'.repeat(40_000) }
  assert.equal((await target.sent({ path: '/healthz', headers: large })).status, 200)
})

test('bytes that are no HTTP are refused, and the connection closed', options, async () => {
  const hosts = 'Host: x\r\n'
  const garbage: (string | Uint8Array)[] = [
    'hello\r\n\r\n',
    '\0\0\0\0\0\0\0\0\r\n\r\n',
    Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `GET / HTTP/9.9\r\n${hosts}\r\n`,
    `GET / HTTP/1.1\r\nno colon here\r\n\r\n`,
    `GET / HTTP/1.1\r\n${hosts}X: a\0b\r\n\r\n`,
    `GET / HTTP/1.1\r\n${hosts} folded: x\r\n\r\n`,
    `GET /\r\n\r\n`,
    `BREW / HTTP/1.1\r\n${hosts}\r\n`,
    uploadHead('Content-Length: -1'),
    uploadHead('Content-Length: 1e3'),
    uploadHead('Content-Length: 99999999999999999999999'),
    uploadHead('Content-Length: 5', 'Content-Length: 6'),
    `${uploadHead('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    uploadHead('Transfer-Encoding: chunked, gzip'),
    `${uploadHead('Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`,
    `${uploadHead('Transfer-Encoding: chunked')}ffffffffffffffffff\r\nhello`,
    `${uploadHead('Transfer-Encoding: chunked')}-5\r\nhello\r\n0\r\n\r\n`,
    `${uploadHead('Transfer-Encoding: chunked')}5;${'x'.repeat(100_000)}\r\nhello\r\n0\r\n\r\n`,
    `${uploadHead('Transfer-Encoding: chunked')}5\r\nhello, and more than was said\r\n0\r\n\r\n`,
  ]
  const random = seededRandom(11)
  for (let times = 0; times < 20; times++) garbage.push(random.bytes(1 + random.below(2000)))
  await target.changesNothing(async () => {
    for (const bytes of garbage) {
      await using connection = await connectRaw(target.server.url)
      connection.send(bytes)
      const answer = await connection.closed()
      assert.match(
        answer,
        /^(HTTP\/1\.1 4\d\d |$)/,
        JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 300)),
      )
    }
  })
})

test('pipelined requests are answered in their order', options, async () => {
  await using connection = await connectRaw(target.server.url)
  const bytes = buildExtension({ version: '1.2.5' })
  connection.send(
    Buffer.concat([
      Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from(uploadHead(`Content-Length: ${bytes.length}`)),
      bytes,
      Buffer.from(
        'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      ),
    ]),
  )
  const text = await connection.closed()
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '202', '404', '200'],
  )
  const [, location] = /\r\nlocation: (\S+)/i.exec(text) ?? []
  assert.equal((await target.settled(`${packagePath()}/operations/${location}`)).status, 'Succeeded')
})

for (const how of ['end', 'reset'] as const) {
  test(
    `a client that goes away (${how}) before its answer has uploaded everything or nothing`,
    options,
    async () => {
      const operations = () => query(target.data, 'select id, status from operation order by rowid')
      const known = operations().length
      const bytes = buildExtension({ version: '1.2.6' })
      for (let time = 0; time < 10; time++) {
        await using connection = await connectRaw(target.server.url)
        connection.send(Buffer.concat([Buffer.from(uploadHead(`Content-Length: ${bytes.length}`)), bytes]))
        await delay(time)
        connection[how]()
        await connection.closed()
      }
      await waitFor('all that was taken to be settled', () => {
        const taken = operations().slice(known)
        return taken.every(({ status }) => status !== 'in_progress') ? true : undefined
      })
      for (const { id } of operations().slice(known)) {
        assert.equal((await target.settled(`${packagePath()}/operations/${id}`)).status, 'Succeeded')
      }
      await target.isWell()
    },
  )
}

test(
  'hundreds of connections at once are all answered, with as many idle ones beside them',
  options,
  async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, () => connectRaw(target.server.url)))
    for (const connection of idle) connection.send('POST /v1/products HTTP/1.1\r\nHost: x\r\n')
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_each, number) =>
        target.sent(
          number % 3 === 0
            ? { path: '/readyz' }
            : { path: `${packagePath()}/operations/${products.own}`, headers: credentials },
        ),
      ),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 404]))
    await Promise.all(idle.map((connection) => connection.closed()))
    await target.isWell()
  },
)

test('after all of it the server is the same one and has logged no failure of its own', options, () =>
  target.endsWell(),
)
