import * as products from '../storage/products.ts'
import type { Context } from './context.ts'
import type { Actor, Product } from './types.ts'
import { visibleProduct } from './visible.ts'

/** @throws EngineError `not_found`, also for another account's product */
export async function getProduct(context: Context, actor: Actor, id: string): Promise<Product> {
  return context.database.read((tx) => visibleProduct(tx, actor, id))
}

/** The account's products by id, after one; empty past the last. */
export async function listProducts(
  context: Context,
  actor: Actor,
  page: { after: string; limit: number; store?: string },
): Promise<Product[]> {
  return context.database.read((tx) => products.list(tx, actor.accountId, page))
}
