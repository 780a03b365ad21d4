import type { FastifyReply } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../engine/index.ts'

/** Answers of the real service's gateway that no engine error stands for. */
type Gateway =
  | 'gone'
  | 'wrong_scheme'
  | 'unknown_client'
  | 'key_without_client'
  | 'invalid_jwt'
  | 'wrong_content_type'

export class EdgeRefusal extends Error {
  override readonly name = 'EdgeRefusal'
  readonly answer: Gateway | EngineErrorCode

  constructor(answer: Gateway | EngineErrorCode) {
    super(answer)
    this.answer = answer
  }
}

interface Answer {
  readonly status: number
  /** The HTTP reason phrase, where the service has its own. */
  readonly reason?: string
  readonly body?: string | { readonly [key: string]: unknown }
}

const rateLimitSeconds = 10

/**
 * What the service answers (edge-addons.md 1.6): mostly an empty body with the explanation in the reason
 * phrase, a few JSON bodies of its gateway, one plain text.
 */
const answers: Record<Gateway | EngineErrorCode, Answer> = {
  gone: {
    status: 410,
    body: { message: 'The API version you are currently using is deprecated and no longer available.' },
  },
  wrong_scheme: {
    status: 400,
    body: 'The value of Authorization Scheme does not match the expected value ApiKey.',
  },
  unknown_client: { status: 403, reason: 'Client ID is Invalid' },
  key_without_client: { status: 401, body: { statusCode: 401, message: 'Invalid Azure AD JWT' } },
  invalid_jwt: { status: 401, body: { statusCode: 401, message: 'Invalid JWT' } },
  wrong_content_type: { status: 400 },
  unauthenticated: { status: 401 },
  forbidden: { status: 403 },
  not_found: { status: 404, reason: 'Resource Not Found' },
  invalid: { status: 400 },
  conflict: { status: 409 },
  stale: { status: 412 },
  wrong_state: { status: 409 },
  too_large: { status: 413 },
  unsupported: { status: 400 },
  // Clients wait as many seconds as the first number in the message says, 60 at most (edge-addons.md 6-32).
  rate_limited: {
    status: 429,
    body: { statusCode: 429, message: `Rate limit is exceeded. Try again in ${rateLimitSeconds} seconds.` },
  },
  timeout: { status: 408 },
  no_space: { status: 507 },
  internal: { status: 500 },
}

/** Sends an error the way the service would; anything unknown is its bare 500. */
export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const code =
    error instanceof EdgeRefusal ? error.answer : error instanceof EngineError ? error.code : 'internal'
  const { status, reason, body } = code === 'rate_limited' ? waitingAsTold(error) : answers[code]
  if (status >= 500) reply.log.error({ err: error }, 'request failed')
  // The rest of a body that is too long or too slow is not waited for.
  if (status === 413 || status === 408) reply.header('connection', 'close')
  if (status === 429) reply.header('retry-after', secondsIn(error) ?? String(rateLimitSeconds))
  reply.code(status)
  if (reason !== undefined) reply.raw.statusMessage = reason
  if (body === undefined) return reply.header('content-length', '0').send()
  if (typeof body === 'string') return reply.type('text/plain; charset=utf-8').send(body)
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** The number of seconds is the error's own where it names one, as in `Try again in 2 seconds.` */
function waitingAsTold(error: unknown): Answer {
  const { message } = error as Error
  return secondsIn(error) === undefined
    ? answers.rate_limited
    : { ...answers.rate_limited, body: { statusCode: 429, message } }
}

function secondsIn(error: unknown): string | undefined {
  return /\b(\d{1,5}) ?s(?:econds?)?\b/.exec((error as Error).message)?.[1]
}
