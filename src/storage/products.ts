import type { Product } from '../engine/types.ts'
import type { Tx } from './database.ts'

export async function insert(tx: Tx, product: Product): Promise<void> {
  await tx.db.insertInto('product').values(product).execute()
}

/** The account is part of the question: another account's product does not exist. */
export async function find(tx: Tx, accountId: string, id: string): Promise<Product | undefined> {
  return tx.db
    .selectFrom('product')
    .selectAll()
    .where('id', '=', id)
    .where('accountId', '=', accountId)
    .executeTakeFirst()
}

/** Whoever it belongs to; for jobs, which act for nobody. */
export async function get(tx: Tx, id: string): Promise<Product | undefined> {
  return tx.db.selectFrom('product').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function list(
  tx: Tx,
  accountId: string,
  page: { after: string; limit: number; store?: string },
): Promise<Product[]> {
  let query = tx.db.selectFrom('product').selectAll().where('accountId', '=', accountId)
  if (page.store !== undefined) query = query.where('store', '=', page.store)
  return query.where('id', '>', page.after).orderBy('id').limit(page.limit).execute()
}

export async function adoptIdentity(tx: Tx, id: string, identity: string): Promise<void> {
  await tx.db.updateTable('product').set({ identity }).where('id', '=', id).execute()
}
