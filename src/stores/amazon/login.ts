import type { FastifyInstance, FastifyReply } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../engine/index.ts'
import { readBody } from '../../protocols/body.ts'
import type { Mounting } from '../store.ts'
import { sendJson } from './errors.ts'
import { type Tokens, tokenLifetime } from './tokens.ts'

/** The only scope of the App Submission API. */
const submissionScope = 'appstore::apps:readwrite'

const mostBytes = 64 * 1024

/** What Login with Amazon refuses, in its own shape: OAuth's. */
class LoginRefusal extends Error {
  override readonly name = 'LoginRefusal'
  readonly status: number
  readonly error: string

  constructor(status: number, error: string, description: string) {
    super(description)
    this.status = status
    this.error = error
  }
}

const refusals = {
  missing: (name: string) =>
    new LoginRefusal(400, 'invalid_request', `The request is missing a required parameter : ${name}`),
  malformed: () => new LoginRefusal(400, 'invalid_request', 'The request body is not readable'),
  grant: () =>
    new LoginRefusal(
      400,
      'unsupported_grant_type',
      'The authorization grant type is not supported by the authorization server',
    ),
  client: () => new LoginRefusal(401, 'invalid_client', 'Client authentication failed'),
  scope: () => new LoginRefusal(400, 'invalid_scope', 'An unknown scope was requested'),
} as const

/** The token endpoint of Login with Amazon, for client credentials (amazon-appstore.md section 4). */
export function loginRoutes(app: FastifyInstance, { engine, settings }: Mounting, tokens: Tokens): void {
  app.setErrorHandler((error, _request, reply) => sendLoginError(error, reply))
  app.setNotFoundHandler((_request, reply) =>
    sendLoginError(new EngineError('not_found', 'no such path'), reply),
  )

  app.post('/token', async (request, reply) => {
    const parameters = readParameters(await readBody(request.raw, mostBytes, settings.bodyIdleMs))
    const required = (name: string) => {
      const value = parameters.get(name)
      if (!value) throw refusals.missing(name)
      return value
    }
    if (required('grant_type') !== 'client_credentials') throw refusals.grant()
    const proof = { clientId: required('client_id'), secret: required('client_secret') }
    const scope = required('scope')
    // The clients of Entra have a tenant; they are no clients of this service.
    const actor = await engine.authenticate({ kind: 'secret', tenantId: null, ...proof })
    if (scope !== submissionScope) throw refusals.scope()
    reply.header('cache-control', 'no-store')
    return sendJson(reply, {
      access_token: await tokens.issue(actor.credentialId),
      scope,
      token_type: 'bearer',
      expires_in: tokenLifetime,
    })
  })
}

/** A form or JSON, told apart by what it begins with: clients send either under any Content-Type. */
function readParameters(body: Buffer): ReadonlyMap<string, string> {
  const text = body.toString('utf8').trim()
  if (!text.startsWith('{')) return new Map(new URLSearchParams(text))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusals.malformed()
  }
  const entries = Object.entries(value as object)
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

type Answer = LoginRefusal | 'failure'

const answers: Record<EngineErrorCode, (error: EngineError) => Answer> = {
  unauthenticated: refusals.client,
  forbidden: refusals.client,
  not_found: ({ message }) => new LoginRefusal(404, 'invalid_request', message),
  invalid: refusals.malformed,
  conflict: refusals.malformed,
  stale: refusals.malformed,
  wrong_state: refusals.malformed,
  too_large: ({ message }) => new LoginRefusal(413, 'invalid_request', message),
  unsupported: refusals.malformed,
  rate_limited: () => new LoginRefusal(429, 'too_many_requests', 'Too many requests. Try again later.'),
  timeout: ({ message }) => new LoginRefusal(408, 'invalid_request', message),
  no_space: () => 'failure',
  internal: () => 'failure',
}

export function sendLoginError(error: unknown, reply: FastifyReply): FastifyReply {
  const answer =
    error instanceof LoginRefusal
      ? error
      : error instanceof EngineError
        ? answers[error.code](error)
        : 'failure'
  if (answer === 'failure') {
    reply.log.error({ err: error }, 'request failed')
    return sendJson(reply.code(500), {
      error: 'server_error',
      error_description: 'The authorization server encountered an unexpected condition',
    })
  }
  if (answer.status === 413 || answer.status === 408) reply.header('connection', 'close')
  return sendJson(reply.code(answer.status), { error: answer.error, error_description: answer.message })
}
