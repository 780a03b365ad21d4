import { EngineError } from '../engine/index.ts'
import { defaultPage, type Page } from './schema.ts'

/**
 * One page of a list, from a use case that is asked for one item more than the page shows: whether there is
 * another page is known without a second question.
 * @param cursor what `after` must be to go on after an item
 */
export async function page<Item, Wire>(
  limit: number | undefined,
  find: (limit: number) => Promise<readonly Item[]>,
  cursor: (item: Item) => string,
  toWire: (item: Item) => Wire,
): Promise<Page<Wire>> {
  const size = limit ?? defaultPage
  const found = await find(size + 1)
  const shown = found.slice(0, size)
  const last = found.length > size ? shown.at(-1) : undefined
  return { items: shown.map(toWire), next: last === undefined ? null : cursor(last) }
}

/**
 * One page of a list that a use case gives as a whole.
 * @throws EngineError `not_found` when the item to go on after is not in it
 */
export async function pageOfAll<Item extends { readonly id: string }, Wire>(
  { after, limit }: { after?: string; limit?: number },
  listed: readonly Item[],
  toWire: (item: Item) => Wire,
): Promise<Page<Wire>> {
  const position = after === undefined ? -1 : listed.findIndex((item) => item.id === after)
  if (after !== undefined && position < 0) {
    throw new EngineError('not_found', 'there is nothing to go on after', { target: 'after' })
  }
  const rest = listed.slice(position + 1)
  return page(
    limit,
    async (size) => rest.slice(0, size),
    (item) => item.id,
    toWire,
  )
}
