import type { FastifyReply } from 'fastify'
import { toWireList } from '../links.ts'
import { pageOf, writeToken } from '../paging.ts'
import { editProduct, readNewProduct } from '../product-document.ts'
import { toWireProduct } from '../wire-product.ts'
import { type Call, send, sendEmpty } from './call.ts'

export async function listProducts({ engine, actor, query, address, reply }: Call): Promise<FastifyReply> {
  const { size, after } = pageOf(query)
  // One more than the page tells whether there is another.
  const page = { store: 'hardware', kind: 'driver', after, limit: size + 1 }
  const found = await engine.productStatesAfter(actor, page)
  const shown = found.slice(0, size)
  const last = shown.at(-1)?.product.id
  const self = `${address.base}/products?pageSize=${size}`
  const next =
    found.length > size && last !== undefined
      ? `${self}&continuationToken=${encodeURIComponent(writeToken(last))}`
      : undefined
  return send(
    reply,
    200,
    toWireList(
      shown.map((state) => toWireProduct(state, address)),
      self,
      next,
    ),
  )
}

export async function createProduct(call: Call): Promise<FastifyReply> {
  const { engine, actor, address, settings, reply } = call
  const { name, ...wish } = readNewProduct(await call.body(), settings.hardware.osCodes)
  const product = await engine.createProduct(actor, {
    store: 'hardware',
    kind: 'driver',
    name,
    data: { ...wish },
  })
  return send(reply, 201, toWireProduct({ product, live: null, pending: null }, address))
}

export async function getProduct({ engine, actor, address, reply, product }: Call): Promise<FastifyReply> {
  return send(reply, 200, toWireProduct(await engine.describeProduct(actor, product()), address))
}

export async function patchProduct(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const product = call.product()
  const body = await call.body()
  await engine.editProduct(actor, {
    ...product,
    edit: (current, submissions) => {
      const initial = submissions.find(({ lifecycle }) => lifecycle === 'driver')
      return editProduct(current, initial, body, { by: actor.accountId, now: engine.now() })
    },
  })
  return sendEmpty(reply, 204)
}
