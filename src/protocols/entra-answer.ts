import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EngineError } from '../engine/index.ts'
import { EntraRefusal, internal, refusalOfEngine, refusals } from './entra-refusals.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An answer of the token endpoint, which nobody may keep. */
export function sendUncached(reply: FastifyReply, body: object): FastifyReply {
  reply.header('Cache-Control', 'no-store').header('Pragma', 'no-cache')
  return sendJson(reply, body)
}

/** A discovery document, with the life and the openness the service gives it. */
export function sendDocument(reply: FastifyReply, body: object): FastifyReply {
  reply.header('Cache-Control', 'max-age=86400, private').header('Access-Control-Allow-Origin', '*')
  return sendJson(reply, body)
}

/** Makes everything that fails in this scope fail in Entra's shape. */
export function answerRefusals(scope: FastifyInstance, now: () => number): void {
  scope.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.status >= 500) request.log.error({ err: error }, 'the Entra endpoints failed')
    // The rest of a body that is too long or too slow is not waited for.
    if (refusal.status === 413 || refusal.status === 408) reply.header('Connection', 'close')
    const traceId = randomUUID()
    reply.code(refusal.status).header('x-ms-request-id', traceId)
    return sendUncached(reply, toWireRefusal(refusal, traceId, correlationOf(request), now()))
  })
}

function refusalOf(error: unknown): EntraRefusal {
  if (error instanceof EntraRefusal) return error
  if (error instanceof EngineError) return refusalOfEngine(error)
  return isClientError(error) ? refusals.invalidInput(error) : internal(error)
}

/** What the framework itself refuses, such as a malformed header. */
function isClientError(error: unknown): boolean {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500
}

function toWireRefusal(refusal: EntraRefusal, traceId: string, correlationId: string, now: number) {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return {
    error: refusal.error,
    error_description:
      `AADSTS${refusal.number}: ${refusal.message} ` +
      `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [refusal.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${refusal.number}`,
  }
}

/** Microsoft's libraries name their request, so that it can be found in the service's logs. */
function correlationOf(request: FastifyRequest): string {
  const given = request.headers['client-request-id']
  return typeof given === 'string' && uuid.test(given) ? given.toLowerCase() : randomUUID()
}

function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply
    .header('Content-Type', 'application/json; charset=utf-8')
    .header('X-Content-Type-Options', 'nosniff')
    .send(JSON.stringify(body))
}
