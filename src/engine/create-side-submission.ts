import * as packages from '../storage/packages.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import { type Context, specOf } from './context.ts'
import { namedProduct, type ProductAddress } from './describe-product.ts'
import { addressed } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { openDraft } from './open-draft.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Package, Product, Submission } from './types.ts'

/** What a decision about a submission beside the main line gets to see. */
export interface BesideState {
  readonly product: Product
  /** All submissions of the product, the oldest first. */
  readonly submissions: readonly Submission[]
  /** The one it is to belong to, else the newest of the main line; with what was judged of it. */
  readonly parent: Submission | null
  readonly parentPackages: readonly Package[]
}

export interface CreateSideSubmission {
  readonly product: ProductAddress
  /** The submission of the product that it is to belong to. */
  readonly parentId?: string
  readonly lifecycle: string
  /** Decides on its content, inside the transaction: pure, and throws to refuse. */
  readonly decide: (state: BesideState) => Content
}

/** Most submissions of a product that a decision about another gets to see. */
const seen = 1000

/**
 * Adds a submission on a line of its own to a product: one of many that move side by side, such as what is derived
 * of a submission, and its shipping labels.
 * @throws EngineError `not_found`, `forbidden` (another account's product), `conflict` (the parent is of another
 * product); what `decide` throws
 */
export async function createSideSubmission(
  context: Context,
  actor: Actor,
  { product: address, parentId, lifecycle, decide }: CreateSideSubmission,
): Promise<Submission> {
  return context.database.write(async (tx) => {
    const product = await namedProduct(tx, actor, address)
    const parent =
      parentId === undefined
        ? ((await submissions.newest(tx, (await tracks.main(tx, product.id)).id)) ?? null)
        : await addressed(tx, actor, { id: parentId, productId: product.id })
    const content = decide({
      product,
      submissions: await submissions.list(tx, product.id, { after: null, limit: seen }),
      parent,
      parentPackages: parent ? await packages.ofSubmission(tx, parent.id) : [],
    })
    const spec = specOf(context, product.store)
    if (!spec.lifecycles[lifecycle]) throw new EngineError('internal', `no lifecycle '${lifecycle}'`)
    const track = {
      id: spec.mintId('track', context.random),
      productId: product.id,
      kind: 'side' as const,
      name: '',
      data: {},
      createdAt: context.clock.now(),
    }
    await tracks.insert(tx, track)
    await record(context, tx, { ...at(product), type: 'track.created', data: { trackId: track.id } })
    return openDraft(context, tx, product, track, {
      lifecycle,
      fill: () => content,
      ...(parentId === undefined ? {} : { parentId }),
    })
  })
}
