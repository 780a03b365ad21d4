import type { Tx } from './database.ts'
import type { SigningKeyRow } from './schema.ts'

export async function insert(tx: Tx, key: SigningKeyRow): Promise<void> {
  await tx.db.insertInto('signingKey').values(key).execute()
}

/** The keys of one purpose that still verify, the newest first. */
export async function current(tx: Tx, purpose: string): Promise<SigningKeyRow[]> {
  return tx.db
    .selectFrom('signingKey')
    .selectAll()
    .where('purpose', '=', purpose)
    .where('retiredAt', 'is', null)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute()
}

/** They verify nothing any more. */
export async function retire(tx: Tx, ids: readonly string[], at: number): Promise<void> {
  if (ids.length === 0) return
  await tx.db.updateTable('signingKey').set({ retiredAt: at }).where('id', 'in', ids).execute()
}
