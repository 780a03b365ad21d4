import type { Kysely } from 'kysely'

/** What several processes at once need: the newest package of a product is found without reading the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('packageByOrdinal').on('package').columns(['productId', 'ordinal']).execute()
}
