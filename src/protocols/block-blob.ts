import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Engine } from '../engine/index.ts'
import type { Routes } from '../stores/store.ts'
import { answerAsBlobService, queryOf } from './block-blob-answer.ts'
import { operationOf } from './block-blob-operations.ts'
import { refusals } from './block-blob-refusals.ts'
import { type BlobPermissions, signQuery, verifyQuery } from './block-blob-sas.ts'

const newestHost = 'ingestionpackagesprod1.blob.core.windows.net'

/** The hosts of the stores' signed URLs: today's, and that of older ones. */
export const blobHosts: readonly string[] = [newestHost, 'productingestionbin1.blob.core.windows.net']

/** Which of the engine's keys sign URLs. */
export const uploadKeyPurpose = 'upload'

export const newUploadKey = () => randomBytes(32).toString('base64')

/** How long the stores' URLs are good (microsoft-store.md 3.6). */
const lifeMs = 24 * 60 * 60 * 1000

/**
 * The part of the Azure Blob service that clients of the Microsoft stores use behind `fileUploadUrl` and download
 * URLs (microsoft-store.md 1.8, microsoft-hardware.md 3.5): Put Blob, Put Block, Put Block List, Get Blob, Get Blob
 * Properties and Get Block List. The last segment of the path names the upload: some clients take the first for
 * an emulator's account and write it twice. The signature is checked before anything else, bodies included; what
 * was acknowledged is durable.
 */
export const blockBlob: Routes = (app, { engine, settings: { bodyIdleMs } }) => {
  // A scope of its own, so that its error shape stays with it.
  app.register(async (scope) => {
    answerAsBlobService(scope, () => engine.now())
    for (const path of ['/ingestion/:uploadId', '/:container/ingestion/:uploadId']) {
      scope.all<{ Params: { uploadId: string } }>(path, async (request, reply) => {
        const { uploadId } = request.params
        const query = queryOf(request)
        const keys = await engine.signingKeys(uploadKeyPurpose, newUploadKey)
        const grant = verifyQuery(keys, uploadId, query, engine.now())
        const operation = operationOf(request.method, query.get('comp') ?? '')
        if (!grant.permissions.includes(operation.needs)) throw refusals.permissionMismatch()
        return operation.run({ engine, uploadId, query, grant, bodyIdleMs, request, reply })
      })
    }
  })
}

export interface UploadUrl {
  readonly uploadId: string
  /** As of {@link blobOrigin}. */
  readonly origin: string
  /** `rwl` for a place to put bytes, `rl` for a file to fetch. */
  readonly permissions: BlobPermissions
  /** Milliseconds since 1970; a day from now when absent. */
  readonly expiresAt?: number
  /** What the file is to be saved as, such as `Signed_1152921504621465000.zip`. */
  readonly fileName?: string
}

/**
 * A signed URL for an upload: the blob store's own, where clients put their bytes into that, or one of this server's.
 * Every call makes another one; all of them lead to the same bytes, whatever of them is encoded anew, put in another
 * order or appended on the way.
 */
export async function uploadUrl(
  engine: Pick<Engine, 'signingKeys' | 'now' | 'directUploadUrl'>,
  { uploadId, origin, permissions, expiresAt, fileName }: UploadUrl,
): Promise<string> {
  const direct = permissions === 'rwl' ? await engine.directUploadUrl({ uploadId, lifeMs }) : null
  if (direct !== null) return direct
  const [key] = await engine.signingKeys(uploadKeyPurpose, newUploadKey)
  if (!key) throw new Error('no key to sign with')
  const now = engine.now()
  const wish = { uploadId, permissions, now, expiresAt: expiresAt ?? now + lifeMs, fileName }
  return `${origin}/ingestion/${encodeURIComponent(uploadId)}?${signQuery(key, wish)}`
}

const microsoftHost = /\.(?:microsoft\.com|microsoftonline\.com|windows\.net)$/

/**
 * Where the URLs in an answer to this request lead: to the real blob host for a client that believes it speaks
 * to the real store, else back to the address it used.
 */
export function blobOrigin(request: Pick<FastifyRequest, 'protocol' | 'host' | 'hostname'>): string {
  const hostname = request.hostname.toLowerCase()
  if (hostname === '' || microsoftHost.test(hostname)) return `https://${newestHost}`
  return `${request.protocol}://${request.host}`
}
