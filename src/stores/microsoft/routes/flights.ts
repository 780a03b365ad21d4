import type { FastifyInstance } from 'fastify'
import { EngineError } from '../../../engine/index.ts'
import type { Mounting } from '../../store.ts'
import { authenticateClient } from '../auth.ts'
import { flightData, flightWish, ranks } from '../flights.ts'
import { readJson } from '../request-body.ts'
import { toWireFlight } from '../wire-products.ts'
import { appOf, flightOf, type Ids } from './addresses.ts'
import { sendJson, sendNothing } from './replies.ts'

/** Package flights themselves; there is no way to change one (microsoft-store.md 1.4). */
export function flightRoutes(app: FastifyInstance, mounting: Mounting): void {
  const { engine, settings } = mounting

  app.post<{ Params: Ids }>('/applications/:applicationId/flights', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const wish = flightWish(await readJson(request, settings.bodyIdleMs))
    let rankHigherThan = ''
    // A flight comes with its first submission, against the documentation's note (microsoft-store.md 7-8).
    const flight = await engine.createTrack(actor, {
      product: appOf(request.params),
      kind: 'flight',
      name: wish.friendlyName,
      data: {},
      decide: (others) => {
        const data = flightData(wish, others)
        rankHigherThan = ranks([...others, { id: '', data: { ...data } }]).get('') ?? ''
        return { ...data }
      },
      draft: 'flight',
    })
    return sendJson(reply, 201, toWireFlight(flight, rankHigherThan))
  })

  app.get<{ Params: Ids }>('/applications/:applicationId/flights/:flightId', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const { product, trackId } = flightOf(request.params)
    const flights = await engine.listTracks(actor, { product, kind: 'flight' })
    const flight = flights.find(({ track }) => track.id === trackId)
    if (!flight) throw new EngineError('not_found', 'no such flight', { target: 'track' })
    const ranked = ranks(flights.map(({ track }) => track))
    return sendJson(reply, 200, toWireFlight(flight, ranked.get(trackId) ?? ''))
  })

  app.delete<{ Params: Ids }>('/applications/:applicationId/flights/:flightId', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    await engine.deleteTrack(actor, flightOf(request.params))
    return sendNothing(reply)
  })
}
