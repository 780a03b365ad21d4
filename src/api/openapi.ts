import type { FastifyInstance, RouteOptions } from 'fastify'
import type { EngineErrorCode } from '../engine/index.ts'
import { statusOf } from './errors.ts'
import type { Operation } from './operation.ts'
import { ApiError, components } from './schema.ts'

interface Documented {
  readonly method: string
  readonly url: string
  readonly schema: RouteOptions['schema']
  readonly operation: Operation
}

/**
 * Collects the routes that are declared from now on.
 * @returns the OpenAPI 3.1 document of all of them, as JSON; made when it is asked for
 */
export function documentRoutes(app: FastifyInstance): () => string {
  const routes: Documented[] = []
  app.addHook('onRoute', ({ method, url, schema, config }) => {
    const { operation } = config as { operation?: Operation }
    if (method === 'HEAD') return
    if (!operation || typeof method !== 'string') throw new Error(`${method} ${url} is not documented`)
    routes.push({ method: method.toLowerCase(), url: url.slice(app.prefix.length), schema, operation })
  })
  return () => write(routes, app.prefix)
}

function write(routes: readonly Documented[], prefix: string): string {
  const paths: { [path: string]: { [method: string]: object } } = {}
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: describe(route) }
  }
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'Slipway',
      version: '1',
      description:
        'The native API: products, submissions, packages, credentials, accounts and events of every store this server has. Lists answer `{items, next}`: pass `next` as `after` for the next page. Times are ISO 8601 in UTC.',
    },
    servers: [{ url: prefix }],
    security: [{ token: [] }],
    tags: [...new Set(routes.map(({ operation }) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A credential of the kind `token`.' },
      },
      schemas: components,
    },
  }
  return JSON.stringify(document, byReference())
}

/** A JSON.stringify replacer that writes components out once, below `components`, and refers to them elsewhere. */
function byReference(): (this: unknown, key: string, value: unknown) => unknown {
  const names = new Map<unknown, string>(Object.entries(components).map(([name, schema]) => [schema, name]))
  return function (_key, value) {
    const name = names.get(value)
    return name === undefined || this === components ? value : { $ref: `#/components/schemas/${name}` }
  }
}

function describe({ schema = {}, operation }: Documented): object {
  const { body } = schema
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(operation.open ? { security: [] } : {}),
    parameters: [
      ...parameters('path', schema.params),
      ...parameters('query', schema.querystring),
      ...parameters('header', schema.headers),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...successes(schema.response, operation), ...refusals(refusalsOf(schema, operation)) },
  }
}

interface ObjectSchema {
  readonly properties?: { readonly [name: string]: { readonly description?: string } }
  readonly required?: readonly string[]
}

function parameters(where: 'path' | 'query' | 'header', schema: unknown): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    description,
    schema: rest,
  }))
}

function successes(response: unknown, { headers = {}, produces = 'application/json' }: Operation): object {
  const answers = Object.entries(
    (response ?? {}) as { [status: string]: { type?: string; description?: string } },
  )
  return Object.fromEntries(
    answers.map(([status, schema]) => [
      status,
      {
        description: schema.description,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, says]) => [
            name,
            { description: says, schema: { type: 'string' } },
          ]),
        ),
        ...(schema.type === 'null' ? {} : { content: { [produces]: { schema } } }),
      },
    ]),
  )
}

function refusalsOf(schema: NonNullable<RouteOptions['schema']>, operation: Operation): EngineErrorCode[] {
  return [
    ...(operation.open ? [] : (['unauthenticated'] as const)),
    ...(schema.params || schema.querystring || schema.body ? (['invalid'] as const) : []),
    ...(schema.body ? (['too_large', 'timeout'] as const) : []),
    ...(operation.errors ?? []),
    'internal',
  ]
}

function refusals(codes: readonly EngineErrorCode[]): object {
  const byStatus = Object.groupBy(new Set(codes), (code) => String(statusOf[code]))
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same = []]) => [
      status,
      {
        description: same.map((code) => `\`${code}\``).join(', '),
        content: { 'application/json': { schema: ApiError } },
      },
    ]),
  )
}
