import type { FastifyReply } from 'fastify'
import { audiences } from '../audiences.ts'
import { toWireList } from '../links.ts'
import { publisherIdOf } from '../publishers.ts'
import { refusals } from '../refusals.ts'
import { type Call, send } from './call.ts'
import { sendSubmission } from './submissions.ts'

export async function listAudiences({ address, reply }: Call): Promise<FastifyReply> {
  return send(reply, 200, toWireList(audiences, `${address.base}/audiences`))
}

/**
 * A submission by its author's ids, with the ids of whoever asks (microsoft-hardware.md 7-37, 7-39). Here a product
 * is only its author's, so that both are the same, and another publisher's is unknown.
 */
export async function findRelated(call: Call): Promise<FastifyReply> {
  if (call.request.params.publisherId !== publisherIdOf(call.actor.accountId)) throw refusals.noProduct()
  return sendSubmission(call, 200, call.submissionId())
}
