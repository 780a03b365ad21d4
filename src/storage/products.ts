import type { Product } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import type { ProductRow } from './schema.ts'

export async function insert(tx: Tx, product: Product): Promise<void> {
  await tx.db.insertInto('product').values(toRow(product)).execute()
}

export async function save(tx: Tx, product: Product): Promise<void> {
  const { id, ...columns } = toRow(product)
  await tx.db.updateTable('product').set(columns).where('id', '=', id).execute()
}

export async function remove(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('product').where('id', '=', id).execute()
}

/** The account is part of the question: another account's product does not exist. */
export async function find(tx: Tx, accountId: string, id: string): Promise<Product | undefined> {
  const row = await tx.db
    .selectFrom('product')
    .selectAll()
    .where('id', '=', id)
    .where('accountId', '=', accountId)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The account's product whose packages claim to be this one. */
export async function byIdentity(
  tx: Tx,
  accountId: string,
  { store, identity }: { readonly store: string; readonly identity: string },
): Promise<Product | undefined> {
  const row = await tx.db
    .selectFrom('product')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('store', '=', store)
    .where('identity', '=', identity)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Whoever it belongs to; for jobs, which act for nobody. */
export async function get(tx: Tx, id: string): Promise<Product | undefined> {
  const [row] = await selectById(tx, id)
  return row && fromRow(row)
}

const selectById = compiled<ProductRow, [id: string]>((db, id) =>
  db.selectFrom('product').selectAll().where('id', '=', id),
)

export interface ProductPage {
  readonly after: string
  readonly limit: number
  readonly store?: string
  readonly kind?: string
  readonly parentId?: string
}

/** By id, after one. */
export async function list(tx: Tx, accountId: string, page: ProductPage): Promise<Product[]> {
  const rows = await matching(tx, accountId, page)
    .selectAll()
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(fromRow)
}

/** By id, skipping so many: for stores whose pages are numbered. */
export async function listFrom(
  tx: Tx,
  accountId: string,
  page: Omit<ProductPage, 'after'> & { readonly skip: number },
): Promise<Product[]> {
  const rows = await matching(tx, accountId, page)
    .selectAll()
    .orderBy('id')
    .limit(page.limit)
    .offset(page.skip)
    .execute()
  return rows.map(fromRow)
}

export async function count(
  tx: Tx,
  accountId: string,
  filter: Pick<ProductPage, 'store' | 'kind' | 'parentId'>,
): Promise<number> {
  const row = await matching(tx, accountId, filter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

function matching(tx: Tx, accountId: string, filter: Pick<ProductPage, 'store' | 'kind' | 'parentId'>) {
  let query = tx.db.selectFrom('product').where('accountId', '=', accountId)
  if (filter.store !== undefined) query = query.where('store', '=', filter.store)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (filter.parentId !== undefined) query = query.where('parentId', '=', filter.parentId)
  return query
}

export async function adoptIdentity(tx: Tx, id: string, identity: string): Promise<void> {
  await tx.db.updateTable('product').set({ identity }).where('id', '=', id).execute()
}

function toRow(product: Product): ProductRow {
  return { ...product, data: JSON.stringify(product.data) }
}

function fromRow(row: ProductRow): Product {
  return { ...row, data: JSON.parse(row.data) as Product['data'] }
}
