import type { FastifyReply } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../engine/index.ts'
import { GatewayRefusal, HardwareRefusal, refusals } from './refusals.ts'

type Refusal = HardwareRefusal | GatewayRefusal

/** INFERRED: the service publishes no numbers (microsoft-hardware.md 5.2). */
const usualWait = 10

const answers: Record<EngineErrorCode, (error: EngineError) => Refusal> = {
  unauthenticated: () => new GatewayRefusal(401, 'Unauthorized. Access token is missing or invalid.'),
  // Another account's id is as unknown as one that nobody has.
  forbidden: ({ target }) =>
    target === 'product' ? refusals.noProduct() : new GatewayRefusal(403, 'Forbidden. The role is missing.'),
  not_found: ({ target }) => missing[target ?? '']?.() ?? refusals.noSubmission(),
  invalid: ({ message, target }) =>
    target === undefined ? refusals.input(message) : refusals.invalid([{ target, message }]),
  conflict: ({ message, target }) =>
    target === 'submission' ? refusals.noSubmission() : stateRefusal(message),
  stale: ({ message }) => stateRefusal(message),
  wrong_state: ({ message }) => stateRefusal(message),
  too_large: ({ message }) => new HardwareRefusal(413, 'invalidInput', message),
  unsupported: () => new GatewayRefusal(415, 'Unsupported media type. Send application/json.'),
  rate_limited: ({ message }) =>
    new GatewayRefusal(
      429,
      `Rate limit is exceeded. Try again in ${secondsIn(message) ?? usualWait} seconds.`,
    ),
  timeout: () => new GatewayRefusal(408, 'The request was not received in time.'),
  no_space: () => new GatewayRefusal(503, 'Service unavailable. Try again later.'),
  internal: () => internal(),
}

const missing: { readonly [target: string]: () => HardwareRefusal } = {
  product: refusals.noProduct,
  submission: refusals.noSubmission,
}

function stateRefusal(message: string): HardwareRefusal {
  return new HardwareRefusal(400, 'requestInvalidForCurrentState', message)
}

function internal(): GatewayRefusal {
  return new GatewayRefusal(500, 'Internal server error')
}

/** Sends an error in one of the service's two shapes (microsoft-hardware.md 5.1); anything unknown is its 500. */
export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error)
  const { status, message } = refusal
  if (status >= 500) reply.log.error({ err: error }, 'request failed')
  // The rest of a body that is too long or too slow is not waited for.
  if (status === 413 || status === 408) reply.header('connection', 'close')
  if (status === 429) reply.header('retry-after', secondsIn(message) ?? String(usualWait))
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(bodyOf(refusal, reply.request.id)))
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof HardwareRefusal || error instanceof GatewayRefusal) return error
  return error instanceof EngineError ? answers[error.code](error) : internal()
}

function bodyOf(refusal: Refusal, activityId: string) {
  const { status, message } = refusal
  if (refusal instanceof GatewayRefusal) return { statusCode: status, message, activityId }
  const { code, validationErrors } = refusal
  return { error: { code, message, ...(validationErrors ? { validationErrors } : {}) } }
}

function secondsIn(message: string): string | undefined {
  return /\b(\d{1,5}) ?s(?:econds?)?\b/.exec(message)?.[1]
}
