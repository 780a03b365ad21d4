import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openAzure } from '../../src/blobs/azure.ts'
import { type BlobStore, BlobsUnavailable, DamagedBlob } from '../../src/blobs/blob-store.ts'
import { openS3 } from '../../src/blobs/s3.ts'
import { startAzurite } from '../helpers/azurite.ts'
import { type FailingWay, type Fate, failingWay } from '../helpers/failing-way.ts'
import { goThrough, type Json, microsoftClient, seededStore } from '../helpers/microsoft-client.ts'
import { buildMsix } from '../helpers/msix-builder.ts'
import { startS3Server } from '../helpers/s3-server.ts'
import { sharedInspector } from '../helpers/shared-inspector.ts'
import { startServer, type TestServer } from '../helpers/start-server.ts'
import { buildZip } from '../helpers/zip-builder.ts'

/** A blob store that fails, stalls, truncates or changes bytes, under the adapters and under a whole server. */

/** What is to pass has all the time it may need on a busy machine; what stalls is not waited for. */
const calm = { timeoutMs: 20_000, attempts: 3, waitMs: 1 }
const hastyMs = 40

const noLimit = { maxBytes: Number.MAX_SAFE_INTEGER }
const submissions = `applications/${seededStore.appId}/submissions`
const good = buildZip({ 'app.msix': buildMsix() })

const azurite = await startAzurite()
after(() => azurite[Symbol.asyncDispose]())
const s3 = await startS3Server()
after(() => s3[Symbol.asyncDispose]())
const folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
after(() => rm(folder, { recursive: true }))

let places = 0

interface Opened extends AsyncDisposable {
  readonly way: FailingWay
  readonly blobs: BlobStore
  /** From now on such requests meet such a fate. */
  strike(fate: Fate, which?: (asked: { method: string; path: string }) => boolean): void
  /** From now on all goes well. */
  relent(): void
}

function opened(way: FailingWay, blobs: BlobStore, patience: { timeoutMs: number }): Opened {
  return {
    way,
    blobs,
    strike(fate, which = () => true) {
      if (fate.startsWith('stall')) patience.timeoutMs = hastyMs
      way.fate = (asked) => (which(asked) ? fate : 'pass')
    },
    relent() {
      patience.timeoutMs = calm.timeoutMs
      way.fate = () => 'pass'
    },
    [Symbol.asyncDispose]: () => way[Symbol.asyncDispose](),
  }
}

async function onAzure(): Promise<Opened> {
  const { account, key, endpoint } = azurite
  const way = await failingWay(endpoint)
  const container = `packages-${places++}`
  const place = {
    account,
    key,
    endpoint: way.url,
    publicEndpoint: endpoint,
    container,
    uploads: 'through' as const,
  }
  const patience = { ...calm }
  return opened(way, await openAzure(place, folder, { patience }), patience)
}

async function onS3(): Promise<Opened> {
  const way = await failingWay(s3.endpoint)
  const bucket = `packages-${places++}`
  await s3.bucket(bucket)
  const place = { bucket, prefix: '', region: 'eu-central-1', endpoint: way.url, credentials: s3.credentials }
  const patience = { ...calm }
  return opened(way, await openS3(place, folder, { patience }), patience)
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

const large = Buffer.alloc(9 * 1024 ** 2, 'bytes that take two requests')
const isRead = ({ method }: { method: string }) => method === 'GET'
const isWrite = ({ method }: { method: string }) => method === 'PUT' || method === 'POST'

for (const [service, open] of [
  ['Azure', onAzure],
  ['S3', onS3],
] as const) {
  for (const fate of ['fail', 'stall'] as const) {
    test(`${service}: a put to a store that will ${fate} ends as unavailable and leaves nothing; the next one is taken`, async () => {
      await using struck = await open()
      const { blobs, strike, relent } = struck
      for (const bytes of [Buffer.from('small'), large]) {
        strike(fate, isWrite)
        await assert.rejects(blobs.put(once(bytes), noLimit), BlobsUnavailable)
        relent()
        assert.deepEqual((await blobs.list(null)).kept, [])
      }
      const { sha256 } = await blobs.put(once(large), noLimit)
      assert.equal(await blobs.size(sha256), large.length)
    })
  }

  test(`${service}: what fails once, or is cut off, is asked again, and nobody sees it`, async () => {
    await using struck = await open()
    const { way, blobs } = struck
    const seen = new Set<string>()
    way.fate = ({ method, path }) => {
      const request = `${method} ${path}`
      if (seen.has(request)) return 'pass'
      seen.add(request)
      return seen.size % 2 === 0 ? 'fail' : 'cut'
    }
    const { sha256 } = await blobs.put(once(large), noLimit)
    await using local = await blobs.local(sha256)
    assert.deepEqual(
      local.parts.map(({ size }) => size),
      [large.length],
    )
    assert.ok(way.struck >= 6, String(way.struck))
  })

  test(`${service}: nothing is made local of a store that fails, stalls, breaks off, truncates or changes bytes`, async () => {
    await using struck = await open()
    const { way, blobs, strike, relent } = struck
    const { sha256 } = await blobs.put(once(large), noLimit)
    for (const [fate, error] of [
      ['fail', BlobsUnavailable],
      ['stall', BlobsUnavailable],
      ['stall in the body', BlobsUnavailable],
      ['cut', BlobsUnavailable],
      ['truncate', DamagedBlob],
      ['change', DamagedBlob],
    ] as const) {
      const before = way.struck
      strike(fate, isRead)
      await assert.rejects(blobs.local(sha256), error, fate)
      assert.ok(way.struck > before, fate)
      relent()
    }
    await using local = await blobs.local(sha256)
    assert.equal(local.parts[0]?.size, large.length)
  })

  test(`${service}: a composed blob whose list was changed is damaged`, async () => {
    await using struck = await open()
    const { blobs, strike } = struck
    const part = await blobs.put(once(Buffer.from('part')), noLimit)
    const { sha256 } = await blobs.compose([part, part])
    strike('change', ({ path }) => path.includes('.parts'))
    await assert.rejects(blobs.local(sha256), DamagedBlob)
    await assert.rejects(blobs.size(sha256), DamagedBlob)
  })
}

async function committed(server: TestServer) {
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', submissions)
  draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  const upload = () => client.upload(draft.fileUploadUrl, good)
  return {
    upload,
    commit: () => client.want(202, 'POST', `${submissions}/${draft.id}/commit`),
    get: (): Promise<Json> => client.want(200, 'GET', `${submissions}/${draft.id}`),
  }
}

/** Far longer than all steps and all that is counted as attempts. */
async function goOn(server: TestServer): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await server.elapse(70_000)
}

for (const fate of ['truncate', 'change'] satisfies Fate[]) {
  test(`a store that will ${fate} what it gives back: the submission fails with a reason and is never published`, async () => {
    await using struck = await onS3()
    const { blobs, strike } = struck
    await using server = await startServer({}, { inspector: sharedInspector, blobs })
    const { upload, commit, get } = await committed(server)
    assert.equal((await upload()).status, 201)
    strike(fate, isRead)
    await commit()
    await goOn(server)
    const end = await get()
    assert.equal(end.status, 'CommitFailed')
    assert.ok(end.statusDetails.errors.length > 0)
    assert.ok(server.logged.some((line) => line.includes('DamagedBlob')))
  })
}

for (const fate of ['fail', 'stall', 'cut'] satisfies Fate[]) {
  test(`a store that will ${fate}: the upload is refused, the submission waits for as long as it lasts, and is then published`, async () => {
    await using struck = await onAzure()
    const { way, blobs, strike, relent } = struck
    await using server = await startServer({}, { inspector: sharedInspector, blobs })
    const { upload, commit, get } = await committed(server)
    strike(fate)
    assert.equal((await upload()).status, 500)
    relent()
    assert.equal((await upload()).status, 201)
    strike(fate)
    await commit()
    await goOn(server)
    assert.ok(way.struck > 6, 'it was asked again and again')
    assert.match((await get()).status, /^(CommitStarted|PreProcessing)$/)
    relent()
    await server.elapse(70_000)
    await goThrough(server)
    const end = await get()
    assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
  })
}

test('a package that was cut short on the server’s own disk fails its submission with a reason', async () => {
  await using server = await startServer({}, { inspector: sharedInspector })
  const { upload, commit, get } = await committed(server)
  assert.equal((await upload()).status, 201)
  const name = createHash('sha256').update(good).digest('hex')
  await truncate(join(server.folder, 'blobs', name.slice(0, 2), name.slice(2)), good.length - 1)
  await commit()
  await goOn(server)
  const end = await get()
  assert.equal(end.status, 'CommitFailed')
  assert.ok(end.statusDetails.errors.length > 0)
})
