import { refusals } from './refusals.ts'

/** A page's size when none is asked for, and the largest there is (INFERRED; the service's maximum is not public). */
const usual = 10
const most = 1000

export interface PageWish {
  readonly skip: number
  readonly limit: number
}

/**
 * `top` and `skip` of a query, in any order and case.
 * @throws MicrosoftRefusal for what is no number, is negative, or a page of nothing
 */
export function pageOf(query: Query, size = usual): PageWish {
  const top = whole(query, 'top', 1) ?? size
  return { skip: whole(query, 'skip', 0) ?? 0, limit: Math.min(top, Math.max(most, size)) }
}

export type Query = { readonly [name: string]: unknown }

/** A parameter by its name in any case; of several the first. */
export function parameter(query: Query, name: string): string | undefined {
  const found = Object.entries(query).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const value: unknown = Array.isArray(found) ? found[0] : found
  return typeof value === 'string' ? value : undefined
}

function whole(query: Query, name: string, least: number): number | undefined {
  const value = parameter(query, name)
  if (value === undefined || value === '') return undefined
  if (!/^\d{1,9}$/.test(value) || Number(value) < least) {
    throw refusals.invalid(name, `The value '${value.slice(0, 50)}' of ${name} is not valid`)
  }
  return Number(value)
}

/**
 * A page of a list. The link to the next one is relative to `/v1.0/my/` and absent on the last; past the end
 * is an empty page (microsoft-store.md 1.1, 7-3, 7-4, 7-5).
 * @param path the list's own path with what precedes its query: `applications?` or `inappproducts/?`
 */
export function toWirePage<T>(
  path: string,
  { skip, limit }: PageWish,
  value: readonly T[],
  totalCount: number,
) {
  const next = skip + limit
  const link =
    value.length > 0 && next < totalCount ? { '@nextLink': `${path}skip=${next}&top=${limit}` } : {}
  return { ...link, value, totalCount }
}
