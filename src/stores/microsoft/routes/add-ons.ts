import type { FastifyInstance } from 'fastify'
import type { Mounting } from '../../store.ts'
import { addOnWish, refuseTwin } from '../add-ons.ts'
import { authenticateClient } from '../auth.ts'
import { pageOf, type Query, toWirePage } from '../paging.ts'
import { readJson } from '../request-body.ts'
import { toWireAddOn } from '../wire-products.ts'
import { addOnOf, appOf, type Ids } from './addresses.ts'
import { sendJson, sendNothing } from './replies.ts'

/** Without parameters the documentation promises all add-ons (microsoft-store.md 1.6). */
const all = 10_000

export function addOnRoutes(app: FastifyInstance, mounting: Mounting): void {
  const { engine, settings } = mounting

  app.get<{ Querystring: Query }>('/inappproducts', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const page = pageOf(request.query, all)
    const { items, total } = await engine.pageProducts(actor, { store: 'microsoft', kind: 'add-on', ...page })
    return sendJson(reply, 200, toWirePage('inappproducts/?', page, items.map(toWireAddOn), total))
  })

  app.post('/inappproducts', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    const wish = addOnWish(await readJson(request, settings.bodyIdleMs))
    const { productId, productType } = wish
    const product = await engine.createProduct(actor, {
      store: 'microsoft',
      kind: 'add-on',
      name: productId,
      parent: appOf(wish),
      data: { productId, productType },
      unless: (siblings) => refuseTwin(wish, siblings),
    })
    return sendJson(reply, 201, toWireAddOn({ product, live: null, pending: null }))
  })

  app.get<{ Params: Ids }>('/inappproducts/:addOnId', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    return sendJson(reply, 200, toWireAddOn(await engine.describeProduct(actor, addOnOf(request.params))))
  })

  app.delete<{ Params: Ids }>('/inappproducts/:addOnId', async (request, reply) => {
    const actor = await authenticateClient(mounting, request)
    await engine.deleteProduct(actor, addOnOf(request.params))
    return sendNothing(reply)
  })
}
