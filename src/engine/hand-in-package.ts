import * as products from '../storage/products.ts'
import * as tracks from '../storage/tracks.ts'
import * as uploads from '../storage/uploads.ts'
import { advance } from './advance.ts'
import { type Context, lifecycleOf, specOf } from './context.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
import { keepFile } from './keep-file.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { openDraft } from './open-draft.ts'
import { at, record } from './record.ts'
import type { Actor, Submission } from './types.ts'

export interface HandInPackage {
  readonly store: string
  /** A kind of product that is no more than one package. */
  readonly kind: string
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Takes a package that belongs to no product: one is made for it, with a submission that is handed in at once.
 * @throws EngineError `too_large`, `invalid` (no bytes)
 */
export async function handInPackage(
  context: Context,
  actor: Actor,
  { store, kind, name, bytes }: HandInPackage,
): Promise<Submission> {
  const spec = specOf(context, store)
  const file = await keepFile(context, actor, { bytes, maxBytes: spec.uploadBytes })
  if (file.size === 0) throw new EngineError('invalid', 'The body is empty. Send the package as the body.')
  return context.database.write(async (tx) => {
    await holdBlob(context, tx, file.sha256)
    const id = spec.mintId('product', context.random)
    const now = context.clock.now()
    const { accountId } = actor
    const product = {
      id,
      accountId,
      store,
      kind,
      name,
      identity: null,
      parentId: null,
      data: {},
      createdAt: now,
    }
    await products.insert(tx, product)
    const track = { id, productId: id, kind: 'main' as const, name: '', data: {}, createdAt: now }
    await tracks.insert(tx, track)
    await record(context, tx, { ...at(product), type: 'product.created', data: { kind, name } })
    const draft = await openDraft(context, tx, product, track)
    if (draft.uploadId === null) throw new EngineError('internal', `drafts of '${kind}' take no upload`)
    await uploads.setBytes(tx, draft.uploadId, { blob: file.sha256, size: file.size, at: now })
    const effect = effectOf(stepOf(lifecycleOf(context, draft), draft.step), 'commit')
    if (typeof effect !== 'object') throw new EngineError('internal', `'${kind}' cannot be handed in`)
    return advance(context, tx, draft, effect.to)
  })
}
