import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Engine, EngineError } from '../engine/index.ts'
import { accounts } from './accounts.ts'
import { requireToken } from './auth.ts'
import { credentials } from './credentials.ts'
import { answerError } from './errors.ts'
import { events } from './events.ts'
import { readJson } from './json-body.ts'
import { fromTexts, misfitOf } from './misfit.ts'
import { documentRoutes } from './openapi.ts'
import { type Api, operation, type SchemaTypes } from './operation.ts'
import { packages } from './packages.ts'
import { products } from './products.ts'
import { Content } from './schema.ts'
import { submissions } from './submissions.ts'

export interface ApiMounting {
  readonly engine: Engine
  /** Mounts further routes beside the API's own, behind the same door. */
  readonly more?: ((api: Api) => void) | undefined
}

/**
 * The native API, as a Fastify plug-in to be registered under a prefix. It reads bodies, checks tokens and
 * answers errors by itself, and needs of its surroundings only that bodies have not been read yet.
 *
 * @example
 * app.register((scope) => api(scope, { engine }), { prefix: '/api/v1' })
 */
export async function api(app: FastifyInstance, { engine, more }: ApiMounting): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request: FastifyRequest) => readJson(request.raw))
  app.setValidatorCompiler(checkerOf)
  // The answers are built for the wire already, and compiling a serializer for each takes longer than starting.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request) => {
    throw new EngineError('not_found', `there is no ${request.method} here; see ${app.prefix}/openapi.json`)
  })

  const openapi = documentRoutes(app)
  let document: string | undefined
  app.get('/openapi.json', described, async (_request, reply) => {
    document ??= openapi()
    return reply.type('application/json; charset=utf-8').send(document)
  })

  await app.register(async (scope) => {
    requireToken(scope, engine)
    const typed = scope.withTypeProvider<SchemaTypes>()
    products(typed, engine)
    submissions(typed, engine)
    packages(typed, engine)
    credentials(typed, engine)
    accounts(typed, engine)
    events(typed, engine)
    more?.(typed)
  })
}

const described = operation(
  { id: 'getOpenApi', tag: 'Documentation', summary: 'This document', open: true },
  { response: { 200: Content } },
)

function checkerOf({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  const wanted = schema as object
  return (data: unknown) => {
    const value = httpPart === 'body' ? (data ?? {}) : fromTexts(wanted, data)
    const misfit = misfitOf(wanted, value)
    if (!misfit) return { value }
    const { path, message } = misfit
    const error = new EngineError('invalid', `${path || 'the body'} ${message}`, { target: path || 'body' })
    return { error }
  }
}
