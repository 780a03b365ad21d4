import type { Kysely } from 'kysely'

/** Whatever is looked for while somebody waits is found by an index, however much lies beside it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const indexes = [
    { name: 'credentialByTenant', table: 'credential', columns: ['tenantId'] },
    { name: 'signingKeyByPurpose', table: 'signingKey', columns: ['purpose', 'createdAt', 'id'] },
    { name: 'productByAccountId', table: 'product', columns: ['accountId', 'id'] },
    { name: 'productByIdentity', table: 'product', columns: ['accountId', 'store', 'identity'] },
    { name: 'submissionByPhase', table: 'submission', columns: ['trackId', 'phase', 'createdAt', 'id'] },
    { name: 'submissionByPublication', table: 'submission', columns: ['trackId', 'publishedAt'] },
    { name: 'eventByProduct', table: 'event', columns: ['accountId', 'productId', 'seq'] },
    { name: 'eventBySubmission', table: 'event', columns: ['accountId', 'submissionId', 'seq'] },
  ]
  for (const { name, table, columns } of indexes) {
    await db.schema.createIndex(name).on(table).columns(columns).execute()
  }
}
