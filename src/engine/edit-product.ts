import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import type { Context } from './context.ts'
import { namedProduct, type ProductAddress } from './describe-product.ts'
import { EngineError } from './errors.ts'
import { at, record } from './record.ts'
import type { Actor, Product, Submission } from './types.ts'

export interface EditProduct extends ProductAddress {
  /** Decides on the new name and data, inside the transaction: pure, and throws to refuse. */
  readonly edit: (
    product: Product,
    submissions: readonly Submission[],
  ) => Partial<Pick<Product, 'name' | 'data'>>
}

/** Most submissions of a product that a decision about it gets to see. */
const seen = 1000

/**
 * Changes a product by a pure decision of the store.
 * @throws EngineError `not_found`, `forbidden` (another account's); what `edit` throws
 */
export async function editProduct(
  context: Context,
  actor: Actor,
  { edit, ...address }: EditProduct,
): Promise<Product> {
  return context.database.write(async (tx) => {
    const product = await namedProduct(tx, actor, address)
    const changed = {
      ...product,
      ...edit(product, await submissions.list(tx, product.id, { after: null, limit: seen })),
    }
    await products.save(tx, changed)
    await record(context, tx, { ...at(changed), type: 'product.changed', data: { name: changed.name } })
    return changed
  })
}

/**
 * Removes a product that never had anything live.
 * @throws EngineError `not_found`, `forbidden` (another account's), `wrong_state` (it has submissions)
 */
export async function deleteProduct(context: Context, actor: Actor, address: ProductAddress): Promise<void> {
  await context.database.write(async (tx) => {
    const product = await namedProduct(tx, actor, address)
    const [any] = await submissions.list(tx, product.id, { after: null, limit: 1 })
    if (any) throw new EngineError('wrong_state', 'the product has submissions', { target: 'product' })
    const main = await tracks.main(tx, product.id)
    await tracks.remove(tx, main.id)
    await products.remove(tx, product.id)
    await record(context, tx, { ...at(product), type: 'product.changed', data: { deleted: true } })
  })
}
