import { type Engine, EngineError, type Package } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { type Api, operation } from './operation.ts'
import { page } from './page.ts'
import * as schema from './schema.ts'
import { toWirePackage } from './wire.ts'

/** The engine lists from the newest on and takes no position to start after, so pages are cut from this many. */
const listable = 10_000

export function packages(api: Api, engine: Engine): void {
  api.get(
    '/products/:productId/packages',
    operation(
      {
        id: 'listPackages',
        tag: 'Packages',
        summary: 'List a product’s packages with what their inspection found',
        errors: ['not_found'],
      },
      { querystring: schema.PageQuery, params: schema.ProductParams, response: { 200: schema.PackagePage } },
    ),
    async (request) => {
      const { after, limit } = request.query
      const { productId } = request.params
      const listed = await engine.listPackages(actorOf(request), { productId, limit: listable })
      const rest = after === undefined ? listed : following(listed, after)
      return page(
        limit,
        async (size) => rest.slice(0, size),
        (pack) => pack.id,
        toWirePackage,
      )
    },
  )

  api.get(
    '/packages/:packageId',
    operation(
      { id: 'getPackage', tag: 'Packages', summary: 'Get a package', errors: ['not_found'] },
      { querystring: schema.NoQuery, params: schema.PackageParams, response: { 200: schema.Package } },
    ),
    async (request) => toWirePackage(await engine.getPackage(actorOf(request), request.params.packageId)),
  )
}

function following(listed: readonly Package[], after: string): readonly Package[] {
  const position = listed.findIndex((pack) => pack.id === after)
  if (position < 0)
    throw new EngineError('not_found', 'no such package to go on after', { target: 'package' })
  return listed.slice(position + 1)
}
