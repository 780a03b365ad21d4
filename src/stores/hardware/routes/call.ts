import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, ProductAddress, Upload } from '../../../engine/index.ts'
import { blobOrigin, uploadUrl } from '../../../protocols/block-blob.ts'
import { writeExact } from '../../../protocols/exact-json.ts'
import type { Mounting } from '../../store.ts'
import { authenticateClient } from '../auth.ts'
import { readId } from '../ids.ts'
import { type Address, addressOf } from '../links.ts'
import { publisherIdOf } from '../publishers.ts'
import { refusals } from '../refusals.ts'
import { readJson } from '../request-body.ts'
import type { Downloads } from '../wire-submission.ts'
import { downloadsOf } from '../wire-submission.ts'

/** Names of the parameters of paths. */
export interface Ids {
  readonly productId: string
  readonly submissionId: string
  readonly labelId: string
  readonly packageId: string
  readonly assetId: string
  readonly publisherId: string
}

type Request = FastifyRequest<{ Params: Ids }>

/** One request of a client that proved who it is. */
export interface Call {
  readonly engine: Mounting['engine']
  readonly settings: Mounting['settings']
  readonly actor: Actor
  readonly request: Request
  readonly reply: FastifyReply
  readonly address: Address
  readonly query: { readonly [name: string]: unknown }
  product(): ProductAddress
  submissionId(): string
  labelId(): string
  body(): Promise<unknown>
}

export function callsOf(mounting: Mounting, root: string) {
  return (handle: (call: Call) => Promise<FastifyReply>) => async (request: Request, reply: FastifyReply) => {
    const actor = await authenticateClient(mounting, request)
    const { productId, submissionId, labelId } = request.params
    return handle({
      ...mounting,
      actor,
      request,
      reply,
      address: addressOf(request, root),
      query: request.query as Call['query'],
      product: () => productAddress(productId),
      submissionId: () => read(submissionId, refusals.noSubmission),
      labelId: () => read(labelId, refusals.noLabel),
      body: () => readJson(request, mounting.settings),
    })
  }
}

/** What is no number is as unknown as a number that nobody has (7-48). */
function read(id: string, missing: () => Error): string {
  const known = readId('submission', id)
  if (known === undefined) throw missing()
  return known
}

export function productAddress(id: string, kind: 'driver' | 'preprod' = 'driver'): ProductAddress {
  const known = readId('product', id)
  if (known === undefined) throw kind === 'driver' ? refusals.noProduct() : refusals.noPackage()
  return { store: 'hardware', kind, id: known }
}

export function send(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(writeExact(body))
}

/** Without a body and without a type. */
export function sendEmpty(reply: FastifyReply, status: 202 | 204): FastifyReply {
  if (status === 202) reply.header('content-length', '0')
  return reply.code(status).send()
}

/** Fresh URLs for everything a submission has: every answer makes new ones (microsoft-hardware.md 3.3). */
export function signedDownloads(
  { engine, request, actor }: Call,
  record: Parameters<typeof downloadsOf>[0] & { readonly isHlk: boolean },
): Promise<Downloads> {
  const origin = blobOrigin(request)
  const urlOf = ({ id, purpose, fileName }: Upload) =>
    uploadUrl(engine, {
      uploadId: id,
      origin,
      permissions: purpose === 'initialPackage' ? 'rwl' : 'rl',
      fileName:
        purpose === 'initialPackage' && record.isHlk ? `initial_${record.submission.id}.hlkx` : fileName,
    })
  return downloadsOf(record, { publisherId: publisherIdOf(actor.accountId), urlOf })
}
