import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import {
  attestation,
  driverCab,
  finish,
  finishLabel,
  type HardwareClient,
  hardwareClient,
  type Json,
  startHardware,
} from '../../../test/helpers/hardware-client.ts'
import { tokenOf } from '../../../test/helpers/microsoft-client.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { mintId } from './ids.ts'
import { roots } from './links.ts'
import { hardwareSpec } from './spec.ts'

/** IDS_SEED=n draws other ids; the same ones are drawn again with the seed that is printed. */
const seed = Number(process.env.IDS_SEED ?? 20_260_101)

const largest = 2n ** 63n - 1n

/** Where readers by way of a JS number, of 32 bits, or of text that sorts, go wrong. */
const edges = [1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, largest, largest - 1n, 2n ** 31n, 2n ** 32n]

const anyId = fc.oneof(
  fc.constantFrom(...edges),
  fc.integer({ min: 0, max: 18 }).map((zeros) => 10n ** BigInt(zeros)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n }),
  fc.bigInt({ min: 1n, max: largest }),
)

const distinct = (count: number) => fc.uniqueArray(anyId, { minLength: count, maxLength: count })

/** Products: three of the author, one received, one pre-production package. Submissions: its own, two labels, one received, that package's. */
const anyIds = fc.record({ products: distinct(5), submissions: distinct(5), sellers: distinct(4) })

type Ids = typeof anyIds extends fc.Arbitrary<infer T> ? T : never

/** Every edge once in every place. */
const extremes: [Ids][] = edges.map((_edge, shift) => {
  const turned = [...edges.slice(shift), ...edges.slice(0, shift)]
  return [{ products: turned.slice(0, 5), submissions: turned.slice(3), sellers: turned.slice(2, 6) }]
})

test('every id from 1 to 2^63 − 1 is taken in every path and body, and comes back digit for digit, in v1.0 and v2.0 [7-1][7-2]', async (t) => {
  t.diagnostic(`the ids are drawn with IDS_SEED=${seed}`)
  const bytes = await driverCab()
  const minting = choosesIds(t)
  for (const root of ['/v1.0/my/hardware', '/v2.0/my/hardware']) {
    const property = fc.asyncProperty(anyIds, (ids) => throughEveryRoute(minting, root, ids, bytes))
    await fc.assert(property, { seed, examples: extremes, numRuns: extremes.length + 5 })
  }
})

type Minting = ReturnType<typeof choosesIds>

/** The server's ids are its own choice; the test chooses in its place, and tells what is left. */
function choosesIds(t: TestContext) {
  let next: { [kind: string]: bigint[] } = {}
  t.mock.method(hardwareSpec, 'mintId', (...[kind, random]: Parameters<typeof mintId>) => {
    const own = next[kind]
    if (!own) return mintId(kind, random)
    const id = own.shift()
    assert.ok(id !== undefined, `one ${kind} more than expected`)
    return id.toString()
  })
  return {
    plan({ products, submissions }: Ids) {
      next = { product: [...products], submission: [...submissions] }
    },
    left: () => Object.values(next).flat(),
  }
}

/** All 22 routes below a root, in the order in which ids are drawn. */
async function throughEveryRoute(minting: Minting, root: string, ids: Ids, bytes: Buffer): Promise<void> {
  const [author = 0n, receiver = 0n, ...accounts] = ids.sellers
  const [product = 0n, second = 0n, third = 0n, received = 0n, pack = 0n] = ids.products
  const [submission = 0n, label = 0n, share = 0n, receivedSubmission = 0n, packed = 0n] = ids.submissions
  minting.plan(ids)
  await using server = await startHardware()
  const token = await account(server, author)
  const client = await hardwareClient(server, { token, root })
  const mine = speak(client)
  const theirs = speak(await hardwareClient(server, { token: await account(server, receiver), root }))

  // R1–R4: the product, in lists of one a page.
  const self = { id: product, path: `/products/${product}` }
  for (const id of [product, second, third]) {
    const made = await mine(201, 'POST', '/products', { ...attestation, firmwareVersion: id })
    assertProduct(made, root, id)
    assert.equal(made.firmwareVersion, String(id))
  }
  assertProduct(await mine(200, 'GET', self.path), root, product)
  const listed = await listedBy(mine, '/products?pageSize=1')
  assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set([product, second, third]))
  assert.equal(listed.length, 3)

  // R5–R10: the submission.
  const whole = `${self.path}/submissions/${submission}`
  const made = await mine(201, 'POST', `${self.path}/submissions`, { name: 'n', type: 'initial' })
  assertSubmission(made, root, submission, product)
  await mine(204, 'PATCH', whole, { name: 'm' })
  await mine(204, 'PATCH', self.path, { productName: 'o' })
  await client.upload(made, bytes)
  await mine(202, 'POST', `${whole}/commit`)
  await finish(server)
  const done = await mine(200, 'GET', whole)
  assertSubmission(done, root, submission, product)
  assert.equal(done.workflowStatus.state, 'completed')
  assertFiles(done, [author, product, submission])
  const { value } = await mine(200, 'GET', `${self.path}/submissions`)
  assertSubmission(value[0], root, submission, product)
  await mine(202, 'POST', `${whole}/createpublishermetadata`)

  // R12–R16: a label that is cancelled, one that shares and is changed.
  const labels = `${whole}/shippingLabels`
  const wish = await labelFor(client, done, accounts)
  assertLabel(await mine(201, 'POST', labels, wish), root, [label, submission, product])
  const toShare = {
    name: 'share',
    destination: 'anotherPartner',
    recipientSpecifications: { receiverPublisherId: receiver, enforceChidTargeting: false },
  }
  assertLabel(await mine(201, 'POST', labels, toShare), root, [share, submission, product])
  await finish(server, 7)
  for (const one of [
    await mine(200, 'GET', `${labels}/${label}?includeTargetingInfo=true`),
    (await mine(200, 'GET', `${labels}?includeTargetingInfo=true`)).value.find(
      ({ id }: Json) => id === label,
    ),
  ]) {
    assertLabel(one, root, [label, submission, product])
    assert.deepEqual(one.publishingSpecifications.visibleToAccounts, accounts)
    assert.deepEqual(one.targeting.coEngDriverPublishInfo, {
      flooringBuildNumber: accounts[0],
      ceilingBuildNumber: accounts[1],
    })
  }
  await mine(204, 'PUT', `${labels}/${label}/cancel`)
  await finishLabel(server)
  const chid = '0f3c1b6e-58a2-4f0c-9d57-3d1c6d0f7a11'
  await mine(204, 'PATCH', `${labels}/${share}`, { targeting: { chids: [{ chid, action: 'add' }] } })
  const shared = await mine(200, 'GET', `${labels}/${share}`)
  assertLabel(shared, root, [share, submission, product])
  assert.equal(shared.recipientSpecifications.receiverPublisherId, String(receiver))

  // R11: by its author's ids, for either.
  const related = `/products/relationships/sourcepubliherid/${author}/sourceproductid/${product}/sourcesubmissionid/${submission}`
  assertSubmission(await mine(200, 'GET', related), root, submission, product)
  const theirSubmission = await theirs(200, 'GET', related)
  assertSubmission(theirSubmission, root, receivedSubmission, received)
  assertFiles(theirSubmission, [receiver, received, receivedSubmission])
  const theirProduct = await theirs(200, 'GET', `/products/${received}`)
  assertProduct(theirProduct, root, received)
  assert.deepEqual([theirProduct.sourceProductId, theirProduct.sourcePublisherId], [product, author])

  // R17: no numbers, but a list below the same root.
  assert.equal((await mine(200, 'GET', '/audiences')).links[0].href, `http://localhost:80${root}/audiences`)

  // R18–R22: ids are texts here.
  assert.equal((await mine(200, 'PUT', '/preprod/packages', bytes)).id, String(pack))
  await finish(server, 3)
  const known = await mine(200, 'GET', `/preprod/packages/${pack}`)
  assert.deepEqual([known.id, known.etag], [String(pack), `"${packed}-Succeeded"`])
  const [asset] = await mine(200, 'GET', `/preprod/packages/${pack}/assets`)
  assert.equal(asset.packageId, String(pack))
  const own = `/preprod/packages/${pack}/assets/${asset.id}`
  assert.deepEqual(await mine(200, 'GET', own), asset)
  await mine(200, 'GET', `${own}/download`)

  assert.deepEqual(minting.left(), [], 'every id was given away')
  for (const other of roots) {
    const again = speak(await hardwareClient(server, { token, root: other }))
    assertProduct(await again(200, 'GET', self.path), other, product)
    assertSubmission(await again(200, 'GET', whole), other, submission, product)
    assertLabel(await again(200, 'GET', `${labels}/${label}`), other, [label, submission, product])
  }
}

/** An account whose seller id is that number. @returns its token */
async function account(server: TestServer, sellerId: bigint): Promise<string> {
  const id = sellerId.toString()
  const proof = {
    tenantId: randomUUID(),
    clientId: randomUUID(),
    secret: 'partner-secret-partner-secret-123',
  }
  await server.engine.createAccount({ id, name: id })
  await server.engine.createCredential({ accountId: id, kind: 'secret', ...proof })
  return tokenOf(server, proof)
}

type Method = Parameters<HardwareClient['ask']>[0]

/** Asks in JSON that no number loses a digit in, there and back. */
function speak(client: HardwareClient) {
  return async (status: number, method: Method, path: string, body?: object): Promise<Json> => {
    const isJson = body !== undefined && !(body instanceof Uint8Array)
    const answer = isJson
      ? await client.ask(method, path, write(body), { 'content-type': 'application/json' })
      : await client.ask(method, path, body)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.json === undefined ? undefined : read(answer.text)
  }
}

interface Exact {
  rawJSON(text: string): object
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
}

const exact = JSON as unknown as Exact

function write(body: object): string {
  return JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'bigint' ? exact.rawJSON(value.toString()) : value,
  )
}

/** Every integer as a bigint, from the digits that were sent. */
function read(text: string): Json {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
  )
}

async function listedBy(ask: ReturnType<typeof speak>, first: string): Promise<Json[]> {
  const all: Json[] = []
  let path: string | undefined = first
  while (path !== undefined) {
    const { value, links }: Json = await ask(200, 'GET', path)
    all.push(...value)
    const next: Json = links.find(({ rel }: Json) => rel === 'next_link')
    path = next && new URL(next.href).pathname + new URL(next.href).search
  }
  return all
}

function assertLinks(links: Json[], root: string, path: string): void {
  const self = `http://localhost:80${root}${path}`
  assert.equal(links[0].href, self)
  for (const { href } of links) assert.ok(href === self || href.startsWith(`${self}/`), href)
}

function assertProduct({ id, links }: Json, root: string, product: bigint): void {
  assert.equal(id, product)
  assertLinks(links, root, `/products/${product}`)
}

function assertSubmission(body: Json, root: string, submission: bigint, product: bigint): void {
  assert.deepEqual([body.id, body.productId], [submission, product])
  assertLinks(body.links, root, `/products/${product}/submissions/${submission}`)
}

function assertLabel(
  body: Json,
  root: string,
  [label, submission, product]: readonly [bigint, bigint, bigint],
): void {
  assert.deepEqual([body.id, body.submissionId, body.productId], [label, submission, product])
  assertLinks(body.links, root, `/products/${product}/submissions/${submission}/shippingLabels/${label}`)
}

/** Names of files and the path of the report are made of ids, too. */
function assertFiles({ downloads }: Json, [publisher, product, submission]: readonly bigint[]): void {
  const urls: { [type: string]: string } = Object.fromEntries(
    downloads.items.map(({ type, url }: Json) => [type, url]),
  )
  assert.ok(urls.certificationReport?.endsWith(`/${publisher}/${product}/${submission}`))
}

async function labelFor(client: HardwareClient, submission: Json, accounts: readonly bigint[]) {
  const url = submission.downloads.items.find(({ type }: Json) => type === 'driverMetadata').url
  const metadata = (await client.blob('GET', url)).json
  const [[bundleId, bundle] = ['', {}]] = Object.entries<Json>(metadata.BundleInfoMap)
  const [[infId, inf] = ['', {}]] = Object.entries<Json>(bundle.InfInfoMap)
  const [[operatingSystemCode, ids] = ['', {}]] = Object.entries<Json>(inf.OSPnPInfoMap)
  const [pnpString] = Object.keys(ids)
  const [flooringBuildNumber, ceilingBuildNumber] = accounts
  return {
    name: 'release',
    destination: 'windowsUpdate',
    publishingSpecifications: { goLiveDate: '', visibleToAccounts: accounts, manualAcquisition: true },
    targeting: {
      hardwareIds: [{ bundleId, infId, operatingSystemCode, pnpString }],
      coEngDriverPublishInfo: { flooringBuildNumber, ceilingBuildNumber },
    },
  }
}
