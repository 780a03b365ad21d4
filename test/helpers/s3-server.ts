import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Makes an empty bucket. */
  bucket(name: string): Promise<void>
  /** Keys of the bucket's objects, and of uploads that were not finished. */
  keys(bucket: string): Promise<string[]>
}

interface Koa {
  readonly method: string
  readonly path: string
  readonly query: { readonly [name: string]: string | undefined }
  readonly headers: { readonly [name: string]: string | undefined }
  status: number
  type: string
  body: unknown
  set(name: string, value: string): void
}

interface StoredObject {
  readonly bucket: string
  key: string
}

interface S3rver {
  readonly store: {
    getResourcePath(bucket: string, key: string | undefined, resource: string): string
    putBucket(name: string): Promise<void>
    putObject(object: StoredObject): Promise<unknown>
    copyObject(
      fromBucket: string,
      from: string,
      toBucket: string,
      to: string,
      headers: null,
    ): Promise<unknown>
    getMetadata(bucket: string, key: string): Promise<unknown>
    putPart(bucket: string, uploadId: string, number: string, content: Readable): Promise<{ md5: string }>
  }
  readonly middleware: ((ctx: Koa, next: () => Promise<void>) => Promise<void>)[]
  httpServer: { closeAllConnections(): void; close(): void }
  run(): Promise<AddressInfo>
}

/**
 * The S3 server of npm's `s3rver`, with what that lacks: giving up and listing uploads, copying into a part, and the
 * range of the first byte alone; and with objects that are replaced at once.
 */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-s3-'))
  const Server = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver
  const server = new Server({ directory: folder, address: '127.0.0.1', port: 0, silent: true })
  server.middleware.unshift((ctx, next) => answerWhatIsMissing(server, ctx, next))
  overwriteAtOnce(server.store)
  const { port } = await server.run()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    bucket: (name) => server.store.putBucket(name),
    async keys(bucket) {
      const uploads = (await uploadsOf(server, bucket)).map(({ key, id }) => `${key} ${id}`)
      const files = await readdir(join(folder, bucket), { recursive: true })
      const ending = '._S3rver_object'
      const objects = files
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
      return [...objects, ...uploads]
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server.httpServer as never, 'close')
      server.httpServer.close()
      server.httpServer.closeAllConnections()
      await closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An object of S3 is the old one or the new one, never half of each. */
function overwriteAtOnce(store: S3rver['store']): void {
  const { putObject, copyObject } = store
  const moveIn = async (bucket: string, from: string, to: string) => {
    for (const resource of ['metadata.json', 'object.md5', 'object']) {
      await rename(store.getResourcePath(bucket, from, resource), store.getResourcePath(bucket, to, resource))
    }
  }
  store.putObject = async (object) => {
    const { bucket, key } = object
    object.key = `${key}-${randomUUID()}`
    const result = await putObject.call(store, object)
    await moveIn(bucket, object.key, key)
    object.key = key
    return result
  }
  store.copyObject = async (fromBucket, from, bucket, to, headers) => {
    const key = `${to}-${randomUUID()}`
    await copyObject.call(store, fromBucket, from, bucket, key, headers)
    await moveIn(bucket, key, to)
    return store.getMetadata(bucket, to)
  }
}

async function answerWhatIsMissing(server: S3rver, ctx: Koa, next: () => Promise<void>): Promise<void> {
  const [, bucket = '', ...rest] = decodeURIComponent(ctx.path).split('/')
  const key = rest.join('/')
  const { uploadId, partNumber = '' } = ctx.query
  const uploads = server.store.getResourcePath(bucket, undefined, 'uploads')
  if (uploadId !== undefined && !existsSync(join(uploads, uploadId))) {
    ctx.status = 404
    return sendXml(ctx, '<Error><Code>NoSuchUpload</Code><Message>There is no such upload.</Message></Error>')
  }
  if (ctx.method === 'DELETE' && uploadId !== undefined) {
    await rm(join(uploads, uploadId), { recursive: true })
    ctx.status = 204
    return
  }
  if (ctx.method === 'GET' && 'uploads' in ctx.query) {
    const all = await uploadsOf(server, bucket)
    const items = all.map(
      ({ key, id, at }) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`,
    )
    return sendXml(ctx, `<ListMultipartUploadsResult>${items.join('')}</ListMultipartUploadsResult>`)
  }
  const source = ctx.headers['x-amz-copy-source']
  if (ctx.method === 'PUT' && uploadId !== undefined && source !== undefined) {
    const [from = '', ...of] = decodeURI(source).split('/')
    const [start, end] = (ctx.headers['x-amz-copy-source-range'] ?? '')
      .replace('bytes=', '')
      .split('-')
      .map(Number)
    const path = server.store.getResourcePath(from, of.join('/'), 'object')
    const bytes = createReadStream(path, { start: start ?? 0, end: end ?? Number.POSITIVE_INFINITY })
    const { md5 } = await server.store.putPart(bucket, uploadId, partNumber, bytes)
    return sendXml(ctx, `<CopyPartResult><ETag>"${md5}"</ETag></CopyPartResult>`)
  }
  const object = server.store.getResourcePath(bucket, key, 'object')
  if (ctx.method === 'GET' && ctx.headers.range === 'bytes=0-0' && existsSync(object)) {
    ctx.status = 206
    ctx.set('Content-Range', `bytes 0-0/${(await stat(object)).size}`)
    ctx.body = (await readFile(object)).subarray(0, 1)
    return
  }
  return next()
}

function sendXml(ctx: Koa, body: string): void {
  ctx.type = 'application/xml'
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?>${body}`
}

async function uploadsOf(server: S3rver, bucket: string): Promise<{ key: string; id: string; at: Date }[]> {
  const folder = server.store.getResourcePath(bucket, undefined, 'uploads')
  if (!existsSync(folder)) return []
  const ids = await readdir(folder)
  return Promise.all(
    ids.map(async (id) => {
      const path = join(folder, id, 'key')
      return { key: await readFile(path, 'utf8'), id, at: (await stat(path)).birthtime }
    }),
  )
}
