import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { BlobServiceClient, BlockBlobClient, RestError } from '@azure/storage-blob'
import { openAzure } from '../../src/blobs/azure.ts'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { openS3 } from '../../src/blobs/s3.ts'
import { startAzurite } from '../helpers/azurite.ts'
import { downloadOf, driverCab, finish, hardwareClient } from '../helpers/hardware-client.ts'
import { goThrough, type Json, microsoftClient, seededStore } from '../helpers/microsoft-client.ts'
import { buildMsix } from '../helpers/msix-builder.ts'
import { startS3Server } from '../helpers/s3-server.ts'
import { sharedInspector } from '../helpers/shared-inspector.ts'
import { startServer, type TestServer } from '../helpers/start-server.ts'
import { buildZip } from '../helpers/zip-builder.ts'

/** Whole servers on a service's blobs, and the official client behind their upload URLs. */

const submissions = `applications/${seededStore.appId}/submissions`
const events = '/api/v1/events?limit=100'
const impatient = { retryOptions: { maxTries: 1 } }

const azurite = await startAzurite()
after(() => azurite[Symbol.asyncDispose]())
const s3 = await startS3Server()
after(() => s3[Symbol.asyncDispose]())
const folder = await mkdtemp(join(tmpdir(), 'slipway-services-'))
after(() => rm(folder, { recursive: true }))

let places = 0

async function onAzure(): Promise<{ server: TestServer; blobs: BlobStore; names: () => Promise<string[]> }> {
  const { account, key, endpoint, connectionString } = azurite
  const container = `packages-${places++}`
  const place = { account, key, endpoint, publicEndpoint: endpoint, container, uploads: 'direct' as const }
  const blobs = await openAzure(place, folder)
  const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container)
  return {
    server: await startServer({}, { inspector: sharedInspector, blobs }),
    blobs,
    names: () => Array.fromAsync(client.listBlobsFlat({ includeSnapshots: true }), ({ name }) => name),
  }
}

async function draftOf(server: TestServer, fileName = 'app.msix') {
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', submissions)
  draft.applicationPackages.push({ fileName, fileStatus: 'PendingUpload' })
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  return {
    client,
    url: draft.fileUploadUrl as string,
    commit: () => client.want(202, 'POST', `${submissions}/${draft.id}/commit`),
    get: (): Promise<Json> => client.want(200, 'GET', `${submissions}/${draft.id}`),
  }
}

const good = buildZip({ 'app.msix': buildMsix() })
const bad = buildZip({ 'app.msix': Buffer.from('no package at all') })

async function eventsOf(server: TestServer, type: string): Promise<Json[]> {
  const answer = await server.http.inject({ url: events, headers: { authorization: 'Bearer sandbox-token' } })
  return (answer.json() as Json).items.filter((event: Json) => event.type === type)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

test('Azure: what a client puts straight into its container is published, whatever it puts there after the commit', async () => {
  const { server, blobs, names } = await onAzure()
  await using _server = server
  const { url, commit, get } = await draftOf(server)
  assert.ok(url.startsWith(`${azurite.endpoint}/packages-`), url)
  // `se` is never the first parameter (microsoft-store.md, behaviour 24).
  assert.doesNotMatch(url, /\?se=/)
  const place = new BlockBlobClient(url, undefined, impatient)
  await place.uploadData(good, { blockSize: 64 * 1024, maxSingleShotSize: 1024, concurrency: 4 })
  await commit()
  await place.uploadData(bad)
  await goThrough(server)
  const end = await get()
  assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))

  const [put, ...others] = await eventsOf(server, 'upload.put')
  assert.deepEqual([put.data.sha256, put.data.size, others.length], [sha256(good), good.length, 0])
  assert.equal(await blobs.size(sha256(good)), good.length)
  assert.equal(await blobs.size(sha256(bad)), undefined)
  // Taken, so that nothing is left of it where the client can write.
  assert.deepEqual(
    (await names()).filter((name) => !name.startsWith('blobs/')),
    [],
  )
})

test('Azure: the URL lets its holder put and read its own place, and nothing else', async () => {
  const { server, names } = await onAzure()
  await using _server = server
  const { url } = await draftOf(server)
  const place = new BlockBlobClient(url, undefined, impatient)
  await place.upload('bytes', 5)
  assert.equal((await place.downloadToBuffer()).toString(), 'bytes')
  const [name = ''] = await names()
  const { status } = await fetch(url, { method: 'DELETE' })
  assert.equal(status, 403)
  const elsewhere = new URL(url)
  elsewhere.pathname = elsewhere.pathname.replace(name, `blobs/${'0'.repeat(64)}`)
  await assert.rejects(new BlockBlobClient(elsewhere.href, undefined, impatient).upload('x', 1), RestError)
  assert.deepEqual(await names(), [name])
})

test('Azure: a commit without an upload fails as the store says, and what comes later changes nothing', async () => {
  const { server } = await onAzure()
  await using _server = server
  const { url, commit, get } = await draftOf(server)
  await commit()
  await new BlockBlobClient(url, undefined, impatient).uploadData(good)
  await goThrough(server)
  const end = await get()
  assert.equal(end.status, 'CommitFailed')
  assert.match(JSON.stringify(end.statusDetails.errors), /No ZIP archive was uploaded/)
})

test('Azure: direct uploads that were taken again or belong to nothing are collected, those of drafts are not', async () => {
  const { server, names } = await onAzure()
  await using _server = server
  const published = await draftOf(server)
  const place = new BlockBlobClient(published.url, undefined, impatient)
  await place.uploadData(good)
  await published.commit()
  await goThrough(server)
  // The URL is still good: the bytes are nobody's.
  await place.uploadData(bad)
  const draft = await draftOf(server, 'next.msix')
  const next = buildZip({ 'next.msix': buildMsix({ version: '2.0.0.0' }) })
  await new BlockBlobClient(draft.url, undefined, impatient).uploadData(next)
  const uploads = async () => (await names()).filter((name) => name.startsWith('uploads/'))
  assert.equal((await uploads()).length, 2)

  const early = await server.engine.collectAbandoned({ now: 1, until: 2 })
  assert.equal(early?.directUploads, 0)
  const collected = await server.engine.collectAbandoned({ now: 2, until: 3, youngerThanMs: 0 })
  assert.equal(collected?.directUploads, 1)
  const [left = '', ...others] = await uploads()
  assert.deepEqual(others, [])
  assert.ok(draft.url.includes(left))
  await draft.commit()
  await goThrough(server)
  const end = await draft.get()
  assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
})

test('Azure: a driver that was put straight into the container is signed, and fetched through the server', async () => {
  const { server } = await onAzure()
  await using _server = server
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const submission = await client.createSubmission(productId)
  const url = downloadOf(submission, 'initialPackage') ?? ''
  assert.ok(url.startsWith(azurite.endpoint), url)
  const cab = await driverCab()
  await new BlockBlobClient(url, undefined, impatient).uploadData(cab)
  await client.want(202, 'POST', `/products/${productId}/submissions/${submission.id}/commit`)
  await finish(server)
  const end = await client.submission(productId, submission.id)
  const initial = downloadOf(end, 'initialPackage') ?? ''
  assert.ok(!initial.startsWith(azurite.endpoint), initial)
  assert.ok(cab.equals((await client.blob('GET', initial)).bytes))
  const signed = await client.blob('GET', downloadOf(end, 'signedPackage') ?? '')
  assert.equal(signed.status, 200)
  assert.ok(signed.bytes.length > 0)
})

test('S3: blocks of the official client stream through the server into the bucket, to Published', async () => {
  const bucket = `packages-${places++}`
  await s3.bucket(bucket)
  const { endpoint, credentials } = s3
  const place = { bucket, prefix: '', region: 'eu-central-1', endpoint, credentials }
  const blobs = await openS3(place, folder)
  await using server = await startServer({}, { inspector: sharedInspector, blobs })
  const origin = await server.listen()
  const { url, commit, get } = await draftOf(server)
  const { pathname, search } = new URL(url)
  const client = new BlockBlobClient(`${origin}${pathname}${search}`, undefined, impatient)
  await client.uploadData(good, { blockSize: 64 * 1024, maxSingleShotSize: 1024, concurrency: 4 })
  assert.ok(Buffer.from(good).equals(await client.downloadToBuffer()))
  await commit()
  await goThrough(server)
  const end = await get()
  assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
  assert.ok((await s3.keys(bucket)).every((key) => key.startsWith('blobs/')))
})
