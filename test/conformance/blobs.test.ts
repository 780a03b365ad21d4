import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { BlobServiceClient } from '@azure/storage-blob'
import { openAzure } from '../../src/blobs/azure.ts'
import { diskBlobs } from '../../src/blobs/disk.ts'
import { openS3 } from '../../src/blobs/s3.ts'
import { startAzurite } from '../helpers/azurite.ts'
import { startS3Server } from '../helpers/s3-server.ts'
import { blobSuite } from './blobs-suite.ts'

blobSuite('files on a disk', async () => {
  const folder = await newFolder()
  return {
    blobs: diskBlobs(folder),
    again: async () => diskBlobs(folder),
    showsUnfinished: true,
    async kept() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})

test('files on a disk: what a crash left half-written is gone at once where the folder is one process’s', async () => {
  const folder = await newFolder()
  const left = await diskBlobs(folder).scratch()
  diskBlobs(folder, { isShared: true })
  assert.deepEqual(await readdir(left.path), [])
  diskBlobs(folder)
  await assert.rejects(readdir(left.path), { code: 'ENOENT' })
  await rm(folder, { recursive: true })
})

const s3 = await startS3Server()
after(() => s3[Symbol.asyncDispose]())
let buckets = 0

blobSuite('objects of S3', async () => {
  const folder = await newFolder()
  const bucket = `bucket-${buckets++}`
  await s3.bucket(bucket)
  // Every other one shares its bucket with something else.
  const prefix = buckets % 2 === 0 ? '' : 'slipway/packages/'
  const { endpoint, credentials } = s3
  const open = () =>
    openS3({ bucket, prefix, region: 'eu-central-1', endpoint, credentials }, folder, {
      copyBytes: 10_000_000,
    })
  return {
    blobs: await open(),
    again: open,
    showsUnfinished: true,
    kept: () => s3.keys(bucket),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})

test('objects of S3: a bucket that is not there is said at the start', async () => {
  const { endpoint, credentials } = s3
  const place = { bucket: 'nowhere', prefix: '', region: 'eu-central-1', endpoint, credentials }
  await assert.rejects(openS3(place, tmpdir()), /there is no bucket 'nowhere'/)
})

const azurite = await startAzurite()
after(() => azurite[Symbol.asyncDispose]())
let containers = 0

blobSuite('blobs of Azure', async () => {
  const folder = await newFolder()
  const container = `container-${containers++}`
  const { account, key, endpoint, connectionString } = azurite
  const place = { account, key, endpoint, publicEndpoint: endpoint, container, uploads: 'direct' as const }
  const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container)
  return {
    blobs: await openAzure(place, folder),
    again: () => openAzure(place, folder),
    // Blocks that are in no list are the service's own affair.
    showsUnfinished: false,
    kept: () => Array.fromAsync(client.listBlobsFlat(), ({ name }) => name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'slipway-blobs-'))
}
