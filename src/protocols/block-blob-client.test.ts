import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { BlockBlobClient, RestError } from '@azure/storage-blob'
import { startDepot } from '../../test/helpers/blob-depot.ts'
import { idOf, md5Of } from '../../test/helpers/blob-requests.ts'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import type { UploadUrl } from './block-blob.ts'

/** The official client, unmodified, against a listening server. */

const depot = await startDepot()
after(() => depot[Symbol.asyncDispose]())
const origin = await depot.listen()

/** Without its patience: what fails here fails at once. */
const impatient = { retryOptions: { maxTries: 1 } }

async function place(wish: Partial<UploadUrl> = {}) {
  const { url, uploadId } = await depot.place({ origin, ...wish })
  return { client: new BlockBlobClient(url, undefined, impatient), uploadId, url }
}

const bytesOf = (length: number, seed = 1) => Buffer.from(seededRandom(seed).bytes(length))

async function assertRefused(refused: Promise<unknown>, statusCode: number, code: string): Promise<void> {
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof RestError, String(error))
    // Of an answer to HEAD there is no body that the code could be read from.
    const { errorCode } = error.details as { errorCode?: string }
    assert.deepEqual([error.statusCode, errorCode, error.code ?? code], [statusCode, code, code])
    return true
  })
}

/** Cut into pieces that have nothing to do with blocks. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('one request: the client gets its ETag, its date, its MD5 and the id of its own', async () => {
  const { client } = await place()
  const bytes = bytesOf(300_001)
  const answer = await client.upload(bytes, bytes.length, {
    blobHTTPHeaders: { blobContentType: 'application/zip' },
  })
  assert.equal(answer._response.status, 201)
  assert.match(answer.etag ?? '', /^"0x[0-9A-F]+"$/)
  assert.deepEqual(answer.lastModified, new Date(depot.clock.now()))
  assert.equal(Buffer.from(answer.contentMD5 ?? []).toString('base64'), md5Of(bytes))
  assert.equal(answer.isServerEncrypted, true)
  assert.equal(answer.clientRequestId, answer._response.request.headers.get('x-ms-client-request-id'))
  assert.ok(answer.requestId)
  assert.ok(answer.date)
  assert.ok(bytes.equals(await client.downloadToBuffer()))
})

test('a file in parallel blocks', async () => {
  const { client, uploadId } = await place()
  const bytes = bytesOf(5_300_017)
  const folder = await mkdtemp(join(tmpdir(), 'slipway-client-'))
  try {
    const path = join(folder, 'archive.zip')
    await writeFile(path, bytes)
    const blockSize = 256 * 1024
    const answer = await client.uploadFile(path, { blockSize, concurrency: 8, maxSingleShotSize: blockSize })
    assert.ok(bytes.equals(await client.downloadToBuffer()))
    assert.equal((await client.getProperties()).etag, answer.etag)
    const { committed, uncommitted } = await depot.engine.listBlocks(uploadId)
    assert.deepEqual([committed.length, uncommitted.length], [21, 0])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('memory in parallel blocks, over what was there', async () => {
  const { client } = await place()
  await client.upload('before', 6)
  const bytes = bytesOf(3_000_000, 2)
  await client.uploadData(bytes, { blockSize: 100_000, concurrency: 5, maxSingleShotSize: 0 })
  assert.ok(bytes.equals(await client.downloadToBuffer()))
})

for (const [what, length] of [
  ['of many blocks', 2_500_003],
  ['of one block', 1000],
  ['without a byte', 0],
] as const) {
  test(`a stream ${what}`, async () => {
    const { client } = await place()
    const bytes = bytesOf(length, 3)
    await client.uploadStream(Readable.from(pieces(bytes, 70_001)), 200_000, 4)
    const { contentLength } = await client.getProperties()
    assert.equal(contentLength, length)
    const { readableStreamBody } = await client.download()
    assert.ok(bytes.equals(await buffer(readableStreamBody ?? Readable.from([]))))
  })
}

test('blocks by hand: out of order, sent again, listed, committed twice', async () => {
  const { client } = await place()
  const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')]
  await client.stageBlock(c, 'C', 1)
  await client.stageBlock(a, 'old', 3)
  await client.stageBlock(b, 'B', 1)
  await client.stageBlock(a, 'A', 1)
  const before = await client.getBlockList('all')
  assert.deepEqual(before.uncommittedBlocks?.map(({ name, size }) => [name, size]).toSorted(), [
    [a, 1],
    [b, 1],
    [c, 1],
  ])
  assert.deepEqual(before.committedBlocks ?? [], [])
  await client.commitBlockList([a, b, c])
  assert.equal(`${await client.downloadToBuffer()}`, 'ABC')
  const committed = await client.getBlockList('committed')
  assert.equal(committed.committedBlocks?.length, 3)
  assert.equal(committed.blobContentLength, 3)
  await client.commitBlockList([c, a])
  assert.equal(`${await client.downloadToBuffer()}`, 'CA')
})

test('downloads of a range, in parallel ranges, and of what is too small for them', async () => {
  const { client } = await place()
  const bytes = bytesOf(1_000_003, 4)
  await client.uploadData(bytes)
  const part = await client.download(999_000, 500)
  assert.equal(part._response.status, 206)
  assert.equal(part.contentRange, 'bytes 999000-999499/1000003')
  assert.ok(
    bytes.subarray(999_000, 999_500).equals(await buffer(part.readableStreamBody ?? Readable.from([]))),
  )
  assert.ok(bytes.equals(await client.downloadToBuffer(0, undefined, { blockSize: 100_000, concurrency: 4 })))
  await assertRefused(client.download(2_000_000), 416, 'InvalidRange')
})

test('properties, and whether there is anything', async () => {
  const { client } = await place({ fileName: 'Signed_1.zip' })
  assert.equal(await client.exists(), false)
  await assertRefused(client.download(), 404, 'BlobNotFound')
  await client.upload('bytes', 5)
  assert.equal(await client.exists(), true)
  const properties = await client.getProperties()
  assert.deepEqual(
    [properties.contentLength, properties.blobType, properties.acceptRanges, properties.contentDisposition],
    [5, 'BlockBlob', 'bytes', 'attachment; filename=Signed_1.zip'],
  )
  assert.deepEqual(
    [properties.leaseState, properties.leaseStatus, properties.isServerEncrypted],
    ['available', 'unlocked', true],
  )
  assert.deepEqual(properties.createdOn, new Date(depot.clock.now()))
})

test('only where nothing is: once, in one request and in blocks', async () => {
  const conditions = { ifNoneMatch: '*' }
  for (const maxSingleShotSize of [1000, 10]) {
    const { client } = await place()
    const options = { blockSize: 50, maxSingleShotSize, conditions }
    await client.uploadData(Buffer.from('x'.repeat(120)), options)
    await assertRefused(client.uploadData(Buffer.from('y'.repeat(120)), options), 409, 'BlobAlreadyExists')
    assert.equal(`${await client.downloadToBuffer()}`, 'x'.repeat(120))
  }
})

test('only what was seen: by its ETag, reading and writing', async () => {
  const { client } = await place()
  const { etag = '' } = await client.upload('one', 3)
  await client.upload('two', 3, { conditions: { ifMatch: etag } })
  await assertRefused(client.upload('three', 5, { conditions: { ifMatch: etag } }), 412, 'ConditionNotMet')
  await assertRefused(client.download(0, 1, { conditions: { ifMatch: etag } }), 412, 'ConditionNotMet')
  assert.equal(`${await client.downloadToBuffer()}`, 'two')
})

test('checksums of the client: what arrived is what was sent, or it is refused', async () => {
  const { client } = await place()
  const md5 = (text: string) => Buffer.from(md5Of(text), 'base64')
  await client.stageBlock(idOf('a'), 'abc', 3, { transactionalContentMD5: md5('abc') })
  await assertRefused(
    client.stageBlock(idOf('a'), 'abc', 3, { transactionalContentMD5: md5('abd') }),
    400,
    'Md5Mismatch',
  )
  const crc64 = Buffer.from('iJh5CoYUi64=', 'base64')
  await client.stageBlock(idOf('b'), '123456789', 9, { transactionalContentCrc64: crc64 })
  await assertRefused(
    client.stageBlock(idOf('b'), '123456788', 9, { transactionalContentCrc64: crc64 }),
    400,
    'Crc64Mismatch',
  )
  // Its newer envelope is refused in words, and not taken for the bytes themselves.
  await assertRefused(
    client.upload('bytes', 5, { contentChecksumAlgorithm: 'StorageCrc64' }),
    400,
    'UnsupportedHeader',
  )
})

test('a URL that does not allow it, is forged or expired: the client’s own error says so', async () => {
  const { client, uploadId, url } = await place()
  await client.upload('x', 1)
  const reading = (await place({ uploadId, permissions: 'rl' })).client
  assert.equal(`${await reading.downloadToBuffer()}`, 'x')
  await assertRefused(reading.upload('y', 1), 403, 'AuthorizationPermissionMismatch')
  await assertRefused(reading.stageBlock(idOf('a'), 'y', 1), 403, 'AuthorizationPermissionMismatch')
  await assertRefused(client.delete(), 403, 'AuthorizationPermissionMismatch')
  const forged = new BlockBlobClient(url.replace('sp=rwl', 'sp=rwdl'), undefined, impatient)
  await assertRefused(forged.upload('y', 1), 403, 'AuthenticationFailed')
  await assertRefused(forged.getProperties(), 403, 'AuthenticationFailed')
  const { client: expired } = await place({ uploadId, expiresAt: depot.clock.now() })
  await assertRefused(expired.download(), 403, 'AuthenticationFailed')
})

test('a client that takes the address for an emulator’s still finds its blob', async () => {
  const { url } = await place()
  const doubled = new BlockBlobClient(
    url.replace('/ingestion/', '/ingestion/ingestion/'),
    undefined,
    impatient,
  )
  await doubled.uploadData(bytesOf(100_000), { blockSize: 30_000, maxSingleShotSize: 0 })
  assert.ok(bytesOf(100_000).equals(await new BlockBlobClient(url).downloadToBuffer()))
})
