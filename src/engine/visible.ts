import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import type { Tx } from './context.ts'
import { EngineError } from './errors.ts'
import type { Actor, Product, Submission } from './types.ts'

/** The boundary: an account sees what is its own, an operator sees everything. */
export function sees(actor: Actor, owned: { readonly accountId: string }): boolean {
  return owned.accountId === actor.accountId || actor.role === 'operator'
}

/** @throws EngineError `not_found` for what the actor does not see, as for what does not exist */
export async function visibleProduct(tx: Tx, actor: Actor, id: string): Promise<Product> {
  const product = await products.get(tx, id)
  if (!product || !sees(actor, product)) {
    throw new EngineError('not_found', 'no such product', { target: 'product' })
  }
  return product
}

/** @throws EngineError `not_found` for what the actor does not see, as for what does not exist */
export async function visibleSubmission(tx: Tx, actor: Actor, id: string): Promise<Submission> {
  const submission = await submissions.get(tx, id)
  if (!submission || !sees(actor, submission)) {
    throw new EngineError('not_found', 'no such submission', { target: 'submission' })
  }
  return submission
}
