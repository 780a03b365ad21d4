import type { FastifyReply } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../engine/index.ts'
import { MicrosoftRefusal, refusals } from './refusals.ts'

interface Answer {
  readonly status: number
  readonly body: { readonly [member: string]: unknown }
}

/** Seconds to wait when nothing says how many (microsoft-store.md 5.2). */
const usualWait = 14

type ToAnswer = (error: EngineError, correlationId: string) => Answer

/** What the service or its gateway answers to what the engine refuses (microsoft-store.md 5). */
const answers: Record<EngineErrorCode, ToAnswer> = {
  // A good token of an identity that has no account any more is told from a bad token.
  unauthenticated: ({ target }, correlationId) =>
    target === 'credential'
      ? short(401, 'Unauthorized', `Identity cannot be authorized. CorrelationId: ${correlationId}`)
      : gateway(401, 'APIM: Unauthorized. Access token is missing or invalid.'),
  forbidden: (_error, correlationId) =>
    short(403, 'Forbidden', `The resource belongs to another account. CorrelationId: ${correlationId}`),
  not_found: ({ target }) => refused(missing[target ?? ''] ?? refusals.notFound('resource', 'Resource')),
  invalid: ({ message, target }) => refused(refusals.invalid(target ?? 'request', message)),
  conflict: ({ target }) =>
    refused(
      target === 'submission'
        ? new MicrosoftRefusal(
            409,
            'InvalidState',
            'The submission belongs to another product',
            'submissionId',
          )
        : new MicrosoftRefusal(409, 'InvalidState', 'The resource exists already', target),
    ),
  stale: () => refused(new MicrosoftRefusal(409, 'InvalidState', 'The resource was changed meanwhile')),
  wrong_state: ({ message, target }) =>
    refused(
      new MicrosoftRefusal(
        409,
        'InvalidState',
        `The operation is not valid for the current state: ${message}`,
        target === 'step' || target === undefined ? 'submission' : target,
      ),
    ),
  too_large: ({ message }) => refused(new MicrosoftRefusal(413, 'InvalidParameterValue', message, 'request')),
  unsupported: () => refused(refusals.unsupportedFeature()),
  rate_limited: ({ target }) => {
    const seconds = Number(target) > 0 ? Number(target) : usualWait
    return gateway(429, `Rate limit is exceeded. Try again in ${seconds} seconds.`)
  },
  timeout: () => gateway(408, 'The request was not received in time.'),
  no_space: () =>
    refused(
      new MicrosoftRefusal(
        503,
        'InvalidOperation',
        'This operation cannot be completed at this time. Retry your operation using exponential backoff.',
      ),
    ),
  internal: () => ({ status: 500, body: internal }),
}

const missing: { readonly [target: string]: MicrosoftRefusal } = {
  product: refusals.notFound('applicationId', 'Product'),
  track: refusals.notFound('flightId', 'Flight'),
  submission: refusals.notFound('submissionId', 'Submission'),
}

/** Sends an error the way the service would; anything unknown is its 500. The correlation id is on it already. */
export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, body } = answerOf(error, reply.request.id)
  if (status >= 500) reply.log.error({ err: error }, 'request failed')
  // The rest of a body that is too long or too slow is not waited for.
  if (status === 413 || status === 408) reply.header('connection', 'close')
  const wait = status === 429 ? /\d+/.exec(String(body.message))?.[0] : undefined
  if (wait !== undefined) reply.header('retry-after', wait)
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** Status and body of an error; `correlationId` is quoted in some. */
export function answerOf(error: unknown, correlationId: string): Answer {
  if (error instanceof MicrosoftRefusal) return refused(error)
  if (error instanceof EngineError) return answers[error.code](error, correlationId)
  return { status: 500, body: internal }
}

/** Shape A; its members in the service's order, `data` and `details` lists of texts (microsoft-store.md 5.1, 7-15). */
function refused({ status, code, message, target }: MicrosoftRefusal): Answer {
  const about = target === undefined ? {} : { target }
  return { status, body: { code, data: [], details: [], message, source: 'Ingestion Api', ...about } }
}

/** Shape B: the gateway before the service. */
function gateway(statusCode: number, message: string): Answer {
  return { status: statusCode, body: { statusCode, message } }
}

/** Shape C. */
function short(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } }
}

const internal = {
  code: 'InternalServerError',
  data: [],
  details: [],
  innererror: {
    code: 'UnknownInternalFailure',
    data: [],
    details: [],
    message: 'The service has encountered an unknown internal server error: ',
  },
  message: 'An internal server error occurred while processing the operation.',
  source: 'Ingestion Api',
} as const
