import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, type Question } from '../helpers/ask.ts'
import { query } from '../helpers/data-folder.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { connectRaw } from '../helpers/raw-connection.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { type ServerProcess, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const idleMs = 500
const products = {
  own: '10000000-0000-4000-8000-000000000001',
  raced: '10000000-0000-4000-8000-000000000002',
  foreign: '20000000-0000-4000-8000-000000000001',
}
const credentials = { authorization: 'ApiKey own-key', 'x-clientid': 'own-client' }
const zip = { ...credentials, 'content-type': 'application/zip' }
const packagePath = pathTo(products.own)

let folder: string
let data: string
let server: ServerProcess
let keyExpiresAt: number

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-bad-input-'))
  data = join(folder, 'data')
  const account = (name: string, ids: string[], more: object[] = []) => ({
    id: name,
    name,
    credentials: [
      { kind: 'api_key', clientId: `${name}-client`, secret: `${name}-key` },
      { kind: 'token', clientId: `${name}-client`, secret: `${name}-token`, role: 'publisher' },
      ...more,
    ],
    products: ids.map((id) => ({ store: 'edge', kind: 'extension', id, name: id, published: {} })),
  })
  keyExpiresAt = Date.now() + 8000
  const expiring = {
    kind: 'api_key',
    clientId: 'own-client',
    expiresAt: new Date(keyExpiresAt).toISOString(),
  }
  const seed = join(folder, 'seed.json')
  await writeFile(
    seed,
    JSON.stringify({
      accounts: [
        account(
          'own',
          [products.own, products.raced],
          [
            { ...expiring, secret: 'short-lived-key' },
            { kind: 'api_key', clientId: 'own-client', secret: 'withdrawn-key', label: 'withdrawn' },
          ],
        ),
        account('foreign', [products.foreign]),
      ],
    }),
  )
  server = await startServerProcess(data, {
    flags: { seed, bodyIdleMs: String(idleMs), steps: 'edge.InReview=3600000' },
  })
})

after(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function pathTo(productId: string): string {
  return `/v1/products/${productId}/submissions/draft/package`
}

/** Asks over a connection of its own; fails the test when the answer is the server's own fault. */
async function sent(question: Question) {
  const answer = await ask(server.url, question)
  assert.ok(answer.status < 500, `${question.path}: ${answer.status} ${answer.body}`)
  return answer
}

async function settled(path: string): Promise<{ status: string; errorCode: string; message: string }> {
  return waitFor(path, async () => {
    const { body } = await sent({ path, headers: credentials })
    const polled = JSON.parse(body) as { status: string; errorCode: string; message: string }
    return polled.status === 'InProgress' ? undefined : polled
  })
}

async function upload(bytes: Uint8Array, productId = products.own) {
  const path = pathTo(productId)
  const { status, headers } = await sent({ method: 'POST', path, headers: zip, body: bytes })
  assert.equal(status, 202)
  return settled(`${path}/operations/${headers.location}`)
}

function count(what: 'operation' | 'package' | 'event'): number {
  return Number(query(data, `select count(*) as count from ${what}`)[0]?.count)
}

/** Nothing was bound, nothing half-written is left, and the server is as well as before. */
async function changesNothing(work: () => Promise<unknown>): Promise<void> {
  const counts = () => ({
    operations: count('operation'),
    packages: count('package'),
    events: count('event'),
  })
  const earlier = counts()
  await work()
  await waitFor('the temporary files to go', async () =>
    (await readdir(join(data, 'blobs', 'tmp'))).length === 0 ? true : undefined,
  )
  assert.deepEqual(counts(), earlier)
  await isWell()
}

async function isWell(): Promise<void> {
  assert.equal((await ask(server.url, { path: '/readyz' })).status, 200)
}

const options = { timeout: 30_000 }

test('the draft that every other test leaves alone', options, async () => {
  assert.equal((await upload(buildExtension({ version: '1.2.3' }))).status, 'Succeeded')
})

test('what is no archive is taken, said to be none, and leaves the draft as it was', options, async () => {
  const random = seededRandom(7)
  for (const bytes of [
    Buffer.from('this is no archive'),
    Buffer.alloc(100_000),
    random.bytes(300_000),
    buildExtension({ version: '9.9.9' }).subarray(0, 1000),
    Buffer.from('PK\u0003\u0004'),
    Buffer.from('PK\u0005\u0006'.padEnd(22, '\0')),
  ]) {
    const { status, errorCode } = await upload(bytes)
    assert.deepEqual({ status, errorCode }, { status: 'Failed', errorCode: 'PackageValidationError' })
  }
})

test('an empty body is refused, with a length and without', options, async () => {
  async function* nothing() {}
  await changesNothing(async () => {
    for (const body of [new Uint8Array(), nothing()]) {
      assert.equal((await sent({ method: 'POST', path: packagePath, headers: zip, body })).status, 400)
    }
  })
})

test('a missing or wrong content type is refused whatever comes with it', options, async () => {
  const body = buildExtension()
  await changesNothing(async () => {
    for (const type of [
      undefined,
      '',
      'application/json',
      'multipart/form-data; boundary=x',
      'zip',
      '*/*',
      ';',
    ]) {
      const headers = type === undefined ? credentials : { ...credentials, 'content-type': type }
      assert.equal(
        (await sent({ method: 'POST', path: packagePath, headers, body })).status,
        400,
        `type ${type}`,
      )
    }
  })
})

/** The head of an upload, as bytes. */
function head(...more: string[]): string {
  const lines = [
    `POST ${packagePath} HTTP/1.1`,
    'Host: slipway',
    ...Object.entries(zip).map(([name, value]) => `${name}: ${value}`),
    ...more,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

for (const [how, breakOff] of [
  ['resets the connection', (connection) => connection.reset()],
  ['ends its side', (connection) => connection.end()],
] as const satisfies readonly (readonly [
  string,
  (connection: Awaited<ReturnType<typeof connectRaw>>) => void,
])[]) {
  for (const [what, start] of [
    ['a body shorter than its Content-Length', `${head('Content-Length: 100000')}${'x'.repeat(5000)}`],
    [
      'a chunked body without its last chunk',
      `${head('Transfer-Encoding: chunked')}1000\r\n${'x'.repeat(4096)}\r\n`,
    ],
    ['half a chunk', `${head('Transfer-Encoding: chunked')}1000\r\nxxx`],
    ['nothing but the head', head('Content-Length: 100000')],
    ['half the head', head('Content-Length: 100000').slice(0, 80)],
  ] as const) {
    test(`a client that sends ${what} and ${how} has uploaded nothing`, options, async () => {
      await changesNothing(async () => {
        await using connection = await connectRaw(server.url)
        connection.send(start)
        await delay(50)
        breakOff(connection)
        const answer = await connection.closed()
        assert.match(answer, /^(HTTP\/1\.1 4\d\d |$)/)
      })
    })
  }
}

test('a body that stands still is answered 408 in time, and the connection closed', options, async () => {
  await changesNothing(async () => {
    for (const start of [
      `${head('Content-Length: 100000')}${'x'.repeat(5000)}`,
      `${head('Transfer-Encoding: chunked')}5\r\nhello\r\n`,
      head('Content-Length: 5'),
    ]) {
      await using connection = await connectRaw(server.url)
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
  await using connection = await connectRaw(server.url)
  connection.send(head(`Content-Length: ${bytes.length}`))
  const piece = Math.ceil(bytes.length / 6)
  for (let offset = 0; offset < bytes.length; offset += piece) {
    await delay(idleMs / 3)
    connection.send(bytes.subarray(offset, offset + piece))
  }
  const [, location] = /\r\nlocation: (\S+)/i.exec(await connection.until('\r\n\r\n')) ?? []
  assert.equal((await settled(`${packagePath}/operations/${location}`)).status, 'Succeeded')
})

for (const [what, start] of [
  ['sends nothing', ''],
  ['sends half a request line', 'GET /rea'],
  ['never ends its headers', 'GET /readyz HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n'],
] as const) {
  test(`a client that ${what} is cut off in time`, options, async () => {
    await using connection = await connectRaw(server.url)
    const started = performance.now()
    connection.send(start)
    assert.match(await connection.closed(), /^HTTP\/1\.1 408 /)
    assert.ok(performance.now() - started < 10_000)
    await isWell()
  })
}

test('headers that trickle in are cut off as well', options, async () => {
  await using connection = await connectRaw(server.url)
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
        path: packagePath,
        headers: { ...zip, authorization: 'ApiKey wrong' },
        body: large(),
      },
    ],
    [404, { method: 'POST', path: pathTo(products.foreign), headers: zip, body: large() }],
    [400, { method: 'POST', path: packagePath, headers: credentials, body: large() }],
    [
      413,
      {
        method: 'POST',
        path: packagePath.replace('/draft/package', ''),
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
  await changesNothing(async () => {
    for (const [status, question] of cases) assert.equal((await sent(question)).status, status, question.path)
  })
})

test('what a refused request has as its body is never taken for another request', options, async () => {
  await using connection = await connectRaw(server.url)
  const body = 'GET /healthz HTTP/1.1\r\nHost: inside\r\n\r\n'
  connection.send(head(`Content-Length: ${body.length}`).replace('own-key', 'wrong'))
  connection.send(body)
  connection.send('GET /no-such-place HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const statuses = [...(await connection.closed()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  assert.deepEqual(statuses, ['401', '404'])
})

test(
  'wrong, missing, misspelt and revoked credentials are refused, and nothing is done',
  options,
  async () => {
    const cases: [number[], { [name: string]: string }][] = [
      [[401], { authorization: 'ApiKey wrong', 'x-clientid': 'own-client' }],
      [[401], { authorization: 'ApiKey foreign-key', 'x-clientid': 'own-client' }],
      [[401], { 'x-clientid': 'own-client' }],
      [[400, 401], { authorization: 'ApiKey ', 'x-clientid': 'own-client' }],
      [[401], { authorization: `ApiKey ${'k'.repeat(40_000)}`, 'x-clientid': 'own-client' }],
      [[403], { authorization: 'ApiKey own-key', 'x-clientid': 'nobody' }],
      [[403], { authorization: 'ApiKey own-key', 'x-clientid': "' or 1=1 --" }],
      [[400], { authorization: 'Basic b3duLWtleQ==', 'x-clientid': 'own-client' }],
      [[401, 410], { authorization: 'ApiKey own-key' }],
      [[401, 410], { authorization: 'Bearer own-token' }],
      [[401, 410], { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
      [[401, 410], {}],
    ]
    await changesNothing(async () => {
      for (const [statuses, headers] of cases) {
        for (const method of ['POST', 'GET']) {
          const path = method === 'GET' ? `${packagePath}/operations/${products.own}` : packagePath
          const { status } = await sent({
            method,
            path,
            headers: { ...headers, 'content-type': 'application/zip' },
          })
          assert.ok(statuses.includes(status), `${method} ${JSON.stringify(headers).slice(0, 90)}: ${status}`)
        }
      }
    })
  },
)

test('a key that is revoked is good until then and not for one request longer', options, async () => {
  const headers = { ...zip, authorization: 'ApiKey withdrawn-key' }
  const path = `${packagePath}/operations/${products.own}`
  assert.equal((await sent({ path, headers })).status, 404)
  const api = { authorization: 'Bearer own-token' }
  const { body } = await sent({ path: '/api/v1/credentials', headers: api })
  const { items } = JSON.parse(body) as { items: { id: string; label: string }[] }
  const id = items.find(({ label }) => label === 'withdrawn')?.id
  assert.ok(id)
  const revoked = await sent({ method: 'DELETE', path: `/api/v1/credentials/${id}`, headers: api })
  assert.ok(revoked.status < 300, `${revoked.status} ${revoked.body}`)
  assert.equal((await sent({ path, headers })).status, 401)
})

test('a key is good until it expires and no longer', options, async () => {
  const headers = { ...zip, authorization: 'ApiKey short-lived-key' }
  const question = { path: `${packagePath}/operations/${products.own}`, headers }
  const refusedAt = await waitFor('the key to expire', async () => {
    const { status } = await sent(question)
    if (status === 404) return undefined
    assert.equal(status, 401)
    return Date.now()
  })
  assert.ok(refusedAt >= keyExpiresAt)
})

test("another account's product is not there, whatever is asked of it", options, async () => {
  const foreign = pathTo(products.foreign)
  const submissions = foreign.replace('/draft/package', '')
  await changesNothing(async () => {
    for (const [method, path] of [
      ['POST', foreign],
      ['POST', submissions],
      ['GET', `${foreign}/operations/${products.own}`],
      ['GET', `${submissions}/operations/${products.own}`],
    ] as const) {
      const body = method === 'POST' ? { body: buildExtension() } : {}
      assert.equal((await sent({ method, path, headers: zip, ...body })).status, 404, `${method} ${path}`)
    }
    const path = `/api/v1/products/${products.foreign}`
    assert.equal((await sent({ path, headers: { authorization: 'Bearer own-token' } })).status, 404)
  })
})

test('paths that cannot be are refused, each with an answer', options, async () => {
  const paths = [
    '/v1/products//submissions/draft/package',
    '/v1/products/not-a-guid/submissions/draft/package',
    '/v1/products/00000000-0000-0000-0000-000000000000/submissions/draft/package',
    `/v1/products/${products.own}0/submissions/draft/package`,
    `/v1/products/${products.own}%00/submissions/draft/package`,
    `/v1/products/${products.own}%/submissions/draft/package`,
    `/v1/products/%zz/submissions/draft/package`,
    `/v1/products/%ff%fe/submissions/draft/package`,
    `/v1/products/%c0%ae%c0%ae/submissions/draft/package`,
    `/v1/products/${'1'.repeat(900)}/submissions/draft/package`,
    `/v1/products/${'1'.repeat(20_000)}/submissions/draft/package`,
    `/v1/products/..%2f..%2fetc%2fpasswd/submissions/draft/package`,
    '/v1/products/../../etc/passwd',
    '/%',
    '/%2',
    '/%E0%A4%A',
    '//',
    '/?',
    '/?%',
    '/v1/products/constructor/submissions/__proto__/package',
    `/v1/products/${products.own}/submissions/draft/package/operations/%20%20`,
    `/v1/products/${products.own}/submissions/draft/package?a=${'%'.repeat(100)}`,
    '/api/v1/products/%zz',
    `/api/v1/products/${'x'.repeat(5000)}`,
    '/api/v1/events?after=NaN&limit=-1',
    '/%zz/oauth2/token',
  ]
  await changesNothing(async () => {
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS']) {
        const { status } = await sent({
          method,
          path,
          headers: path.startsWith('/api') ? { authorization: 'Bearer own-token' } : credentials,
        })
        assert.ok(status >= 400, `${method} ${path.slice(0, 80)}: ${status}`)
      }
    }
  })
})

test('headers that are too large or too many are refused, and others do not notice', options, async () => {
  await using other = await connectRaw(server.url)
  other.send('GET /healthz HTTP/1.1\r\nHost: x\r\n')
  for (const lines of [
    [`X-Large: ${'x'.repeat(70_000)}`],
    Array.from({ length: 3000 }, (_each, number) => `X-Number-${number}: ${'x'.repeat(30)}`),
  ]) {
    await using connection = await connectRaw(server.url)
    connection.send(`GET /healthz HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`)
    assert.match(await connection.closed(), /^HTTP\/1\.1 431 /)
  }
  other.send('\r\n')
  assert.match(await other.until('\r\n\r\n'), /^HTTP\/1\.1 (200|408) /)
  const large = { 'x-large': 'x'.repeat(40_000) }
  assert.equal((await sent({ path: '/healthz', headers: large })).status, 200)
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
    head('Content-Length: -1'),
    head('Content-Length: 1e3'),
    head('Content-Length: 99999999999999999999999'),
    head('Content-Length: 5', 'Content-Length: 6'),
    `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    head('Transfer-Encoding: chunked, gzip'),
    `${head('Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`,
    `${head('Transfer-Encoding: chunked')}ffffffffffffffffff\r\nhello`,
    `${head('Transfer-Encoding: chunked')}-5\r\nhello\r\n0\r\n\r\n`,
    `${head('Transfer-Encoding: chunked')}5;${'x'.repeat(100_000)}\r\nhello\r\n0\r\n\r\n`,
    `${head('Transfer-Encoding: chunked')}5\r\nhello, and more than was said\r\n0\r\n\r\n`,
  ]
  const random = seededRandom(11)
  for (let times = 0; times < 20; times++) garbage.push(random.bytes(1 + random.below(2000)))
  await changesNothing(async () => {
    for (const bytes of garbage) {
      await using connection = await connectRaw(server.url)
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
  await using connection = await connectRaw(server.url)
  const bytes = buildExtension({ version: '1.2.5' })
  connection.send(
    Buffer.concat([
      Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from(head(`Content-Length: ${bytes.length}`)),
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
  assert.equal((await settled(`${packagePath}/operations/${location}`)).status, 'Succeeded')
})

for (const how of ['end', 'reset'] as const) {
  test(
    `a client that goes away (${how}) before its answer has uploaded everything or nothing`,
    options,
    async () => {
      const operations = () => query(data, 'select id, status from operation order by rowid')
      const known = operations().length
      const bytes = buildExtension({ version: '1.2.6' })
      for (let time = 0; time < 10; time++) {
        await using connection = await connectRaw(server.url)
        connection.send(Buffer.concat([Buffer.from(head(`Content-Length: ${bytes.length}`)), bytes]))
        await delay(time)
        connection[how]()
        await connection.closed()
      }
      await waitFor('all that was taken to be settled', () => {
        const taken = operations().slice(known)
        return taken.every(({ status }) => status !== 'in_progress') ? true : undefined
      })
      for (const { id } of operations().slice(known)) {
        assert.equal((await settled(`${packagePath}/operations/${id}`)).status, 'Succeeded')
      }
      await isWell()
    },
  )
}

test(
  'hundreds of connections at once are all answered, with as many idle ones beside them',
  options,
  async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, () => connectRaw(server.url)))
    for (const connection of idle) connection.send('POST /v1/products HTTP/1.1\r\nHost: x\r\n')
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_each, number) =>
        sent(
          number % 3 === 0
            ? { path: '/readyz' }
            : { path: `${packagePath}/operations/${products.own}`, headers: credentials },
        ),
      ),
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 404]))
    await Promise.all(idle.map((connection) => connection.closed()))
    await isWell()
  },
)

test(
  'of many uploads at once the one accepted last is the draft, and of many publications one goes through',
  options,
  async () => {
    const path = pathTo(products.raced)
    const submissions = path.replace('/draft/package', '')
    const locations = await Promise.all(
      Array.from({ length: 16 }, async (_each, number) => {
        const body = buildExtension({ version: `2.0.${number}` })
        const { status, headers } = await sent({ method: 'POST', path, headers: zip, body })
        assert.equal(status, 202)
        return headers.location
      }),
    )
    for (const location of locations) {
      assert.equal((await settled(`${path}/operations/${location}`)).status, 'Succeeded')
    }
    const last = query(
      data,
      `select json_extract(data, '$.packageId') as id from event
      where type = 'operation.started' and productId = ? order by seq desc limit 1`,
      products.raced,
    )[0]?.id
    const drafted = query(
      data,
      `select packageId from submissionPackage join submission on submission.id = submissionId
      where productId = ? and phase = 'draft'`,
      products.raced,
    )
    assert.deepEqual(
      drafted.map(({ packageId }) => packageId),
      [last],
    )

    const published = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { status, headers } = await sent({ method: 'POST', path: submissions, headers: credentials })
        assert.equal(status, 202)
        return settled(`${submissions}/operations/${headers.location}`)
      }),
    )
    const outcomes = published.map(({ status, errorCode }) => `${status} ${errorCode}`).sort()
    assert.deepEqual(outcomes, [
      ...Array.from({ length: 7 }, () => 'Failed InProgressSubmission'),
      'Succeeded ',
    ])
  },
)

test('uploads and publications at the same time end in an order that could have been', options, async () => {
  const path = packagePath
  const submissions = path.replace('/draft/package', '')
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, async (_each, number) => {
      const isUpload = number % 2 === 0
      const { status, headers } = await sent({
        method: 'POST',
        path: isUpload ? path : submissions,
        headers: isUpload ? zip : credentials,
        ...(isUpload ? { body: buildExtension({ version: `3.0.${number}` }) } : {}),
      })
      assert.equal(status, 202)
      const outcome = await settled(`${isUpload ? path : submissions}/operations/${headers.location}`)
      return `${isUpload ? 'upload' : 'publish'} ${outcome.status} ${outcome.errorCode}`
    }),
  )
  const expected = new Set(['upload Succeeded ', 'publish Succeeded ', 'publish Failed InProgressSubmission'])
  for (const outcome of outcomes) assert.ok(expected.has(outcome), outcome)
  assert.equal(outcomes.filter((outcome) => outcome === 'publish Succeeded ').length, 1)
})

test(
  'after all of it the server is the same one, has logged no failure of its own, and its data is whole',
  options,
  async () => {
    await isWell()
    const levels = server
      .errors()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { level: number; msg: string; err?: { stack?: string } })
    assert.deepEqual(
      levels.filter(({ level }) => level >= 50).map(({ msg, err }) => `${msg} ${err?.stack}`),
      [],
    )
    const { body } = await ask(server.url, { path: '/metrics' })
    const memory = Number(/^slipway_resident_memory_bytes (\d+)/m.exec(body)?.[1])
    assert.ok(memory > 0 && memory < 600 * 1024 ** 2, `${memory} bytes`)
    assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
    query(data, 'select 1')
    assert.ok(count('operation') > 0)
  },
)
