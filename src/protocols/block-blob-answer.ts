import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EngineError, type Upload } from '../engine/index.ts'
import { BlobRefusal, internal, refusalOfEngine, refusals } from './block-blob-refusals.ts'
import { signedVersion } from './block-blob-sas.ts'

const isVersion = /^\d{4}-\d\d-\d\d$/

/** What may be echoed: the service's own limit on a client's name for its request. */
const isClientRequestId = /^[\x20-\x7e]{1,1024}$/

/** The parameters of the URL, decoded. Form-decoding never fails: what is malformed stands for itself. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const { url } = request.raw
  const question = url?.indexOf('?') ?? -1
  return new URLSearchParams(question < 0 ? '' : url?.slice(question + 1))
}

/** The version a request is meant for: its own, else the one its URL was signed for. Unknown ones are as good. */
export function versionOf(request: FastifyRequest): string {
  const own = request.headers['x-ms-version']
  if (typeof own === 'string' && isVersion.test(own)) return own
  const signed = queryOf(request).get('sv') ?? ''
  return isVersion.test(signed) ? signed : signedVersion
}

/** Quoted; the same for the same bytes. */
export function etagOf({ blob }: Pick<Upload, 'blob'>): string {
  return `"0x${(blob ?? '').slice(0, 15).toUpperCase()}"`
}

export function sendCreated(reply: FastifyReply, md5: string | undefined): FastifyReply {
  if (md5 !== undefined) reply.header('Content-MD5', md5)
  return reply.code(201).header('x-ms-request-server-encrypted', 'true').header('Content-Length', '0').send()
}

export function sendXml(reply: FastifyReply, body: string): FastifyReply {
  const bytes = Buffer.from(`<?xml version="1.0" encoding="utf-8"?>${body}`)
  return reply.header('Content-Type', 'application/xml').header('Content-Length', bytes.length).send(bytes)
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * Gives every answer of this scope the service's headers, and every failure its shape: XML, and the code once
 * more in a header, which is all that an answer to HEAD has.
 */
export function answerAsBlobService(scope: FastifyInstance, now: () => number): void {
  scope.addHook('onSend', async (request, reply) => {
    reply.header('x-ms-request-id', request.id).header('x-ms-version', versionOf(request))
    const clientRequestId = request.headers['x-ms-client-request-id']
    if (typeof clientRequestId === 'string' && isClientRequestId.test(clientRequestId)) {
      reply.header('x-ms-client-request-id', clientRequestId)
    }
  })
  scope.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.status >= 500) request.log.error({ err: error }, 'the blob service failed')
    // A body that stood still is not waited for again.
    if (refusal.code === 'OperationTimedOut') reply.header('Connection', 'close')
    reply.code(refusal.status).header('x-ms-error-code', refusal.code)
    return request.method === 'HEAD' ? reply.send() : sendXml(reply, toXml(refusal, request.id, now()))
  })
}

function refusalOf(error: unknown): BlobRefusal {
  if (error instanceof BlobRefusal) return error
  if (error instanceof EngineError) return refusalOfEngine(error)
  return isClientError(error) ? refusals.invalidInput(error) : internal(error)
}

/** What the framework itself refuses, such as a malformed header. */
function isClientError(error: unknown): boolean {
  const { statusCode } = error as { statusCode?: unknown }
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
}

function toXml({ code, message, details }: BlobRefusal, requestId: string, now: number): string {
  const time = new Date(now).toISOString().replace('Z', '0000Z')
  const more = Object.entries(details).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
  return (
    `<Error><Code>${code}</Code><Message>${escapeXml(message)}\nRequestId:${requestId}\nTime:${time}</Message>` +
    `${more.join('')}</Error>`
  )
}
