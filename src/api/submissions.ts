import { type Engine, EngineError, type Finding } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { etagOf, revisionOf } from './etag.ts'
import { input, output, text } from './json-schema.ts'
import { type Api, operation } from './operation.ts'
import { page } from './page.ts'
import {
  Content,
  Deleted,
  NoQuery,
  PageQuery,
  ProductParams,
  Reject,
  Submission,
  SubmissionDetails,
  SubmissionPage,
  SubmissionParams,
} from './schema.ts'
import { toWireSubmission, toWireSubmissionDetails } from './wire.ts'

const etag = { ETag: 'The revision, for If-Match.' }
const Preconditions = output(
  {},
  {},
  { 'if-match': text({ description: 'Refuse unless this is the revision.' }) },
)

export function submissions(api: Api, engine: Engine): void {
  api.get(
    '/products/:productId/submissions',
    operation(
      {
        id: 'listSubmissions',
        tag: 'Submissions',
        summary: 'List a product’s submissions',
        errors: ['not_found'],
      },
      { querystring: PageQuery, params: ProductParams, response: { 200: SubmissionPage } },
    ),
    async (request) => {
      const { after = null, limit } = request.query
      const { productId } = request.params
      return page(
        limit,
        (size) => engine.listSubmissions(actorOf(request), { productId, after, limit: size }),
        ({ submission }) => submission.id,
        toWireSubmissionDetails,
      )
    },
  )

  api.post(
    '/products/:productId/submissions',
    operation(
      {
        id: 'createSubmission',
        tag: 'Submissions',
        summary: 'Open a draft',
        description: 'A copy of what the store copies for a new draft, packages included, or a blank one.',
        errors: ['not_found', 'conflict', 'wrong_state'],
        headers: { Location: 'Where the draft is.', ...etag },
      },
      { querystring: NoQuery, params: ProductParams, response: { 201: Submission } },
    ),
    async (request, reply) => {
      const draft = await engine.createSubmission(actorOf(request), request.params.productId, {
        byHand: true,
      })
      reply.header('location', `${api.prefix}/submissions/${encodeURIComponent(draft.id)}`)
      return reply.code(201).header('etag', etagOf(draft)).send(toWireSubmission(draft))
    },
  )

  api.get(
    '/submissions/:submissionId',
    operation(
      {
        id: 'getSubmission',
        tag: 'Submissions',
        summary: 'Get a submission with its packages',
        errors: ['not_found'],
        headers: etag,
      },
      { querystring: NoQuery, params: SubmissionParams, response: { 200: SubmissionDetails } },
    ),
    async (request, reply) => {
      const view = await engine.getSubmission(actorOf(request), request.params.submissionId)
      return reply.header('etag', etagOf(view.submission)).send(toWireSubmissionDetails(view))
    },
  )

  api.put(
    '/submissions/:submissionId/content',
    operation(
      {
        id: 'updateSubmission',
        tag: 'Submissions',
        summary: 'Replace a draft’s content',
        errors: ['not_found', 'wrong_state', 'stale'],
        headers: etag,
      },
      {
        querystring: NoQuery,
        params: SubmissionParams,
        headers: Preconditions,
        body: Content,
        response: { 200: Submission },
      },
    ),
    async (request, reply) => {
      const revision = revisionOf(request.headers['if-match'])
      const submission = await engine.updateSubmission(actorOf(request), {
        id: request.params.submissionId,
        content: request.body,
        ...(revision === undefined ? {} : { revision }),
      })
      return reply.header('etag', etagOf(submission)).send(toWireSubmission(submission))
    },
  )

  api.delete(
    '/submissions/:submissionId',
    operation(
      {
        id: 'deleteSubmission',
        tag: 'Submissions',
        summary: 'Delete a draft',
        errors: ['not_found', 'wrong_state'],
      },
      { querystring: NoQuery, params: SubmissionParams, response: { 204: Deleted } },
    ),
    async (request, reply) => {
      await engine.actOnSubmission(actorOf(request), { id: request.params.submissionId, action: 'delete' })
      return reply.code(204).send(null)
    },
  )

  decisions(api, engine)
}

const summaries = {
  approve: 'Approve a submission that is in review (operators)',
  cancel: 'Cancel a submission that is on its way',
  release: 'Release a submission that is held',
  unpublish: 'Take a live submission out of the store',
}

function decisions(api: Api, engine: Engine): void {
  for (const [name, summary] of Object.entries(summaries)) {
    const action = name as keyof typeof summaries
    api.post(
      `/submissions/:submissionId/${action}`,
      operation(
        {
          id: `${action}Submission`,
          tag: 'Submissions',
          summary,
          errors: ['not_found', 'wrong_state', ...(action === 'approve' ? (['forbidden'] as const) : [])],
        },
        {
          querystring: NoQuery,
          params: SubmissionParams,
          body: input({}, {}),
          response: { 200: Submission },
        },
      ),
      async (request) => {
        const decision = { id: request.params.submissionId, action }
        return toWireSubmission(await engine.actOnSubmission(actorOf(request), decision))
      },
    )
  }

  api.post(
    '/submissions/:submissionId/reject',
    operation(
      {
        id: 'rejectSubmission',
        tag: 'Submissions',
        summary: 'Reject a submission that is in review (operators)',
        errors: ['not_found', 'wrong_state', 'forbidden'],
      },
      { querystring: NoQuery, params: SubmissionParams, body: Reject, response: { 200: Submission } },
    ),
    async (request) => {
      const decision = {
        id: request.params.submissionId,
        action: 'reject',
        findings: reasons(request.body),
      } as const
      return toWireSubmission(await engine.actOnSubmission(actorOf(request), decision))
    },
  )
}

function reasons({ message, findings = [] }: Reject): Finding[] {
  const summary: Finding[] =
    message === undefined ? [] : [{ code: 'review-rejected', severity: 'error', message }]
  const all = [...summary, ...findings]
  if (all.length === 0) {
    throw new EngineError('invalid', 'say why: send a message or findings', { target: 'message' })
  }
  return all
}
