import type { FastifyReply } from 'fastify'
import type { Submission, Upload } from '../../../engine/index.ts'
import { bodyOf } from '../../../protocols/body.ts'
import { refusals } from '../refusals.ts'
import { type Call, productAddress, send } from './call.ts'

type SigningStatus = 'NotStarted' | 'Processing' | 'Succeeded' | 'Failed'

const statuses: { readonly [step: string]: SigningStatus } = {
  NotStarted: 'NotStarted',
  Processing: 'Processing',
  Signing: 'Processing',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
}

/** Any type, or none: the body is the package (microsoft-hardware.md 1, route 18). */
export async function putPackage({ engine, actor, settings, request, reply }: Call): Promise<FastifyReply> {
  const submission = await engine.handInPackage(actor, {
    store: 'hardware',
    kind: 'preprod',
    name: 'pre-production package',
    bytes: bodyOf(request.raw, settings.bodyIdleMs),
  })
  return send(reply, 200, toWirePackage(submission, []))
}

export async function getPackage(call: Call): Promise<FastifyReply> {
  const { submission, assets } = await packageOf(call)
  return send(call.reply, 200, toWirePackage(submission, assets))
}

/** A bare array, without the envelope of other lists (7-15). */
export async function listAssets(call: Call): Promise<FastifyReply> {
  const { submission, assets } = await packageOf(call)
  return send(
    call.reply,
    200,
    assets.map((asset) => toWireAsset(submission, asset)),
  )
}

export async function getAsset(call: Call): Promise<FastifyReply> {
  const { submission, assets } = await packageOf(call)
  return send(call.reply, 200, toWireAsset(submission, assetOf(call, assets)))
}

/** With a bearer token, not by a signed URL (7-27). */
export async function downloadAsset(call: Call): Promise<FastifyReply> {
  const { assets } = await packageOf(call)
  const { upload, stream } = await call.engine.readUpload(assetOf(call, assets).id)
  return call.reply
    .header('content-type', upload.contentType)
    .header('content-length', upload.size)
    .header('content-disposition', `attachment; filename=${upload.fileName}`)
    .send(stream())
}

/** A package is a product of its own with one submission. */
async function packageOf({ engine, actor, request }: Call) {
  const address = productAddress(request.params.packageId, 'preprod')
  const { live, pending } = await found(() => engine.describeProduct(actor, address))
  const submission = live ?? pending
  if (!submission) throw refusals.noPackage()
  const { uploads } = await engine.readSubmission(actor, { id: submission.id })
  return { submission, assets: uploads.filter(({ purpose }) => purpose === 'signedPackage') }
}

async function found<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'not_found' || code === 'forbidden') throw refusals.noPackage()
    throw error
  }
}

function assetOf({ request }: Call, assets: readonly Upload[]): Upload {
  const asset = assets.find(({ id }) => id === request.params.assetId.toLowerCase())
  if (!asset) throw refusals.noAsset()
  return asset
}

/** PascalCase for the status, as the service has it; that ids are texts is INFERRED (microsoft-hardware.md 2.8). */
function toWirePackage(submission: Submission, assets: readonly Upload[]) {
  const { step, productId, updatedAt, findings } = submission
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
  return {
    id: productId,
    etag: `"${submission.id}-${step}"`,
    lastModified: new Date(updatedAt).toISOString(),
    signingStatus: statuses[step] ?? 'Processing',
    ...(step === 'Failed' ? { error: { message: errors.join('\n') } } : {}),
    assets: assets.map((asset) => toWireAsset(submission, asset)),
  }
}

function toWireAsset({ productId }: Submission, { id, createdAt, blob }: Upload) {
  return {
    id,
    packageId: productId,
    assetType: 'SignedFilesZip',
    createdDate: new Date(createdAt).toISOString(),
    contentHash: blob ?? '',
  }
}
