import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { EngineError, type EngineErrorCode } from '../engine/index.ts'
import type { ApiError } from './schema.ts'

/** How the native API says each refusal in HTTP. */
export const statusOf: Record<EngineErrorCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid: 400,
  conflict: 409,
  stale: 412,
  wrong_state: 409,
  too_large: 413,
  unsupported: 400,
  rate_limited: 429,
  timeout: 408,
  no_space: 507,
  internal: 500,
}

export function toWireError(error: EngineError, requestId: string): ApiError {
  const { code, target } = error
  const message =
    code === 'internal' ? 'the server failed; its log says why, under the request id' : error.message
  return { error: { code, message, ...(target === undefined ? {} : { target }) }, requestId }
}

/** Answers every failure of a request in the API's shape, and logs those nobody foresaw. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = asRefusal(error)
  if (refusal.code === 'internal') request.log.error({ err: error }, 'a request of the native API failed')
  if (refusal.code === 'unauthenticated') reply.header('www-authenticate', challenge(refusal))
  // The rest of a body that was not read would be taken for the next request.
  if (refusal.code === 'too_large' || refusal.code === 'timeout') reply.header('connection', 'close')
  reply.code(statusOf[refusal.code]).type('application/json; charset=utf-8')
  reply.send(JSON.stringify(toWireError(refusal, request.id)))
}

function asRefusal(error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const { statusCode, message } = error as Partial<FastifyError>
  if (statusCode === 413) return new EngineError('too_large', String(message))
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new EngineError('invalid', String(message))
  }
  return new EngineError('internal', 'unforeseen', { cause: error })
}

/** RFC 6750 3: the reason is said only to those who tried. */
function challenge({ target }: EngineError): string {
  return target === 'token' ? 'Bearer realm="slipway", error="invalid_token"' : 'Bearer realm="slipway"'
}
