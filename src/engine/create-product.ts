import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { namedProduct, type ProductAddress } from './describe-product.ts'
import { EngineError } from './errors.ts'
import type { Step } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Product, Submission } from './types.ts'

export interface CreateProduct {
  readonly store: string
  readonly kind: string
  readonly name: string
  /** Minted when absent. */
  readonly id?: string
  /** A reserved identity; without one the product adopts that of the first package it publishes. */
  readonly identity?: string
  /** The product it belongs to, such as an add-on's app. */
  readonly parentId?: string
  /** As `parentId`, of a product that must be there and the actor's. */
  readonly parent?: ProductAddress
  /** Looked at in the same transaction, with what belongs to the same parent: throws to refuse. */
  readonly unless?: (siblings: readonly Product[]) => void
  /** The store's own document for the product itself. */
  readonly data?: Content
  /**
   * A release that was made before this server: the product counts as published, with this content. Stores
   * whose first release is made in their dashboard need it before their API can do anything.
   */
  readonly published?: Content
}

/** Most products of one parent that a decision gets to see. */
const mostSiblings = 1000

/**
 * Reserves a product with its main track.
 * @throws EngineError `unsupported` (store), `invalid` (kind, id), `conflict` (the id is taken), `not_found` or
 * `forbidden` (the parent); what `unless` throws
 */
export async function createProduct(context: Context, actor: Actor, input: CreateProduct): Promise<Product> {
  const spec = specOf(context, input.store)
  const kinds = spec.productKinds ?? Object.keys(spec.lifecycles)
  if (!kinds.includes(input.kind)) {
    throw new EngineError('invalid', `${input.store} has no '${input.kind}', only ${kinds.join(', ')}`, {
      target: 'kind',
    })
  }
  const id =
    input.id === undefined ? spec.mintId('product', context.random) : spec.readId('product', input.id)
  if (id === undefined) throw new EngineError('invalid', `'${input.id}' is no product id`, { target: 'id' })
  const product: Product = {
    id,
    accountId: actor.accountId,
    store: input.store,
    kind: input.kind,
    name: input.name,
    identity: input.identity ?? null,
    parentId: input.parent?.id ?? input.parentId ?? null,
    data: input.data ?? {},
    createdAt: context.clock.now(),
  }
  await context.database.write(async (tx) => {
    if (input.parent) await namedProduct(tx, actor, input.parent)
    const { parentId } = product
    if (parentId !== null) {
      input.unless?.(await products.list(tx, actor.accountId, { after: '', limit: mostSiblings, parentId }))
    }
    if (await products.get(tx, id))
      throw new EngineError('conflict', `product ${id} exists`, { target: 'id' })
    await products.insert(tx, product)
    await tracks.insert(tx, {
      id,
      productId: id,
      kind: 'main',
      name: '',
      data: {},
      createdAt: product.createdAt,
    })
    await record(context, tx, {
      ...at(product),
      type: 'product.created',
      data: { kind: product.kind, name: product.name },
    })
    if (input.published) await importRelease(context, tx, product, input.published)
  })
  return product
}

/** A submission that is live without ever having moved here: it was judged and published elsewhere. */
async function importRelease(context: Context, tx: Tx, product: Product, content: Content): Promise<void> {
  const spec = specOf(context, product.store)
  const findings = spec.readContent(product.kind, content)
  if (findings[0]) throw new EngineError('invalid', findings[0].message, { target: 'published' })
  const live = Object.entries(spec.lifecycles[product.kind]?.steps ?? {}).find(isLiveEnd)
  if (!live) throw new EngineError('internal', `no live step for '${product.kind}'`)
  const now = context.clock.now()
  const release: Submission = {
    id: spec.mintId('submission', context.random),
    productId: product.id,
    trackId: product.id,
    accountId: product.accountId,
    store: product.store,
    lifecycle: product.kind,
    step: live[0],
    phase: 'live',
    content: { ...spec.blank(product.kind), ...content },
    revision: 0,
    changed: false,
    verdict: null,
    findings: [],
    parentId: null,
    clonedFrom: null,
    uploadId: null,
    createdAt: now,
    updatedAt: now,
    stepAt: now,
    publishedAt: now,
  }
  await submissions.insert(tx, release)
  await packages.setOfSubmission(tx, release.id, [])
  await record(context, tx, {
    ...at(release),
    type: 'submission.created',
    submissionId: release.id,
    data: { step: release.step, clonedFrom: null, imported: true },
  })
}

function isLiveEnd([, step]: [string, Step]): boolean {
  return step.does === 'end' && step.phase === 'live'
}
