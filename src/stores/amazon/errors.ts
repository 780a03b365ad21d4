import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../engine/index.ts'

/** One line of an API error. */
export interface WireError {
  readonly errorCode: string
  readonly errorMessage: string
}

/** What the API itself refuses, in its own words. */
export class AmazonRefusal extends Error {
  override readonly name = 'AmazonRefusal'
  readonly status: number
  readonly errors: readonly WireError[]

  constructor(status: number, errors: readonly WireError[]) {
    super(errors[0]?.errorMessage ?? '')
    this.status = status
    this.errors = errors
  }
}

/** What the gateway before the API refuses: another shape, with a capital M (amazon-appstore.md 5.1). */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function refusal(status: number, errorCode: string, errorMessage: string): AmazonRefusal {
  return new AmazonRefusal(status, [{ errorCode, errorMessage }])
}

export function invalidInput(message: string): AmazonRefusal {
  return refusal(400, 'invalid_input', message)
}

export function dataAbsent(message: string): AmazonRefusal {
  return refusal(400, 'required_data_absent', message)
}

/** No code is known for stale tags and reviews (amazon-appstore.md 5.2); these are ours. */
export const stale = 'precondition_failed'

export const notAuthorized = 'Request is not authorized.'

type Answer = AmazonRefusal | GatewayRefusal | 'failure'

/** What the engine's refusals are to this store; `failure` is its bare `{}`. */
const answers: Record<EngineErrorCode, (error: EngineError) => Answer> = {
  unauthenticated: () => new GatewayRefusal(401, notAuthorized),
  forbidden: ({ target }) => (target === 'product' ? noApp() : new GatewayRefusal(403, notAuthorized)),
  not_found: ({ target, message }) => {
    if (target === 'product') return noApp()
    if (target === 'operation') return invalidInput('No file found with the given fileId')
    return target === 'submission' ? noEdit() : refusal(404, 'not_found', message)
  },
  invalid: ({ message }) => invalidInput(message),
  // An edit of another app.
  conflict: ({ target, message }) => (target === 'submission' ? noEdit() : refusal(409, 'conflict', message)),
  stale: ({ message }) => refusal(412, stale, message),
  wrong_state: () =>
    refusal(
      412,
      stale,
      'The edit cannot be changed now. The app is pending and might be in the review state.',
    ),
  too_large: ({ message }) => refusal(413, 'invalid_input', message),
  unsupported: ({ message }) => invalidInput(message),
  rate_limited: () => refusal(429, 'too_many_requests', 'Too many requests. Try again later.'),
  timeout: ({ message }) => refusal(408, 'request_timeout', message),
  no_space: () => 'failure',
  internal: () => 'failure',
}

/** An unknown app is 400, never 404 (amazon-appstore.md 7-20). */
function noApp(): AmazonRefusal {
  return invalidInput('No app found with the entered Inputs')
}

function noEdit(): AmazonRefusal {
  return refusal(404, 'not_found', 'No edit found with the given editId')
}

/** Sends an error the way the service would; anything unknown is its bare 500 with `{}`. */
export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const answer = answerTo(error)
  if (answer === 'failure') {
    reply.log.error({ err: error }, 'request failed')
    const full = error instanceof EngineError && error.code === 'no_space'
    return sendJson(reply.code(full ? 507 : 500), {})
  }
  const { status } = answer
  // The rest of a body that is too long or too slow is not waited for.
  if (status === 413 || status === 408) reply.header('connection', 'close')
  reply.code(status)
  if (answer instanceof GatewayRefusal) return sendJson(reply, { Message: answer.message })
  return sendJson(reply, { httpCode: status, message: STATUS_CODES[status] ?? '', errors: answer.errors })
}

function answerTo(error: unknown): Answer {
  if (error instanceof AmazonRefusal || error instanceof GatewayRefusal) return error
  return error instanceof EngineError ? answers[error.code](error) : 'failure'
}

/** JSON with its type, whatever the status: clients parse by it (amazon-appstore.md 7-52). */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}
