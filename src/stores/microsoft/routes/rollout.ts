import type { FastifyInstance } from 'fastify'
import type { Mounting } from '../../store.ts'
import { authenticateClient } from '../auth.ts'
import { parameter, type Query } from '../paging.ts'
import { refusals } from '../refusals.ts'
import { readJson } from '../request-body.ts'
import { changeRollout, type RolloutChange, rolloutOf } from '../rollout.ts'
import { type Ids, submissionIdOf } from './addresses.ts'
import { sendJson } from './replies.ts'
import type { SubmissionRoutes } from './submissions.ts'

/** The four methods of gradual rollout, the same for apps and flights (microsoft-store.md 1.3). */
export function rolloutRoutes(app: FastifyInstance, mounting: Mounting, routes: SubmissionRoutes): void {
  const { engine, settings } = mounting
  const one = `${routes.path}/submissions/:submissionId`
  const addressOf = (ids: Ids) => {
    const { product, trackId = product.id } = routes.of(ids)
    return { id: submissionIdOf(ids), product, trackId }
  }

  app.get<{ Params: Ids }>(`${one}/packagerollout`, async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const submission = await engine.findSubmission(actor, addressOf(request.params))
    return sendJson(reply, 200, rolloutOf(submission))
  })

  for (const [name, changeOf] of Object.entries(changes)) {
    app.post<{ Params: Ids; Querystring: Query }>(`${one}/${name}`, async (request, reply) => {
      const actor = await authenticateClient(mounting, request)
      await readJson(request, settings.bodyIdleMs)
      const change = changeOf(request.query)
      const { result } = await engine.editSubmission(actor, {
        ...addressOf(request.params),
        action: 'rollout',
        edit: (submission) => changeRollout(submission, change),
      })
      return sendJson(reply, 200, result)
    })
  }
}

const changes: { readonly [name: string]: (query: Query) => RolloutChange } = {
  updatepackagerolloutpercentage: (query) => ({ percentage: percentageOf(query) }),
  haltpackagerollout: () => 'halt',
  finalizepackagerollout: () => 'finalize',
}

function percentageOf(query: Query): number {
  const text = parameter(query, 'percentage') ?? ''
  const percentage = /^\d{1,3}(?:\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN
  if (!(percentage >= 0 && percentage <= 100)) {
    throw refusals.invalid('percentage', 'Percentage must be a number from 0 to 100')
  }
  return percentage
}
