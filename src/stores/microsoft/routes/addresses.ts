import { EngineError } from '../../../engine/index.ts'
import { readId } from '../ids.ts'

/** What the paths of this API name; which of them are there depends on the route. */
export interface Ids {
  readonly applicationId: string
  readonly flightId: string
  readonly addOnId: string
  readonly submissionId: string
}

/** A product by its Store ID, in any case. */
export interface ProductOf {
  readonly store: 'microsoft'
  readonly kind: 'app' | 'add-on'
  readonly id: string
}

/** @throws EngineError `not_found` for what can't be an id */
export function appOf({ applicationId }: Pick<Ids, 'applicationId'>): ProductOf {
  return { store: 'microsoft', kind: 'app', id: known('product', applicationId) }
}

/** @throws EngineError `not_found` for what can't be an id */
export function addOnOf({ addOnId }: Pick<Ids, 'addOnId'>): ProductOf {
  return { store: 'microsoft', kind: 'add-on', id: known('product', addOnId) }
}

/** @throws EngineError `not_found` for what can't be an id */
export function flightOf(ids: Pick<Ids, 'applicationId' | 'flightId'>) {
  return { product: appOf(ids), trackId: known('track', ids.flightId) }
}

/** An id that nobody has is left to the engine: the product is looked for first. */
export function submissionIdOf({ submissionId }: Pick<Ids, 'submissionId'>): string {
  return readId('submission', submissionId) ?? ''
}

function known(kind: 'product' | 'track', id: string): string {
  const read = readId(kind, id)
  if (read === undefined) throw new EngineError('not_found', `'${id}' is no id`, { target: kind })
  return read
}
