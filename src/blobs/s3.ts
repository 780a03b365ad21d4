import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { BlobStore } from './blob-store.ts'
import { objectBlobs } from './object-blobs.ts'
import type { Objects, ObjectUpload } from './objects.ts'
import { type Patience, patiently, unlessMissing, usualPatience } from './patience.ts'

export interface S3Place {
  readonly bucket: string
  /** What every key begins with; empty or ending in `/`. */
  readonly prefix: string
  readonly region: string
  /** Of a service that is not Amazon's; null for Amazon's own. */
  readonly endpoint: string | null
  /** Null takes what the machine has: its role, its profile. */
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  } | null
}

interface Options {
  readonly patience?: Patience
  /** Most bytes of one copying request; Amazon takes 5 GiB, which nobody wants to wait for. */
  readonly copyBytes?: number
}

/** A copy moves many bytes in one request. */
const copyTakesLonger = 6
const mebibyte = 1024 * 1024

/**
 * Blobs in a bucket of S3 or of a service that speaks it. What was not finished is given up by {@link BlobStore.tidy};
 * no rule of the bucket has to.
 *
 * @param folder on this machine, for what is made local
 * @throws BlobsUnavailable when the bucket cannot be reached; when there is none
 */
export async function openS3(place: S3Place, folder: string, options: Options = {}): Promise<BlobStore> {
  const { bucket, prefix, region, endpoint, credentials } = place
  const ask = patiently(options.patience ?? usualPatience)
  const client = new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === null ? {} : { credentials }),
    // Repeating and waiting is ours, bodies included; each request carries the MD5 that every such service checks.
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const found = await ask(`look for the bucket ${bucket}`, (abortSignal) =>
    unlessMissing(client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal })),
  )
  if (!found) throw new Error(`there is no bucket '${bucket}'; make it first`)
  return objectBlobs(
    s3Objects({ client, ask, bucket, prefix, copyBytes: options.copyBytes ?? 512 * mebibyte }),
    folder,
  )
}

interface Bucket {
  readonly client: S3Client
  readonly ask: ReturnType<typeof patiently>
  readonly bucket: string
  readonly prefix: string
  readonly copyBytes: number
}

function s3Objects(of: Bucket): Objects {
  const { client, ask, bucket: Bucket, prefix } = of
  const at = (key: string) => ({ Bucket, Key: `${prefix}${key}` })

  return {
    async put(key, bytes) {
      const command = new PutObjectCommand({ ...at(key), Body: bytes, ContentMD5: md5Of(bytes) })
      await ask(`put ${key}`, (abortSignal) => client.send(command, { abortSignal }))
    },
    begin: (key) => beginUpload(of, key),
    async copy(from, to, size) {
      if (size > of.copyBytes) return copyInParts(of, from, to, size)
      const command = new CopyObjectCommand({ ...at(to), CopySource: sourceOf(of, from) })
      const longer = { longer: copyTakesLonger }
      await ask(`copy ${from}`, (abortSignal) => client.send(command, { abortSignal }), longer)
    },
    read(key, range) {
      const Range = range && `bytes=${range.start}-${range.start + range.length - 1}`
      return ask(`read ${key}`, async (abortSignal) => {
        const command = new GetObjectCommand({ ...at(key), ...(Range && { Range }) })
        const found = await unlessMissing(client.send(command, { abortSignal }))
        return found?.Body?.transformToByteArray()
      })
    },
    head(key) {
      return ask(`look for ${key}`, async (abortSignal) => {
        const found = await unlessMissing(client.send(new HeadObjectCommand(at(key)), { abortSignal }))
        return found && { size: found.ContentLength ?? 0, ageMs: ageOf(found.LastModified) }
      })
    },
    async list(below, from) {
      const command = new ListObjectsV2Command({
        Bucket,
        Prefix: `${prefix}${below}`,
        ...(from !== null && { StartAfter: from }),
      })
      const page = await ask(`list ${below}`, (abortSignal) => client.send(command, { abortSignal }))
      const objects = (page.Contents ?? []).map(({ Key = '', LastModified }) => ({
        key: Key.slice(prefix.length),
        ageMs: ageOf(LastModified),
      }))
      return { objects, next: page.IsTruncated ? `${prefix}${objects.at(-1)?.key ?? ''}` : null }
    },
    async remove(key) {
      await ask(`remove ${key}`, (abortSignal) =>
        client.send(new DeleteObjectCommand(at(key)), { abortSignal }),
      )
    },
    async abandonUploads({ youngerThanMs }) {
      const command = new ListMultipartUploadsCommand({ Bucket, Prefix: prefix })
      const page = await ask('list uploads', (abortSignal) => client.send(command, { abortSignal }))
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
        if (ageOf(Initiated) >= youngerThanMs) await abortUpload(of, Key.slice(prefix.length), UploadId)
      }
    },
  }
}

async function beginUpload(of: Bucket, key: string): Promise<ObjectUpload> {
  const { client, ask, bucket: Bucket } = of
  const at = { Bucket, Key: `${of.prefix}${key}` }
  const begun = await ask(`begin ${key}`, (abortSignal) =>
    client.send(new CreateMultipartUploadCommand(at), { abortSignal }),
  )
  const upload = { ...at, UploadId: begun.UploadId ?? '' }
  const etags = new Map<number, string>()
  return {
    async part(number, bytes) {
      const command = new UploadPartCommand({
        ...upload,
        PartNumber: number,
        Body: bytes,
        ContentMD5: md5Of(bytes),
      })
      const sent = await ask(`send part ${number} of ${key}`, (abortSignal) =>
        client.send(command, { abortSignal }),
      )
      etags.set(number, sent.ETag ?? '')
    },
    finish: (count) => finishUpload(of, key, upload, etags, count),
    abort: () => abortUpload(of, key, upload.UploadId),
  }
}

type Upload = { readonly Bucket: string; readonly Key: string; readonly UploadId: string }

async function finishUpload(
  { client, ask }: Bucket,
  key: string,
  upload: Upload,
  etags: ReadonlyMap<number, string>,
  count: number,
): Promise<void> {
  const Parts = Array.from({ length: count }, (_each, index) => ({
    PartNumber: index + 1,
    ETag: etags.get(index + 1),
  }))
  const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })
  let attempts = 0
  await ask(
    `finish ${key}`,
    async (abortSignal) => {
      attempts += 1
      try {
        await client.send(command, { abortSignal })
      } catch (error) {
        // Only an answer that was lost: the upload is gone because it was finished.
        const { Bucket, Key } = upload
        const isDone = attempts > 1 && (error as Error).name === 'NoSuchUpload'
        if (!isDone) throw error
        await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal })
      }
    },
    { longer: copyTakesLonger },
  )
}

async function abortUpload(
  { client, ask, bucket, prefix }: Bucket,
  key: string,
  UploadId: string,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: `${prefix}${key}`, UploadId })
  await ask(`give up ${key}`, (abortSignal) => unlessMissing(client.send(command, { abortSignal })))
}

/** No single request may copy more than 5 GiB, and none should take minutes. */
async function copyInParts(of: Bucket, from: string, to: string, size: number): Promise<void> {
  const { client, ask, bucket: Bucket, copyBytes } = of
  const at = { Bucket, Key: `${of.prefix}${to}` }
  const begun = await ask(`begin ${to}`, (abortSignal) =>
    client.send(new CreateMultipartUploadCommand(at), { abortSignal }),
  )
  const upload = { ...at, UploadId: begun.UploadId ?? '' }
  const etags = new Map<number, string>()
  try {
    for (let start = 0; start < size; start += copyBytes) {
      const number = start / copyBytes + 1
      const command = new UploadPartCopyCommand({
        ...upload,
        PartNumber: number,
        CopySource: sourceOf(of, from),
        CopySourceRange: `bytes=${start}-${Math.min(start + copyBytes, size) - 1}`,
      })
      const longer = { longer: copyTakesLonger }
      const copied = await ask(`copy ${from}`, (abortSignal) => client.send(command, { abortSignal }), longer)
      etags.set(number, copied.CopyPartResult?.ETag ?? '')
    }
    await finishUpload(of, to, upload, etags, etags.size)
  } catch (error) {
    await abortUpload(of, to, upload.UploadId).catch(() => {})
    throw error
  }
}

function sourceOf({ bucket, prefix }: Bucket, key: string): string {
  return encodeURI(`${bucket}/${prefix}${key}`)
}

function ageOf(changed: Date | undefined): number {
  return changed === undefined ? 0 : Math.max(0, Date.now() - changed.getTime())
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}
