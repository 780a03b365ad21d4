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
