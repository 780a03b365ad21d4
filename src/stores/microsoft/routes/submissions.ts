import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Submission } from '../../../engine/index.ts'
import { blobOrigin, uploadUrl } from '../../../protocols/block-blob.ts'
import type { Mounting } from '../../store.ts'
import { authenticateClient } from '../auth.ts'
import { documentsOf, type SubmissionKind } from '../document/documents.ts'
import { parameter, type Query } from '../paging.ts'
import { refusals } from '../refusals.ts'
import { readJson } from '../request-body.ts'
import { isRollingOut } from '../rollout.ts'
import { toWireStatus } from '../wire-status.ts'
import { minimal, toWireSubmission } from '../wire-submissions.ts'
import { type Ids, type ProductOf, submissionIdOf } from './addresses.ts'
import { originOf, sendJson, sendNothing } from './replies.ts'

/** One of the three resources that have submissions. */
export interface SubmissionRoutes {
  readonly kind: SubmissionKind
  /** The path of the resource, such as `/applications/:applicationId`. */
  readonly path: string
  /** @throws EngineError `not_found` */
  readonly of: (ids: Ids) => { readonly product: ProductOf; readonly trackId?: string }
}

type Request = FastifyRequest<{ Params: Ids }>

/** The six methods of submissions (microsoft-store.md 1.2, 1.5, 1.7). */
export function submissionRoutes(app: FastifyInstance, mounting: Mounting, routes: SubmissionRoutes): void {
  const { engine, settings } = mounting
  const { kind } = routes
  const one = `${routes.path}/submissions/:submissionId`
  const addressOf = (request: Request) => {
    const { product, trackId = product.id } = routes.of(request.params)
    return { id: submissionIdOf(request.params), product, trackId }
  }

  createRoute(app, mounting, routes)

  app.get<{ Params: Ids }>(one, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const submission = await engine.findSubmission(actor, addressOf(request))
    return sendJson(reply, 200, await toWire(mounting, request, kind, submission))
  })

  app.get<{ Params: Ids }>(`${one}/status`, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const submission = await engine.findSubmission(actor, addressOf(request))
    return sendJson(reply, 200, toWireStatus(submission, originOf(request)))
  })

  app.put<{ Params: Ids }>(one, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const body = await readJson(request, settings.bodyIdleMs)
    const { submission } = await engine.editSubmission(actor, {
      ...addressOf(request),
      action: 'update',
      edit: (draft) => {
        refusePortalDraft(draft)
        if (body === undefined) throw refusals.invalid('submission', 'The request body is missing')
        return { content: documentsOf(kind).update(draft.content, body), result: undefined }
      },
    })
    return sendJson(reply, 200, await toWire(mounting, request, kind, submission))
  })

  app.post<{ Params: Ids }>(`${one}/commit`, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    await readJson(request, settings.bodyIdleMs)
    const { submission } = await engine.commitSubmission(actor, {
      ...addressOf(request),
      unless: refusePortalDraft,
    })
    return sendJson(reply, 202, { status: submission.step })
  })

  app.delete<{ Params: Ids }>(one, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    await engine.actOnSubmission(actor, {
      ...addressOf(request),
      action: 'delete',
      unless: refusePortalDraft,
    })
    return sendNothing(reply)
  })
}

/** Creation on its own: one document spells its path without `/my`. */
export function createRoute(
  app: FastifyInstance,
  mounting: Mounting,
  { kind, path, of }: SubmissionRoutes,
): void {
  const { engine, settings } = mounting
  app.post<{ Params: Ids; Querystring: Query }>(`${path}/submissions`, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const body = await readJson(request, settings.bodyIdleMs)
    if (body !== undefined && kind !== 'flight') refuseWithoutListings(body)
    const { product, trackId } = of(request.params)
    const draft = await engine.createSubmission(actor, product, {
      ...(trackId === undefined ? {} : { trackId }),
      lifecycle: kind,
      unless: (state) => refuseSibling(kind, state),
    })
    const wire = await toWire(mounting, request, kind, draft)
    const wantsLittle = parameter(request.query, 'isMinimalResponse')?.toLowerCase() === 'true'
    return sendJson(reply, 201, wantsLittle ? minimal(wire) : wire)
  })
}

/** A create with a body is judged as if it were a submission (microsoft-store.md 3.3). */
function refuseWithoutListings(body: unknown): void {
  const listings = Object.entries(body as object).find(([name]) => name.toLowerCase() === 'listings')?.[1]
  const isListed = typeof listings === 'object' && listings !== null && Object.keys(listings).length > 0
  if (!isListed) throw refusals.emptyListings('Listings')
}

/** When there can be no new submission (microsoft-store.md 3.3). */
function refuseSibling(
  kind: SubmissionKind,
  { newest, live }: { newest: Submission | undefined; live: Submission | undefined },
): void {
  if (newest && ['draft', 'moving', 'failed'].includes(newest.phase)) {
    throw kind === 'add-on' ? refusals.pendingAddOnSubmission() : refusals.pendingSubmission()
  }
  if (!live) {
    if (kind === 'app') throw refusals.neverPublished()
    return
  }
  if (kind !== 'add-on' && isRollingOut(live)) throw refusals.rolloutInProgress()
}

/** Drafts that were made in the portal have no place for a client to upload to. */
function refusePortalDraft({ phase, uploadId }: Submission): void {
  if (phase === 'draft' && uploadId === null) throw refusals.portalDraft()
}

async function toWire(
  { engine }: Mounting,
  request: FastifyRequest,
  kind: SubmissionKind,
  submission: Submission,
): Promise<{ readonly [member: string]: unknown }> {
  const { uploadId } = submission
  const fileUploadUrl =
    uploadId === null
      ? null
      : await uploadUrl(engine, { uploadId, origin: blobOrigin(request), permissions: 'rwl' })
  return toWireSubmission[kind](submission, { origin: originOf(request), fileUploadUrl })
}
