import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { Logger } from 'pino'
import { api } from '../api/index.ts'
import type { Api } from '../api/operation.ts'
import { hideContentType } from '../protocols/content-type.ts'
import type { Mounting, Routes, Store } from '../stores/store.ts'
import { createHearing } from './hear-out.ts'
import { redactUrl } from './log.ts'
import { operations } from './operations.ts'
import { untouchedConnections } from './untouched-connections.ts'

/** Large enough for the longest tokens and signed URLs, small enough to bound what a stranger can make us keep. */
const headerBytes = 64 * 1024

/** Nobody needs longer for the head of a request, however patient the server is with bodies. */
const longestHeadersMs = 30_000

interface Options extends Mounting {
  readonly stores: readonly Store[]
  readonly log: Logger
  /** False once the server is stopping: no new work should be sent to it. */
  readonly ready: () => boolean
  /** What exists in a sandbox only; absent in a store, where nothing of it is mounted. */
  readonly sandbox?: SandboxMounting | undefined
  readonly onAnswer?: ((answer: Answer) => void) | undefined
  /** Whether `X-Forwarded-Proto` and `-Host` are a proxy's, and links are to be what its clients can follow. */
  readonly trustProxy?: boolean
}

export interface SandboxMounting {
  /** Routes of the native API. */
  readonly controls: (api: Api) => void
  /** Called with each store's scope and name before its routes. */
  readonly prepare: (scope: FastifyInstance, store: string) => void
}

export interface Answer {
  readonly method: string
  /** The host the client asked for. */
  readonly host: string
  /** With the names, not the values, of the query. */
  readonly path: string
  /** 0 when the connection broke before the client had heard the answer. */
  readonly status: number
  readonly ms: number
}

/** One server for all stores: their paths do not collide. Bodies reach the handlers as streams, unread. */
export async function createHttp({
  engine,
  settings,
  stores,
  log,
  ready,
  sandbox,
  onAnswer,
  trustProxy = false,
}: Options): Promise<FastifyInstance> {
  const hearing = createHearing(() => !ready())
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: Number.MAX_SAFE_INTEGER,
    forceCloseConnections: 'idle',
    trustProxy,
    schemaController: { compilersFactory: { buildValidator: none, buildSerializer: none } },
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: headerBytes },
    rewriteUrl: ({ url = '/' }) => decodable(url),
    serverFactory: (handler) =>
      createServer(
        {
          maxHeaderSize: headerBytes,
          // A slow upload of gigabytes is no attack; what stands still is cut off by the body's own idle limit.
          requestTimeout: 0,
          headersTimeout: Math.min(longestHeadersMs, settings.bodyIdleMs),
          connectionsCheckingInterval: 1000,
          keepAliveTimeout: 65_000,
        },
        (request, reply) => {
          hideContentType(request)
          hearing.hearOut(request, reply)
          handler(request, reply)
        },
      ),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  // Hooks that wait for nothing call back: a promise for each would cost every request more than the hook does.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    if (onAnswer) reply.raw.once('close', () => onAnswer(answerOf(request, reply)))
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Otherwise a stopping server would wait for the client to let the connection go.
    if (!ready()) reply.header('connection', 'close')
    done(null, payload)
  })
  const logs = log.isLevelEnabled('info')
  app.addHook('onResponse', (request, reply, done) => {
    if (logs) {
      const { method, path, ms } = answerOf(request, reply)
      request.log.info({ method, url: path, status: reply.statusCode, ms }, 'request')
    }
    done()
  })
  const closeUntouched = untouchedConnections(app.server)
  app.addHook('preClose', async () => {
    closeUntouched()
    hearing.close()
  })

  app.setNotFoundHandler((request, reply) => {
    reply
      .code(404)
      .send({ error: { code: 'not_found', message: `no route ${request.method} ${redactUrl(request.url)}` } })
  })
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    const message =
      status >= 500
        ? 'the server failed; the log has it under the request id'
        : String((error as Error).message)
    reply
      .code(status)
      .send({ error: { code: status >= 500 ? 'internal' : 'invalid', message }, requestId: request.id })
  })

  app.register((scope) => operations(scope, { engine, ready }))
  app.register((scope) => api(scope, { engine, more: sandbox?.controls }), { prefix: '/api/v1' })
  for (const [name, routes] of mountings(stores)) {
    app.register(async (scope) => {
      sandbox?.prepare(scope, name)
      await routes(scope, { engine, settings })
    })
  }
  await app.ready()
  return app
}

function answerOf({ method, host, url }: FastifyRequest, reply: FastifyReply): Answer {
  const status = reply.raw.writableFinished ? reply.statusCode : 0
  return { method, host, path: redactUrl(url), status, ms: Math.round(reply.elapsedTime * 10) / 10 }
}

/**
 * A path whose percent signs mean nothing is taken as it stands, so that the store it is for answers it and not
 * the framework.
 */
function decodable(url: string): string {
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  if (!path.includes('%')) return url
  try {
    decodeURIComponent(path)
    return url
  } catch {
    return path.replaceAll('%', '%25') + (question < 0 ? '' : url.slice(question))
  }
}

/** Schemas are checked by whoever declares them; loading the framework's own compilers costs 6 MiB and 40 ms. */
function none(): never {
  throw new Error('this scope has no schema compiler of its own')
}

/** Every store's routes, and the protocols they share once, by name. */
function mountings(stores: readonly Store[]): Map<string, Routes> {
  return new Map([
    ...stores.map((store): [string, Routes] => [store.spec.store, store.routes]),
    ...stores.flatMap((store) => store.protocols.map(({ name, routes }): [string, Routes] => [name, routes])),
  ])
}

function statusOf(error: unknown): number {
  const { statusCode } = error as { statusCode?: unknown }
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500
}
