import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as always, asyncProperty, bigInt } from 'fast-check'
import {
  attestation,
  finish,
  hardwareClient,
  hardwareRoot,
  readJson,
  startHardware,
} from '../../../test/helpers/hardware-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'

test('a new product is 201 with the documented members and its links [R2][7-3][7-13]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const answer = await client.ask('POST', '/products', attestation)
  assert.equal(answer.status, 201)
  const { id, sharedProductId, links, createdDateTime, updatedDateTime, ...rest } = answer.json
  const self = `http://localhost:80${hardwareRoot}/products/${id}`
  assert.deepEqual(links, [
    { href: self, rel: 'self', method: 'GET' },
    { href: `${self}/submissions`, rel: 'get_submissions', method: 'GET' },
  ])
  assert.ok(BigInt(id) > 2n ** 53n && BigInt(sharedProductId) > 2n ** 60n)
  assert.equal(createdDateTime, '2026-01-01T00:00:00.000Z')
  assert.equal(updatedDateTime, createdDateTime)
  assert.deepEqual(rest, {
    isCommitted: false,
    isExtensionInf: false,
    originType: 'author',
    sourceProductId: 0,
    sourcePublisherId: 0,
    isRetpolineCompiled: false,
    message: '',
    announcementDate: '2030-04-01T00:00:00',
    deviceMetadataIds: [],
    deviceType: 'internal',
    isTestSign: false,
    isFlightSign: false,
    marketingNames: [],
    productName: 'Contoso device',
    driverType: 'desktop',
    firmwareVersion: '0',
    selectedProductTypes: { windows_v100_RS3: 'Unclassified' },
    requestedSignatures: ['WINDOWS_v100_X64_RS3_FULL', 'WINDOWS_v100_X64_GE_FULL'],
    additionalAttributes: {},
    testHarness: 'attestation',
    createdBy: 'sandbox',
    updatedBy: 'sandbox',
  })
})

test('a product is read back as it was made, on every root and with a slash behind [R3]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const id = await client.createProduct()
  const plain = await client.want(200, 'GET', `/products/${id}`)
  for (const root of ['/v1.0/my/hardware', '/v2.0/my/hardware', '/api/v1.0/my/hardware']) {
    for (const slash of ['', '/']) {
      const found = await client.want(200, 'GET', `${root}/products/${id}${slash}`)
      assert.deepEqual({ ...found, links: plain.links }, plain)
      assert.ok(found.links[0].href.endsWith(`${root}/products/${id}`))
    }
  }
})

test('everything that clients send of a product is taken [7-29]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const made = (change: object) => client.want(201, 'POST', '/products', change)
  const least = await made({ productName: 'n' })
  assert.equal(least.testHarness, 'notset')
  assert.equal(least.deviceType, 'notSet')
  const old = await made({
    productName: 'a-b: c',
    isTestSign: 0,
    isFlightSign: 1,
    markettingNames: ['x'],
    deviceMetaDataIds: [],
    packageType: null,
    firmwareVersion: 980,
    testHarness: 'hLk',
    announcementDate: '0001-01-01T00:00:00',
    selectedProductTypes: {},
    requestedSignatures: null,
  })
  assert.equal(old.isTestSign, false)
  assert.equal(old.isFlightSign, true)
  assert.equal(old.firmwareVersion, '980')
  assert.equal(old.testHarness, 'hlk')
  assert.deepEqual(old.marketingNames, [])
  await made({ productName: 'a-b: c' })
})

test('what is not set is left out or empty, never null [7-14]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { text, json } = await client.ask('POST', '/products', {
    productName: 'n',
    announcementDate: null,
    requestedSignatures: null,
    firmwareVersion: null,
  })
  assert.ok(!text.includes('null'))
  assert.ok(
    !('announcementDate' in json) && !('firmwareVersion' in json) && !('deviceMetadataCategory' in json),
  )
  assert.deepEqual(json.requestedSignatures, [])
})

test('an unknown OS code is refused with the code in back-ticks; x86 has no token; servers and new channels are known [7-30]', async () => {
  await using server = await startHardware({ hardwareOsCodes: 'WINDOWS_v100_X64_27H2_FULL' })
  const client = await hardwareClient(server)
  const codes = ['WINDOWS_v100_X86_TH2_FULL', 'windows_v100_X64_RS3_FULL', 'WINDOWS_v100_X64_28H1_FULL']
  const answer = await client.ask('POST', '/products', { ...attestation, requestedSignatures: codes })
  assert.equal(answer.status, 400)
  assert.deepEqual(answer.json, {
    error: {
      code: 'invalidInput',
      message: 'Validation Failed.',
      validationErrors: codes.map((code) => ({
        target: 'requestedSignatures',
        message: `The OS code \`${code}\` is invalid.`,
      })),
    },
  })
  await client.createProduct({
    requestedSignatures: [
      'WINDOWS_v100_TH2_FULL',
      'WINDOWS_v100_SERVER_X64_FE_FULL',
      'WINDOWS_v100_ARM64_26H1_FULL',
      'WINDOWS_v100_X64_27H2_FULL',
      'WINDOWS_7_X64',
    ],
  })
})

test('all that is wrong with a product is said at once, each with its member', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { status, json } = await client.ask('POST', '/products', {
    productName: 5,
    testHarness: 'none',
    announcementDate: 'soon',
    marketingNames: 'x',
    isTestSign: 'maybe',
    additionalAttributes: {
      storageController: { usedProprietary: true, proprietaryName: 'p' },
      svvp: { guestOs: 'Windows 95', maxMemory: 1.5 },
    },
  })
  assert.equal(status, 400)
  const targets = json.error.validationErrors.map(({ target }: { target: string }) => target)
  assert.deepEqual(targets.toSorted(), [
    'additionalAttributes.storageController.proprietaryVersion',
    'additionalAttributes.svvp.guestOs',
    'additionalAttributes.svvp.maxMemory',
    'announcementDate',
    'isTestSign',
    'marketingNames',
    'productName',
    'testHarness',
  ])
  for (const body of ['', '[]', '{', '"x"', 'null']) {
    assert.equal((await client.ask('POST', '/products', body)).json.error.code, 'invalidInput', body)
  }
})

test('only three members of a product can be changed, 204 and empty [R4][7-5]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const id = await client.createProduct({ announcementDate: null })
  const path = `/products/${id}`
  const change = {
    productName: 'New',
    marketingNames: ['m'],
    announcementDate: '2031-01-01',
    testHarness: 'hlk',
    x: 1,
  }
  const early = await client.ask('PATCH', path, change)
  assert.equal(early.status, 403)
  assert.deepEqual(early.json.error, {
    code: 'updateUnauthorized',
    message: 'Cannot update product without an initial submission',
  })
  await client.createSubmission(id)
  const answer = await client.ask('PATCH', path, change)
  assert.deepEqual([answer.status, answer.text, answer.headers['content-type']], [204, '', undefined])
  const product = await client.want(200, 'GET', path)
  assert.deepEqual(
    [product.productName, product.marketingNames, product.announcementDate, product.testHarness],
    ['New', ['m'], '2031-01-01', 'attestation'],
  )
  await client.want(400, 'PATCH', path, { marketingNames: [1] })
})

test('the announcement date is frozen once the ingestion is finished, and nothing can be changed once it failed', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId } = await client.publish()
  const frozen = await client.want(403, 'PATCH', `/products/${productId}`, { announcementDate: '2032-01-01' })
  assert.equal(frozen.error.code, 'updateUnauthorized')
  assert.match(frozen.error.message, /^Announcement Date cannot be updated after/)
  await client.want(204, 'PATCH', `/products/${productId}`, { productName: 'again' })
  const failed = await client.createProduct()
  const { id } = await client.createSubmission(failed)
  await client.want(202, 'POST', `/products/${failed}/submissions/${id}/commit`)
  await finish(server)
  const refused = await client.want(403, 'PATCH', `/products/${failed}`, { productName: 'again' })
  assert.equal(refused.error.message, 'Cannot update product because the workflow failed')
})

test('pages follow each other by next_link, in the order of ids, and the last has none [R1][7-16][7-45]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const made: string[] = []
  for (let count = 0; count < 7; count++) made.push(await client.createProduct({ productName: `p${count}` }))
  const seen: string[] = []
  let next: string | undefined = '/products?pageSize=3&top=1'
  const sizes: number[] = []
  while (next !== undefined) {
    const page: { value: { id: string }[]; links: { rel: string; href: string }[] } = await client.want(
      200,
      'GET',
      next,
    )
    assert.deepEqual(Object.keys(page), ['value', 'links'])
    seen.push(...page.value.map(({ id }) => id))
    sizes.push(page.value.length)
    assert.match(page.links[0]?.href ?? '', /\/products\?pageSize=3$/)
    const link = page.links.find(({ rel }) => rel === 'next_link')
    next = link && new URL(link.href).pathname + new URL(link.href).search
    if (next) assert.match(next, /\?pageSize=3&continuationToken=[\w%]+$/)
  }
  assert.deepEqual(sizes, [3, 3, 1])
  assert.deepEqual(
    seen,
    made.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)),
  )
  const first = await client.want(200, 'GET', '/products/')
  assert.equal(first.links[0].href.endsWith('/products?pageSize=50'), true)
  await client.want(400, 'GET', '/products?continuationToken=bm90aGluZw%3D%3D')
})

test('an account without products has an empty list with its own link [7-15]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const href = `http://localhost:80${hardwareRoot}/products?pageSize=50`
  assert.deepEqual(await client.want(200, 'GET', '/products'), {
    value: [],
    links: [{ href, rel: 'self', method: 'GET' }],
  })
})

test('ids are bare numbers, exact over the whole range of 64 bits, through every route of a product [7-1][7-2]', async () => {
  await using server = await startHardware({ pace: '0' })
  const client = await hardwareClient(server)
  const known = new Set<bigint>()
  await always(
    asyncProperty(bigInt({ min: 1n, max: 2n ** 63n - 1n }), async (value) => {
      if (known.has(value)) return
      known.add(value)
      const id = value.toString()
      await server.engine.createProduct(operator, { store: 'hardware', kind: 'driver', id, name: 'n' })
      const path = `/products/${id}`
      const product = await client.ask('GET', path)
      assert.ok(product.text.startsWith(`{"id":${id},`))
      assert.ok(product.json.links[0].href.endsWith(`/products/${id}`))
      const submission = await client.ask('POST', `${path}/submissions`, { name: 'n', type: 'initial' })
      assert.equal(submission.status, 201)
      const sid = /^\{"id":(\d+),"productId":(\d+),/.exec(submission.text)
      assert.equal(sid?.[2], id)
      const own = `${path}/submissions/${sid?.[1]}`
      assert.ok(submission.json.links[0].href.endsWith(own))
      await client.want(204, 'PATCH', own, { name: 'm' })
      assert.equal((await client.want(200, 'GET', own)).name, 'm')
      assert.equal(
        (await client.want(200, 'GET', `${path}/submissions`)).value[0].id,
        readJson(`${sid?.[1]}`),
      )
      assert.deepEqual((await client.want(200, 'GET', `${own}/shippingLabels`)).value, [])
      await client.want(204, 'PATCH', path, { productName: 'o' })
      await client.want(202, 'POST', `${own}/commit`)
    }),
    { numRuns: 25 },
  )
})

test('an id that is no number, or that nobody has, is 404 and never 500 [7-48]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const id = await client.createProduct()
  for (const unknown of [
    'abc',
    '14631253285588838',
    '-1',
    '1e3',
    '99999999999999999999',
    '0x10',
    '%27',
    '9'.repeat(60),
  ]) {
    const paths = [
      `/products/${unknown}`,
      `/products/${unknown}/submissions`,
      `/products/${id}/submissions/${unknown}`,
    ]
    for (const path of paths) {
      const answer = await client.ask('GET', path)
      assert.equal(answer.status, 404, path)
      assert.equal(answer.json.error.code, 'entityNotFound')
    }
  }
  const missing = await client.want(404, 'POST', '/products/14631253285588838/submissions', {
    name: '',
    type: 'initial',
  })
  assert.equal(missing.error.message, 'Product not found')
})

test('another account’s product is as unknown as one that nobody has', async () => {
  await using server = await startHardware()
  await server.engine.createAccount({ id: 'other', name: 'Other' })
  const other = { accountId: 'other', credentialId: 'test', role: 'publisher' } as const
  const { id } = await server.engine.createProduct(other, { store: 'hardware', kind: 'driver', name: 'n' })
  const client = await hardwareClient(server)
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['GET', '/submissions'],
    ['POST', '/submissions'],
  ] as const) {
    const body = method === 'GET' ? undefined : { name: 'n', type: 'initial' }
    const answer = await client.ask(method, `/products/${id}${path}`, body)
    assert.deepEqual([answer.status, answer.json.error.code], [404, 'entityNotFound'], `${method} ${path}`)
  }
})
