import * as submissions from '../storage/submissions.ts'
import * as table from '../storage/tracks.ts'
import { type Context, specOf } from './context.ts'
import { trackOf } from './create-submission.ts'
import { namedProduct, type ProductAddress, type TrackState, trackState } from './describe-product.ts'
import { EngineError } from './errors.ts'
import { openDraft } from './open-draft.ts'
import { at, record } from './record.ts'
import type { Actor, Content, Track } from './types.ts'

export interface CreateTrack {
  readonly product: ProductAddress
  readonly kind: Exclude<Track['kind'], 'main'>
  readonly name: string
  readonly data: Content
  /** Minted as the store mints product ids when absent. */
  readonly id?: string
  /** Looked at in the same transaction: throws to refuse, or gives the data to store. */
  readonly decide?: (others: readonly Track[]) => Content
  /** Opens a draft of this lifecycle on it at once. */
  readonly draft?: string
}

/**
 * Adds a line of releases to a product.
 * @throws EngineError `not_found`, `forbidden` (another account's product); what `decide` throws
 */
export async function createTrack(context: Context, actor: Actor, wish: CreateTrack): Promise<TrackState> {
  return context.database.write(async (tx) => {
    const product = await namedProduct(tx, actor, wish.product)
    const others = await table.byProduct(tx, product.id, wish.kind)
    const track: Track = {
      id: wish.id ?? specOf(context, product.store).mintId('track', context.random),
      productId: product.id,
      kind: wish.kind,
      name: wish.name,
      data: wish.decide ? wish.decide(others) : wish.data,
      createdAt: Math.max(context.clock.now(), (others.at(-1)?.createdAt ?? 0) + 1),
    }
    await table.insert(tx, track)
    await record(context, tx, { ...at(product), type: 'track.created', data: { trackId: track.id } })
    if (wish.draft !== undefined) await openDraft(context, tx, product, track, { lifecycle: wish.draft })
    return trackState(tx, track)
  })
}

export interface TrackAddress {
  readonly product: ProductAddress
  readonly trackId: string
}

/**
 * A line of releases and where it stands.
 * @throws EngineError `not_found` (product or track), `forbidden` (another account's product)
 */
export async function getTrack(context: Context, actor: Actor, address: TrackAddress): Promise<TrackState> {
  return context.database.read(async (tx) => {
    const product = await namedProduct(tx, actor, address.product)
    return trackState(tx, await trackOf(tx, product, address.trackId))
  })
}

/**
 * A product's lines of releases of one kind, the oldest first.
 * @throws EngineError `not_found`, `forbidden` (another account's product)
 */
export async function listTracks(
  context: Context,
  actor: Actor,
  { product: address, kind }: { product: ProductAddress; kind: Track['kind'] },
): Promise<TrackState[]> {
  return context.database.read(async (tx) => {
    const product = await namedProduct(tx, actor, address)
    const states: TrackState[] = []
    for (const track of await table.byProduct(tx, product.id, kind)) states.push(await trackState(tx, track))
    return states
  })
}

/**
 * Removes a line of releases with its drafts and failures.
 * @throws EngineError `not_found`, `forbidden`, `wrong_state` while something of it is on its way
 */
export async function deleteTrack(context: Context, actor: Actor, address: TrackAddress): Promise<void> {
  await context.database.write(async (tx) => {
    const product = await namedProduct(tx, actor, address.product)
    const track = await trackOf(tx, product, address.trackId)
    if (await submissions.inPhase(tx, track.id, 'moving')) {
      throw new EngineError('wrong_state', 'a submission is on its way', { target: 'track' })
    }
    await submissions.removeAllOfTrack(tx, track.id)
    await table.remove(tx, track.id)
    await record(context, tx, { ...at(product), type: 'track.deleted', data: { trackId: track.id } })
  })
}
