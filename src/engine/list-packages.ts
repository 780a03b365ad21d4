import * as packages from '../storage/packages.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { getProduct } from './get-product.ts'
import type { Actor, Package } from './types.ts'

/**
 * A product's packages with their facts and findings, the newest first.
 * @throws EngineError `not_found`
 */
export async function listPackages(
  context: Context,
  actor: Actor,
  page: { productId: string; limit: number },
): Promise<Package[]> {
  const product = await getProduct(context, actor, page.productId)
  return context.database.read((tx) => packages.byProduct(tx, product.id, page.limit))
}

/** @throws EngineError `not_found`, also for a package of another account */
export async function getPackage(context: Context, actor: Actor, id: string): Promise<Package> {
  const pack = await context.database.read((tx) => packages.get(tx, id))
  if (!pack) throw new EngineError('not_found', 'no such package', { target: 'package' })
  await getProduct(context, actor, pack.productId)
  return pack
}
