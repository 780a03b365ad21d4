import type { FastifyReply } from 'fastify'
import { audiences } from '../audiences.ts'
import { toWireList } from '../links.ts'
import { dataOf } from '../product-document.ts'
import { publisherIdOf } from '../publishers.ts'
import { refusals } from '../refusals.ts'
import { type Call, productAddress, send } from './call.ts'
import { sendSubmission } from './submissions.ts'

export async function listAudiences({ address, reply }: Call): Promise<FastifyReply> {
  return send(reply, 200, toWireList(audiences, `${address.base}/audiences`))
}

/**
 * A submission by its author's ids, with the ids of whoever asks (microsoft-hardware.md 7-37, 7-39): of the author the
 * same, of a receiver those of what was shared.
 */
export async function findRelated(call: Call): Promise<FastifyReply> {
  const { engine, actor } = call
  const { publisherId } = call.request.params
  const source = { productId: call.product().id, submissionId: call.submissionId() }
  if (publisherId === publisherIdOf(actor.accountId)) return sendSubmission(call, 200, source.submissionId)
  const page = { store: 'hardware', kind: 'driver', parentId: source.productId, after: '', limit: 1 }
  const [received] = await engine.productsAfter(actor, page)
  if (!received || dataOf(received).sourcePublisherId !== publisherId) throw refusals.noProduct()
  const own = await engine.listSubmissions(actor, { productId: received.id, after: null, limit: 1000 })
  const found = own.find(({ submission }) => submission.clonedFrom === source.submissionId)
  if (!found) throw refusals.noSubmission()
  return sendSubmission(call, 200, found.submission.id, productAddress(received.id))
}
