import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OperationKind } from '../../engine/index.ts'
import { readBody } from '../../protocols/body.ts'
import { contentTypeOf } from '../../protocols/content-type.ts'
import { passingBodyOf } from '../../protocols/passing-body.ts'
import type { Mounting, Routes } from '../store.ts'
import { authenticateClient } from './auth.ts'
import { EdgeRefusal, sendError } from './errors.ts'
import { readNotes } from './notes.ts'
import { toWireOperation } from './wire.ts'

/** Notes have no documented length; this only keeps a body from filling the memory. */
const notesBytes = 1024 * 1024

/** The client sends no file name; this one stands in the package and in the success message. */
const fileName = 'package.zip'

interface Ids {
  readonly productID: string
  readonly operationID: string
}

/** The four endpoints (edge-addons.md section 1), under `/v1` as clients call them and bare as documented. */
export const edgeRoutes: Routes = (app, mounting) => {
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  for (const prefix of ['/v1/products', '/products']) {
    app.register((scope) => endpoints(scope, mounting), { prefix })
  }
}

async function endpoints(app: FastifyInstance, mounting: Mounting): Promise<void> {
  const { engine, settings } = mounting
  app.setNotFoundHandler((_request, reply) => sendError(new EdgeRefusal('not_found'), reply))

  app.post<{ Params: Ids }>('/:productID/submissions/draft/package', async (request, reply) => {
    const actor = await authenticateClient(mounting, request.headers)
    const operation = await engine.uploadPackage(actor, {
      store: 'edge',
      productId: request.params.productID,
      fileName,
      bytes: packageBytes(request, settings.bodyIdleMs),
    })
    return accepted(reply, operation.id)
  })

  app.get<{ Params: Ids }>(
    '/:productID/submissions/draft/package/operations/:operationID',
    (request, reply) => poll(mounting, request, reply, 'upload'),
  )

  app.post<{ Params: Ids }>('/:productID/submissions', async (request, reply) => {
    const actor = await authenticateClient(mounting, request.headers)
    const body = await readBody(request.raw, notesBytes, settings.bodyIdleMs)
    const operation = await engine.publishDraft(actor, {
      store: 'edge',
      productId: request.params.productID,
      notes: readNotes(body.toString('utf8')),
    })
    return accepted(reply, operation.id)
  })

  app.get<{ Params: Ids }>('/:productID/submissions/operations/:operationID', (request, reply) =>
    poll(mounting, request, reply, 'publish'),
  )
}

/** The type is looked at when the bytes are, after the product: what is not yours is 404 first. */
async function* packageBytes(request: FastifyRequest, idleMs: number): AsyncGenerator<Uint8Array> {
  const type = contentTypeOf(request.raw)?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/zip') throw new EdgeRefusal('wrong_content_type')
  yield* passingBodyOf(request.raw, idleMs)
}

/** 202, empty, without a type; `Location` is the bare id, which clients paste into the next URL as it is. */
function accepted(reply: FastifyReply, operationId: string): FastifyReply {
  return reply.code(202).header('location', operationId).header('content-length', '0').send()
}

/** Documented as 200 always; the live service answers 202 while it runs (edge-addons.md 1.5). */
async function poll(
  mounting: Mounting,
  request: FastifyRequest<{ Params: Ids }>,
  reply: FastifyReply,
  kind: OperationKind,
): Promise<FastifyReply> {
  const actor = await authenticateClient(mounting, request.headers)
  const operation = await mounting.engine.getOperation(actor, {
    store: 'edge',
    productId: request.params.productID,
    operationId: request.params.operationID,
    kind,
  })
  return reply
    .code(operation.status === 'in_progress' ? 202 : 200)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(toWireOperation(operation)))
}
