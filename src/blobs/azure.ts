import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import {
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import type { BlobStore } from './blob-store.ts'
import { type DirectObjects, directUploads } from './direct-uploads.ts'
import { objectBlobs } from './object-blobs.ts'
import type { Objects, ObjectUpload } from './objects.ts'
import { type Ask, type Patience, patiently, unlessMissing, usualPatience } from './patience.ts'

export interface AzurePlace {
  readonly account: string
  /** Base64. */
  readonly key: string
  /** Of the account's blob service, such as `https://contoso.blob.core.windows.net`. */
  readonly endpoint: string
  /** The same one as clients reach it, where they need another address. */
  readonly publicEndpoint: string
  readonly container: string
  /** Whether clients are sent to the service with what they upload, or send it through this server. */
  readonly uploads: 'direct' | 'through'
}

interface Options {
  readonly patience?: Patience
}

/** A copy moves many bytes, if it is not done at once. */
const copyTakesLonger = 30
/** Small enough that a copy which is not done at once is soon seen to be. */
const copyPollMs = 200

/**
 * Blobs in a container of Azure Blob Storage, which is made when it is not there. Blocks that nobody committed are
 * forgotten by the service itself, after a week.
 *
 * @param folder on this machine, for what is made local
 * @throws BlobsUnavailable when the account cannot be reached
 */
export async function openAzure(
  place: AzurePlace,
  folder: string,
  options: Options = {},
): Promise<BlobStore> {
  const ask = patiently(options.patience ?? usualPatience)
  const credential = new StorageSharedKeyCredential(place.account, place.key)
  // Repeating and waiting is ours, bodies included.
  const service = new BlobServiceClient(place.endpoint, credential, { retryOptions: { maxTries: 1 } })
  const container = service.getContainerClient(place.container)
  await ask(`make the container ${place.container}`, (abortSignal) =>
    container.createIfNotExists({ abortSignal }),
  )
  const objects = azureObjects(container, ask)
  const blobs = objectBlobs(objects, folder)
  if (place.uploads === 'through') return blobs
  return { ...blobs, direct: directUploads(objects, directObjects(container, ask, { place, credential })) }
}

function azureObjects(container: ContainerClient, ask: Ask): Objects {
  const at = (key: string) => container.getBlockBlobClient(key)
  return {
    async put(key, bytes) {
      const blobHTTPHeaders = { blobContentMD5: md5Of(bytes) }
      await ask(`put ${key}`, (abortSignal) =>
        at(key).upload(bytes, bytes.byteLength, { abortSignal, blobHTTPHeaders }),
      )
    },
    begin: async (key) => beginBlocks(container, ask, key),
    copy: (from, to) => copyInside(container, ask, at(from).url, to),
    read(key, range) {
      return ask(`read ${key}`, async (abortSignal) => {
        const request = at(key).download(range?.start ?? 0, range?.length, {
          abortSignal,
          maxRetryRequests: 0,
        })
        const found = await unlessMissing(request)
        return found?.readableStreamBody && buffer(found.readableStreamBody)
      })
    },
    head(key) {
      return ask(`look for ${key}`, async (abortSignal) => {
        const found = await unlessMissing(at(key).getProperties({ abortSignal }))
        return found && { size: found.contentLength ?? 0, ageMs: ageOf(found.lastModified) }
      })
    },
    list(prefix, from) {
      return ask(`list ${prefix}`, async (abortSignal) => {
        const settings = from === null ? {} : { continuationToken: from }
        const pages = container
          .listBlobsFlat({ prefix, abortSignal })
          .byPage({ maxPageSize: 1000, ...settings })
        // Only the first of the pages is wanted.
        for await (const { segment, continuationToken } of pages) {
          const objects = segment.blobItems.map(({ name, properties }) => ({
            key: name,
            ageMs: ageOf(properties.lastModified),
          }))
          return { objects, next: continuationToken || null }
        }
        return { objects: [], next: null }
      })
    },
    async remove(key) {
      await ask(`remove ${key}`, (abortSignal) => at(key).deleteIfExists({ abortSignal }))
    },
    abandonUploads: async () => {},
  }
}

/** Inside one account a copy is mostly done at once. */
async function copyInside(container: ContainerClient, ask: Ask, from: string, to: string): Promise<void> {
  await ask(
    `copy to ${to}`,
    async (abortSignal) => {
      const target = container.getBlockBlobClient(to)
      const copying = await target.beginCopyFromURL(from, { abortSignal, intervalInMs: copyPollMs })
      const { copyStatus } = await copying.pollUntilDone()
      if (copyStatus !== 'success') throw new Error(`the copy ended as ${copyStatus}`)
    },
    { longer: copyTakesLonger },
  )
}

interface Signing {
  readonly place: AzurePlace
  readonly credential: StorageSharedKeyCredential
}

/** Marks are snapshots, which the holder of a signed URL can neither change nor remove. */
function directObjects(container: ContainerClient, ask: Ask, signing: Signing): DirectObjects {
  return {
    sign: (key, lifeMs) => sign(signing, key, lifeMs),
    mark(key) {
      return ask(`mark ${key}`, async (abortSignal) => {
        const marked = await unlessMissing(container.getBlobClient(key).createSnapshot({ abortSignal }))
        return marked?.snapshot
      })
    },
    copyMarked: (key, mark, to) =>
      copyInside(container, ask, container.getBlobClient(key).withSnapshot(mark).url, to),
    async removeMarked(key) {
      await ask(`remove ${key}`, (abortSignal) =>
        container.getBlobClient(key).deleteIfExists({ abortSignal, deleteSnapshots: 'include' }),
      )
    },
  }
}

function beginBlocks(container: ContainerClient, ask: Ask, key: string): ObjectUpload {
  const blob = container.getBlockBlobClient(key)
  return {
    async part(number, bytes) {
      const transactionalContentMD5 = md5Of(bytes)
      await ask(`send block ${number} of ${key}`, (abortSignal) =>
        blob.stageBlock(blockId(number), bytes, bytes.byteLength, { abortSignal, transactionalContentMD5 }),
      )
    },
    async finish(count) {
      const ids = Array.from({ length: count }, (_each, index) => blockId(index + 1))
      await ask(`finish ${key}`, (abortSignal) => blob.commitBlockList(ids, { abortSignal }))
    },
    abort: async () => {},
  }
}

/** All of a blob's have the same length. */
function blockId(number: number): string {
  return Buffer.from(String(number).padStart(6, '0')).toString('base64')
}

function sign({ place, credential }: Signing, blobName: string, lifeMs: number): string {
  const query = generateBlobSASQueryParameters(
    {
      containerName: place.container,
      blobName,
      permissions: BlobSASPermissions.parse('rcw'),
      expiresOn: new Date(Date.now() + lifeMs),
    },
    credential,
  )
  return `${place.publicEndpoint}/${place.container}/${blobName}?${query}`
}

function ageOf(changed: Date | undefined): number {
  return changed === undefined ? 0 : Math.max(0, Date.now() - changed.getTime())
}

function md5Of(bytes: Uint8Array): Uint8Array {
  return createHash('md5').update(bytes).digest()
}
