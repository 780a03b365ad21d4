import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { query } from '../helpers/data-folder.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import {
  credentials,
  packagePath,
  products,
  startTargetServer,
  type TargetServer,
  zip,
} from '../helpers/target-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const options = { timeout: 30_000 }

let target: TargetServer

before(async () => {
  target = await startTargetServer()
})

after(() => target?.[Symbol.asyncDispose]())

test('the draft that every other test leaves alone', options, async () => {
  assert.equal((await target.upload(buildExtension({ version: '1.2.3' }))).status, 'Succeeded')
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
    const { status, errorCode } = await target.upload(bytes)
    assert.deepEqual({ status, errorCode }, { status: 'Failed', errorCode: 'PackageValidationError' })
  }
})

test('an empty body is refused, with a length and without', options, async () => {
  async function* nothing() {}
  await target.changesNothing(async () => {
    for (const body of [new Uint8Array(), nothing()]) {
      assert.equal(
        (await target.sent({ method: 'POST', path: packagePath(), headers: zip, body })).status,
        400,
      )
    }
  })
})

test('a missing or wrong content type is refused whatever comes with it', options, async () => {
  const body = buildExtension()
  await target.changesNothing(async () => {
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
        (await target.sent({ method: 'POST', path: packagePath(), headers, body })).status,
        400,
        `type ${type}`,
      )
    }
  })
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
    await target.changesNothing(async () => {
      for (const [statuses, headers] of cases) {
        for (const method of ['POST', 'GET']) {
          const path = method === 'GET' ? `${packagePath()}/operations/${products.own}` : packagePath()
          const { status } = await target.sent({
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
  const path = `${packagePath()}/operations/${products.own}`
  assert.equal((await target.sent({ path, headers })).status, 404)
  const api = { authorization: 'Bearer own-token' }
  const { body } = await target.sent({ path: '/api/v1/credentials', headers: api })
  const { items } = JSON.parse(body) as { items: { id: string; label: string }[] }
  const id = items.find(({ label }) => label === 'withdrawn')?.id
  assert.ok(id)
  const revoked = await target.sent({ method: 'DELETE', path: `/api/v1/credentials/${id}`, headers: api })
  assert.ok(revoked.status < 300, `${revoked.status} ${revoked.body}`)
  assert.equal((await target.sent({ path, headers })).status, 401)
})

test('a key is good until it expires and no longer', options, async () => {
  const headers = { ...zip, authorization: 'ApiKey short-lived-key' }
  const question = { path: `${packagePath()}/operations/${products.own}`, headers }
  const refusedAt = await waitFor('the key to expire', async () => {
    const { status } = await target.sent(question)
    if (status === 404) return undefined
    assert.equal(status, 401)
    return Date.now()
  })
  assert.ok(refusedAt >= target.keyExpiresAt)
})

test("another account's product is not there, whatever is asked of it", options, async () => {
  const foreign = packagePath(products.foreign)
  const submissions = foreign.replace('/draft/package', '')
  await target.changesNothing(async () => {
    for (const [method, path] of [
      ['POST', foreign],
      ['POST', submissions],
      ['GET', `${foreign}/operations/${products.own}`],
      ['GET', `${submissions}/operations/${products.own}`],
    ] as const) {
      const body = method === 'POST' ? { body: buildExtension() } : {}
      assert.equal(
        (await target.sent({ method, path, headers: zip, ...body })).status,
        404,
        `${method} ${path}`,
      )
    }
    const path = `/api/v1/products/${products.foreign}`
    assert.equal((await target.sent({ path, headers: { authorization: 'Bearer own-token' } })).status, 404)
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
  await target.changesNothing(async () => {
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS']) {
        const { status } = await target.sent({
          method,
          path,
          headers: path.startsWith('/api') ? { authorization: 'Bearer own-token' } : credentials,
        })
        assert.ok(status >= 400, `${method} ${path.slice(0, 80)}: ${status}`)
      }
    }
  })
})

test(
  'of many uploads at once the one accepted last is the draft, and of many publications one goes through',
  options,
  async () => {
    const path = packagePath(products.raced)
    const submissions = path.replace('/draft/package', '')
    const locations = await Promise.all(
      Array.from({ length: 16 }, async (_each, number) => {
        const body = buildExtension({ version: `2.0.${number}` })
        const { status, headers } = await target.sent({ method: 'POST', path, headers: zip, body })
        assert.equal(status, 202)
        return headers.location
      }),
    )
    for (const location of locations) {
      assert.equal((await target.settled(`${path}/operations/${location}`)).status, 'Succeeded')
    }
    const last = query(
      target.data,
      `select json_extract(data, '$.packageId') as id from event
      where type = 'operation.started' and productId = ? order by seq desc limit 1`,
      products.raced,
    )[0]?.id
    const drafted = query(
      target.data,
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
        const { status, headers } = await target.sent({
          method: 'POST',
          path: submissions,
          headers: credentials,
        })
        assert.equal(status, 202)
        return target.settled(`${submissions}/operations/${headers.location}`)
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
  const path = packagePath()
  const submissions = path.replace('/draft/package', '')
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, async (_each, number) => {
      const isUpload = number % 2 === 0
      const { status, headers } = await target.sent({
        method: 'POST',
        path: isUpload ? path : submissions,
        headers: isUpload ? zip : credentials,
        ...(isUpload ? { body: buildExtension({ version: `3.0.${number}` }) } : {}),
      })
      assert.equal(status, 202)
      const outcome = await target.settled(`${isUpload ? path : submissions}/operations/${headers.location}`)
      return `${isUpload ? 'upload' : 'publish'} ${outcome.status} ${outcome.errorCode}`
    }),
  )
  const expected = new Set(['upload Succeeded ', 'publish Succeeded ', 'publish Failed InProgressSubmission'])
  for (const outcome of outcomes) assert.ok(expected.has(outcome), outcome)
  assert.equal(outcomes.filter((outcome) => outcome === 'publish Succeeded ').length, 1)
})

test('after all of it the server is the same one and has logged no failure of its own', options, () =>
  target.endsWell(),
)
