import type { Engine } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { type Api, operation } from './operation.ts'
import { pageOfAll } from './page.ts'
import { NoQuery, Package, PackagePage, PackageParams, PageQuery, ProductParams } from './schema.ts'
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
      { querystring: PageQuery, params: ProductParams, response: { 200: PackagePage } },
    ),
    async (request) => {
      const { productId } = request.params
      const listed = await engine.listPackages(actorOf(request), { productId, limit: listable })
      return pageOfAll(request.query, listed, toWirePackage)
    },
  )

  api.get(
    '/packages/:packageId',
    operation(
      { id: 'getPackage', tag: 'Packages', summary: 'Get a package', errors: ['not_found'] },
      { querystring: NoQuery, params: PackageParams, response: { 200: Package } },
    ),
    async (request) => toWirePackage(await engine.getPackage(actorOf(request), request.params.packageId)),
  )
}
