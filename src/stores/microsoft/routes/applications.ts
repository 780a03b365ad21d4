import type { FastifyInstance } from 'fastify'
import type { Mounting } from '../../store.ts'
import { authenticateClient } from '../auth.ts'
import { ranks } from '../flights.ts'
import { pageOf, type Query, toWirePage } from '../paging.ts'
import { toWireApplication, toWireFlight } from '../wire-products.ts'
import { appOf, type Ids } from './addresses.ts'
import { sendJson } from './replies.ts'

/** Apps and what belongs to them (microsoft-store.md 1.1). */
export function applicationRoutes(app: FastifyInstance, mounting: Mounting): void {
  const { engine } = mounting

  app.get<{ Querystring: Query }>('/applications', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const page = pageOf(request.query)
    const { items, total } = await engine.pageProducts(actor, { store: 'microsoft', kind: 'app', ...page })
    return sendJson(reply, 200, toWirePage('applications?', page, items.map(toWireApplication), total))
  })

  app.get<{ Params: Ids }>('/applications/:applicationId', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const state = await engine.describeProduct(actor, appOf(request.params))
    return sendJson(reply, 200, toWireApplication(state))
  })

  app.get<{ Params: Ids; Querystring: Query }>(
    '/applications/:applicationId/listinappproducts',
    async (request, reply) => {
      const actor = await authenticateClient(mounting, request)
      const page = pageOf(request.query)
      const parent = appOf(request.params)
      const filter = { store: 'microsoft', kind: 'add-on', parent, ...page }
      const { items, total } = await engine.pageProducts(actor, filter)
      const addOns = items.map(({ product }) => ({ inAppProductId: product.id }))
      const path = `applications/${parent.id}/listinappproducts/?`
      return sendJson(reply, 200, toWirePage(path, page, addOns, total))
    },
  )

  app.get<{ Params: Ids; Querystring: Query }>(
    '/applications/:applicationId/listflights',
    async (request, reply) => {
      const actor = await authenticateClient(mounting, request)
      const page = pageOf(request.query)
      const product = appOf(request.params)
      const flights = await engine.listTracks(actor, { product, kind: 'flight' })
      const ranked = ranks(flights.map(({ track }) => track))
      const shown = flights
        .slice(page.skip, page.skip + page.limit)
        .map((flight) => toWireFlight(flight, ranked.get(flight.track.id) ?? ''))
      const path = `applications/${product.id}/listflights/?`
      return sendJson(reply, 200, toWirePage(path, page, shown, flights.length))
    },
  )
}
