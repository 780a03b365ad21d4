import type { Engine } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { type Api, operation } from './operation.ts'
import { page } from './page.ts'
import { CreateProduct, NoQuery, Product, ProductPage, ProductParams, ProductQuery } from './schema.ts'
import { toWireProduct } from './wire.ts'

export function products(api: Api, engine: Engine): void {
  api.post(
    '/products',
    operation(
      {
        id: 'createProduct',
        tag: 'Products',
        summary: 'Reserve a product',
        description: 'It belongs to the account of the token.',
        errors: ['unsupported', 'conflict'],
        headers: { Location: 'Where the product is.' },
      },
      { querystring: NoQuery, body: CreateProduct, response: { 201: Product } },
    ),
    async (request, reply) => {
      const product = await engine.createProduct(actorOf(request), request.body)
      reply.header('location', `${api.prefix}/products/${encodeURIComponent(product.id)}`)
      return reply.code(201).send(toWireProduct(product))
    },
  )

  api.get(
    '/products',
    operation(
      { id: 'listProducts', tag: 'Products', summary: 'List the account’s products' },
      { querystring: ProductQuery, response: { 200: ProductPage } },
    ),
    async (request) => {
      const { after = '', limit, ...filter } = request.query
      return page(
        limit,
        (size) => engine.listProducts(actorOf(request), { after, limit: size, ...filter }),
        (product) => product.id,
        toWireProduct,
      )
    },
  )

  api.get(
    '/products/:productId',
    operation(
      { id: 'getProduct', tag: 'Products', summary: 'Get a product', errors: ['not_found'] },
      { querystring: NoQuery, params: ProductParams, response: { 200: Product } },
    ),
    async (request) => toWireProduct(await engine.getProduct(actorOf(request), request.params.productId)),
  )
}
