import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { buildMszipCab } from './cab-builder.ts'
import { type Signer, signCab } from './cab-signer.ts'
import { attestation, downloadOf, type Json, readJson, unzip } from './hardware-client.ts'
import { driverFolder } from './inf-builder.ts'
import { waitFor } from './wait-for.ts'

/** A server that is killed and comes back elsewhere. */
export interface UnsteadyServer {
  /** Resolves as soon as one is up. */
  address(): Promise<string>
  isCurrent(address: string): boolean
  /** Told of every moment as it comes, in the same turn of the event loop. */
  reached(moment: string): void
  authorization(): Promise<string>
}

/** What a publisher was told of one release; it is held to all of it at the end. */
export interface DriverRelease {
  readonly name: string
  readonly productId: string
  readonly submissionId: string
  readonly labelId: string
  readonly destination: Destination
  /** SHA-256 of what was downloaded. */
  readonly signedPackage: string
}

type Destination = 'windowsUpdate' | 'anotherPartner'

export interface DriverPublisher {
  readonly name: string
  readonly signer: Signer
  /** Who gets what is shared. */
  readonly receiverId: string
  readonly releases: DriverRelease[]
}

const ingestion = [
  ...['packageInfoValidation', 'preparation', 'scanning', 'validation', 'catalogCreation', 'manualReview'],
  ...['signing', 'finalizeIngestion'],
]
const labelling = [
  ...['preProcessShippingLabel', 'finalizePreProcessing', 'publishJobValidation'],
  ...['updateGeneration', 'microsoftApproval', 'publishing', 'finalizePublishing'],
  ...['processSharing', 'finalizeSharing'],
]

/** Releases drivers one after another, each as a product of its own with a shipping label, until it is over. */
export async function releaseDrivers(
  publisher: DriverPublisher,
  server: UnsteadyServer,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const number = publisher.releases.length + 1
    publisher.releases.push(await releaseDriver(publisher, openClient(server), number))
  }
}

async function releaseDriver(publisher: DriverPublisher, client: Client, number: number) {
  const name = `${publisher.name}-${number}`
  const files = driverFolder('contoso', 'contoso', { version: { DriverVer: `05/20/2026,1.0.0.${number}` } })
  const bytes = signCab(buildMszipCab(files), publisher.signer)
  const productId = await made(client, '/products', { ...attestation, productName: name }, name)
  const submissions = `/products/${productId}/submissions`
  const submissionId = await made(client, submissions, { name, type: 'initial' }, name)
  const path = `${submissions}/${submissionId}`
  await upload(client, path, bytes, number % 2 === 0)
  await commit(client, path)
  const submission = await followed(client, path, ingestion, assertDownloads)
  const signedPackage = await wholePackage(client, submission, files)
  const destination: Destination = number % 2 === 0 ? 'windowsUpdate' : 'anotherPartner'
  const wish = await labelOf(client, submission, { name, destination, receiverId: publisher.receiverId })
  const labelId = await made(client, `${path}/shippingLabels`, wish, name)
  await followed(client, `${path}/shippingLabels/${labelId}`, labelling, () => {})
  return { name, productId, submissionId, labelId, destination, signedPackage }
}

/** Makes what has that name; where no answer came, looks whether it is there before it asks again. */
async function made(client: Client, list: string, wish: object, name: string): Promise<string> {
  for (;;) {
    const answer = await client.once('POST', list, wish)
    if (answer) {
      assert.equal(answer.status, 201, `${list}: ${answer.text}`)
      client.reached(`${list.split('/').at(-1)} acknowledged`)
      return answer.json.id
    }
    const { value } = (await client.steadily('GET', `${list}${list === '/products' ? '?pageSize=1000' : ''}`))
      .json
    const found = value.filter((item: Json) => (item.productName ?? item.name) === name)
    assert.ok(found.length <= 1, `${name} was made ${found.length} times`)
    if (found[0]) return found[0].id
  }
}

/** In one piece, or in two blocks and a list; what was acknowledged of it is never sent again. */
async function upload(client: Client, path: string, bytes: Buffer, inBlocks: boolean): Promise<void> {
  const url = async () => downloadOf((await client.steadily('GET', path)).json, 'initialPackage') ?? ''
  const put = async (query: string, part: Buffer, moment: string) => {
    while (!(await client.put(`${await url()}${query}`, part))) await client.steadily('GET', path)
    client.reached(moment)
  }
  if (inBlocks) {
    const half = bytes.length >> 1
    const blocks = [bytes.subarray(0, half), bytes.subarray(half)]
    const ids = blocks.map((_block, index) => Buffer.from(`block-${index}`).toString('base64'))
    for (const [index, block] of blocks.entries()) {
      await put(`&comp=block&blockid=${encodeURIComponent(ids[index] ?? '')}`, block, `block ${index} put`)
    }
    const list = ids.map((id) => `<Latest>${id}</Latest>`).join('')
    const xml = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`
    await put('&comp=blocklist', Buffer.from(xml), 'upload acknowledged')
  } else await put('', bytes, 'upload acknowledged')
  const back = await client.steadily('GET', await url())
  assert.ok(back.bytes.equals(bytes), `${path}: what was uploaded is not what is there`)
}

async function commit(client: Client, path: string): Promise<void> {
  for (;;) {
    const answer = await client.once('POST', `${path}/commit`)
    if (answer) {
      assert.equal(answer.status, 202, answer.text)
      client.reached('commit acknowledged')
    }
    const { commitStatus } = (await client.steadily('GET', path)).json
    if (commitStatus !== 'commitPending') return
    assert.equal(answer, undefined, `${path}: the commit was acknowledged and is gone`)
  }
}

/** Polls a workflow to its end. It never goes back and never fails, and every answer is held to `check`. */
async function followed(
  client: Client,
  path: string,
  steps: readonly string[],
  check: (document: Json) => void,
): Promise<Json> {
  let furthest = 0
  return waitFor(
    `the end of ${path}`,
    async () => {
      const document = (await client.steadily('GET', path)).json
      const { currentStep, state } = document.workflowStatus
      assert.notEqual(state, 'failed', `${path}: ${JSON.stringify(document.workflowStatus)}`)
      const at = steps.indexOf(currentStep)
      assert.ok(at >= furthest, `${path}: ${currentStep} after ${steps[furthest]}`)
      furthest = at
      check(document)
      client.reached(state === 'completed' ? `${currentStep} completed` : currentStep)
      return state === 'completed' ? document : undefined
    },
    { everyMs: 20, timeoutMs: 60_000 },
  )
}

/** What is made of a submission appears all at once, with the end of its workflow. */
export function assertDownloads(submission: Json): void {
  const types = submission.downloads.items.map(({ type }: Json) => type)
  const isDone = submission.workflowStatus.state === 'completed'
  assert.deepEqual(
    types,
    isDone
      ? ['initialPackage', 'signedPackage', 'certificationReport', 'driverMetadata']
      : ['initialPackage'],
  )
}

/** The signed package opens, has the drivers' files as they were and a catalog of this server. @returns its SHA-256 */
async function wholePackage(client: Client, submission: Json, files: Readonly<Record<string, string>>) {
  const { bytes } = await client.steadily('GET', downloadOf(submission, 'signedPackage') ?? '')
  const unpacked = unzip(bytes)
  for (const [name, content] of Object.entries(files)) {
    const file = unpacked.get(`drivers/${name.replaceAll('\\', '/')}`)
    assert.ok(file, `${name} is not in the signed package`)
    if (name.endsWith('.cat')) assert.ok(file.includes('Slipway, not Microsoft'), 'the catalog is not ours')
    else assert.equal(file.toString(), content)
  }
  return createHash('sha256').update(bytes).digest('hex')
}

interface LabelWish {
  readonly name: string
  readonly destination: Destination
  readonly receiverId: string
}

async function labelOf(client: Client, submission: Json, { name, destination, receiverId }: LabelWish) {
  const metadata = (await client.steadily('GET', downloadOf(submission, 'driverMetadata') ?? '')).json
  const [[bundleId, bundle] = ['', {}]] = Object.entries<Json>(metadata.BundleInfoMap)
  const [[infId, inf] = ['', {}]] = Object.entries<Json>(bundle.InfInfoMap)
  const [[operatingSystemCode, ids] = ['', {}]] = Object.entries<Json>(inf.OSPnPInfoMap)
  const [pnpString] = Object.keys(ids)
  const target = { bundleId, infId, operatingSystemCode, pnpString }
  const specifications =
    destination === 'windowsUpdate'
      ? { publishingSpecifications: { goLiveDate: '', manualAcquisition: true } }
      : { recipientSpecifications: { receiverPublisherId: receiverId, enforceChidTargeting: false } }
  return { name, destination, ...specifications, targeting: { hardwareIds: [target] } }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly bytes: Buffer
  readonly json: Json
}

type Client = ReturnType<typeof openClient>

function openClient(server: UnsteadyServer) {
  /** Undefined when the server went before it answered. */
  const once = async (method: string, path: string, body?: object): Promise<Answer | undefined> => {
    const isSigned = path.startsWith('http')
    const authorization = isSigned ? '' : await server.authorization()
    const address = await server.address()
    const { pathname, search } = new URL(isSigned ? path : `/v2.0/my/hardware${path}`, address)
    try {
      const answer = await fetch(new URL(`${address}${pathname}${search}`), {
        method,
        headers: isSigned ? {} : { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      const text = bytes.toString()
      const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
      return { status: answer.status, text, bytes, json: isJson ? readJson(text) : undefined }
    } catch (error) {
      if (server.isCurrent(address)) throw error
      return undefined
    }
  }
  return {
    once,
    reached: server.reached,
    /** Asks until a server answers, which must be with 200. */
    async steadily(method: string, path: string): Promise<Answer> {
      for (;;) {
        const answer = await once(method, path)
        if (!answer) continue
        assert.equal(answer.status, 200, `${method} ${path}: ${answer.status} ${answer.text}`)
        return answer
      }
    },
    /** Puts bytes behind a signed URL in two halves. @returns whether that was acknowledged */
    async put(url: string, bytes: Buffer): Promise<boolean> {
      const address = await server.address()
      const { pathname, search } = new URL(url)
      try {
        const status = await putInHalves(`${address}${pathname}${search}`, bytes, () =>
          server.reached('half of a body sent'),
        )
        assert.equal(status, 201)
        return true
      } catch (error) {
        if (error instanceof assert.AssertionError || server.isCurrent(address)) throw error
        return false
      }
    },
  }
}

function putInHalves(url: string, bytes: Buffer, atHalf: () => void): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = {
    'x-ms-blob-type': 'BlockBlob',
    'content-type': 'application/octet-stream',
    'content-length': bytes.length,
  }
  const outgoing = request(url, { method: 'PUT', agent: false, headers })
  outgoing.on('error', reject)
  outgoing.on('response', (response) => {
    response.resume()
    response.on('error', reject)
    response.on('end', () => resolve(response.statusCode ?? 0))
  })
  const half = bytes.length >> 1
  outgoing.write(bytes.subarray(0, half), () => {
    atHalf()
    outgoing.end(bytes.subarray(half))
  })
  return promise
}
