import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import type { Context, Tx } from './context.ts'
import { EngineError } from './errors.ts'
import type { Actor, Product, Submission, Track } from './types.ts'
import { sees } from './visible.ts'

/** A line of releases and where it stands. */
export interface TrackState {
  readonly track: Track
  /** What customers have. */
  readonly live: Submission | null
  /** A draft, what is on its way, or what failed and was not deleted yet. */
  readonly pending: Submission | null
  /** When its first release was published; null before. */
  readonly firstPublishedAt: number | null
}

export interface ProductState extends TrackState {
  readonly product: Product
}

export interface ProductAddress {
  readonly store: string
  readonly kind?: string
  readonly id: string
  /**
   * In stores where products go by other names, too: `id` may be the identity of one of the actor's products, or
   * what this says is a name of it.
   */
  readonly answersTo?: (product: Product, name: string) => boolean
}

/**
 * A product and where its main track stands.
 * @throws EngineError `not_found` with target `product` when nobody has it; `forbidden` with target `product`
 * when another account does
 */
export async function describeProduct(
  context: Context,
  actor: Actor,
  address: ProductAddress,
): Promise<ProductState> {
  return context.database.read(async (tx) => stateOf(tx, await namedProduct(tx, actor, address)))
}

/** @throws EngineError as {@link describeProduct} */
export async function namedProduct(tx: Tx, actor: Actor, address: ProductAddress): Promise<Product> {
  const { store, kind, id } = address
  const product = (await products.get(tx, id)) ?? (await byOtherName(tx, actor, address))
  if (!product || product.store !== store || (kind !== undefined && product.kind !== kind)) {
    throw new EngineError('not_found', 'no such product', { target: 'product' })
  }
  if (!sees(actor, product)) {
    throw new EngineError('forbidden', 'the product is another account’s', { target: 'product' })
  }
  return product
}

/** Names besides id and identity are looked through one by one: sandboxes have them, and few products. */
async function byOtherName(
  tx: Tx,
  { accountId }: Actor,
  { store, id, answersTo }: ProductAddress,
): Promise<Product | undefined> {
  if (!answersTo) return undefined
  const found = await products.byIdentity(tx, accountId, { store, identity: id })
  if (found) return found
  const all = await products.list(tx, accountId, { after: '', limit: mostNamed, store })
  return all.find((product) => answersTo(product, id))
}

const mostNamed = 1000

export interface ProductFilter {
  readonly store: string
  readonly kind?: string
  readonly parentId?: string
}

/**
 * One numbered page of the account's products, each with where its main track stands, and how many there are.
 * @throws EngineError as {@link describeProduct}, of the `parent` when one is named
 */
export async function pageProducts(
  context: Context,
  actor: Actor,
  {
    skip,
    limit,
    parent,
    ...wanted
  }: ProductFilter & { readonly parent?: ProductAddress; readonly skip: number; readonly limit: number },
): Promise<{ items: ProductState[]; total: number }> {
  return context.database.read(async (tx) => {
    const filter = parent ? { ...wanted, parentId: (await namedProduct(tx, actor, parent)).id } : wanted
    const items: ProductState[] = []
    for (const product of await products.listFrom(tx, actor.accountId, { ...filter, skip, limit })) {
      items.push(await stateOf(tx, product))
    }
    return { items, total: await products.count(tx, actor.accountId, filter) }
  })
}

/** The account's products by id after one, without their tracks. */
export async function productsAfter(
  context: Context,
  actor: Actor,
  page: ProductFilter & { readonly after: string; readonly limit: number },
): Promise<Product[]> {
  return context.database.read((tx) => products.list(tx, actor.accountId, page))
}

/** As {@link productsAfter}, each with where its main track stands. */
export async function productStatesAfter(
  context: Context,
  actor: Actor,
  page: ProductFilter & { readonly after: string; readonly limit: number },
): Promise<ProductState[]> {
  return context.database.read(async (tx) => {
    const states: ProductState[] = []
    for (const product of await products.list(tx, actor.accountId, page))
      states.push(await stateOf(tx, product))
    return states
  })
}

async function stateOf(tx: Tx, product: Product): Promise<ProductState> {
  return { product, ...(await trackState(tx, await tracks.main(tx, product.id))) }
}

export async function trackState(tx: Tx, track: Track): Promise<TrackState> {
  const newest = await submissions.newest(tx, track.id)
  const pending = newest && ['draft', 'moving', 'failed'].includes(newest.phase) ? newest : null
  const live = (await submissions.inPhase(tx, track.id, 'live')) ?? null
  return { track, live, pending, firstPublishedAt: await submissions.firstPublishedAt(tx, track.id) }
}
