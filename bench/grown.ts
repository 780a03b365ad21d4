/** A database of any size: products with a hundred finished submissions each, of the sandbox's account. */

const perProduct = 100
export const at = 1_700_000_000_000

/** The statements that bring a migrated database from `from` to `to` submissions; both multiples of a hundred. */
export function growth(dialect: 'sqlite' | 'postgres', from: number, to: number): string[] {
  const numbers = (first: number, last: number) =>
    dialect === 'postgres'
      ? `generate_series(${first}, ${last}) as s(n)`
      : `(with recursive s(n) as (select ${first} union all select n + 1 from s where n < ${last}) select n from s) as s`
  const products = numbers(from / perProduct, to / perProduct - 1)
  return [
    `insert into account (id, name, "createdAt") values ('sandbox', 'Sandbox', ${at}) on conflict do nothing`,
    `insert into product (id, "accountId", store, kind, name, identity, "parentId", data, "createdAt")
      select 'p' || n, 'sandbox', 'edge', 'extension', 'Product ' || n, null, null, '{}', ${at} from ${products}`,
    `insert into track (id, "productId", kind, name, data, "createdAt")
      select 't' || n, 'p' || n, 'main', '', '{}', ${at} from ${products}`,
    `insert into submission (id, "productId", "trackId", "accountId", store, lifecycle, step, phase, content, revision,
        changed, verdict, findings, "parentId", "clonedFrom", "uploadId", "createdAt", "updatedAt", "stepAt", "publishedAt")
      select 's' || n, 'p' || (n / ${perProduct}), 't' || (n / ${perProduct}), 'sandbox', 'edge', 'extension',
        'InTheStore', 'past', '{"notes":"nothing to say"}', 1, 0, null, '[]', null, null, null, ${at} + n, ${at} + n,
        ${at} + n, ${at} + n
      from ${numbers(from, to - 1)}`,
    'analyze',
  ]
}

export function productOf(submission: number): string {
  return `p${Math.floor(submission / perProduct)}`
}
