import type { Track } from '../engine/types.ts'
import type { Tx } from './database.ts'

export async function insert(tx: Tx, track: Track): Promise<void> {
  await tx.db.insertInto('track').values(track).execute()
}

/** Every product has exactly one. */
export async function main(tx: Tx, productId: string): Promise<Track> {
  const row = await tx.db
    .selectFrom('track')
    .selectAll()
    .where('productId', '=', productId)
    .where('kind', '=', 'main')
    .executeTakeFirstOrThrow()
  return { ...row, kind: 'main' }
}
