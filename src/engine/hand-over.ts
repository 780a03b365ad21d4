import * as accounts from '../storage/accounts.ts'
import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import * as uploads from '../storage/uploads.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { mintUuid } from './random.ts'
import { at, record } from './record.ts'
import type { Gift } from './store-spec.ts'
import type { Product, Submission } from './types.ts'

/** Most accounts among which a receiver is looked for. */
const mostAccounts = 10_000

/**
 * Gives a copy of what a published submission belongs to to another account, where the store's spec says so: the
 * receiver gets a product of its own, once, with the submission, its packages and what is made of it.
 */
export async function handOver(context: Context, tx: Tx, published: Submission): Promise<void> {
  const { handsOver } = specOf(context, published.store)
  if (!handsOver || published.parentId === null) return
  const product = await products.get(tx, published.productId)
  const given = await submissions.get(tx, published.parentId)
  const gift = product && given && handsOver({ product, submission: published, given })
  if (!gift) return
  const all = await accounts.list(tx, { after: '', limit: mostAccounts })
  const receiver = all.find(({ id }) => id !== product.accountId && gift.isFor(id))
  if (!receiver) return
  const { received, trackId } = await receive(context, tx, receiver.id, product, gift)
  const known = await submissions.list(tx, received.id, { after: null, limit: 1000 })
  if (known.some(({ clonedFrom }) => clonedFrom === given.id)) return
  await copySubmission(context, tx, { received, trackId, given, purposes: gift.purposes })
}

/** The receiver's product, made when this is the first of it that arrives. */
async function receive(context: Context, tx: Tx, accountId: string, source: Product, { data }: Gift) {
  const { store, kind, name } = source
  const spec = specOf(context, store)
  const now = context.clock.now()
  const page = { after: '', limit: 1, store, kind, parentId: source.id }
  const [known] = await products.list(tx, accountId, page)
  const id = known?.id ?? spec.mintId('product', context.random)
  const received: Product = known ?? {
    ...{ id, accountId, store, kind, name, data },
    identity: source.identity,
    parentId: source.id,
    createdAt: now,
  }
  const trackId = known ? spec.mintId('track', context.random) : id
  if (!known) {
    await products.insert(tx, received)
    await record(context, tx, { ...at(received), type: 'product.created', data: { kind, name } })
  }
  await tracks.insert(tx, {
    id: trackId,
    productId: id,
    kind: known ? 'side' : 'main',
    name: '',
    data: {},
    createdAt: now,
  })
  return { received, trackId }
}

interface Copy {
  readonly received: Product
  readonly trackId: string
  readonly given: Submission
  readonly purposes: readonly string[]
}

async function copySubmission(context: Context, tx: Tx, { received, trackId, given, purposes }: Copy) {
  const now = context.clock.now()
  const copy: Submission = {
    ...given,
    id: specOf(context, given.store).mintId('submission', context.random),
    productId: received.id,
    trackId,
    accountId: received.accountId,
    parentId: null,
    clonedFrom: given.id,
    uploadId: null,
    createdAt: now,
    updatedAt: now,
    stepAt: now,
    publishedAt: now,
  }
  await submissions.insert(tx, copy)
  const own = await packages.ofSubmission(tx, given.id)
  await packages.setOfSubmission(
    tx,
    copy.id,
    own.map(({ id }) => id),
  )
  for (const upload of await uploads.allOfSubmission(tx, given.id)) {
    if (!purposes.includes(upload.purpose)) continue
    const id = mintUuid(context.random)
    await uploads.insert(tx, { ...upload, id, accountId: received.accountId, submissionId: copy.id })
  }
  await record(context, tx, {
    ...at(copy),
    type: 'submission.created',
    submissionId: copy.id,
    data: { step: copy.step, clonedFrom: given.id },
  })
}
