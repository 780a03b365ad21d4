import type { Track } from '../engine/types.ts'
import type { Tx } from './database.ts'
import type { TrackRow } from './schema.ts'

export async function insert(tx: Tx, track: Track): Promise<void> {
  await tx.db.insertInto('track').values(toRow(track)).execute()
}

export async function save(tx: Tx, track: Track): Promise<void> {
  const { id, ...columns } = toRow(track)
  await tx.db.updateTable('track').set(columns).where('id', '=', id).execute()
}

export async function remove(tx: Tx, id: string): Promise<void> {
  await tx.db.deleteFrom('track').where('id', '=', id).execute()
}

/** Every product has exactly one. */
export async function main(tx: Tx, productId: string): Promise<Track> {
  const row = await tx.db
    .selectFrom('track')
    .selectAll()
    .where('productId', '=', productId)
    .where('kind', '=', 'main')
    .executeTakeFirstOrThrow()
  return fromRow(row)
}

export async function get(tx: Tx, id: string): Promise<Track | undefined> {
  const row = await tx.db.selectFrom('track').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** A product's tracks of one kind, the oldest first. */
export async function byProduct(tx: Tx, productId: string, kind: Track['kind']): Promise<Track[]> {
  const rows = await tx.db
    .selectFrom('track')
    .selectAll()
    .where('productId', '=', productId)
    .where('kind', '=', kind)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

function toRow(track: Track): TrackRow {
  return { ...track, data: JSON.stringify(track.data) }
}

function fromRow(row: TrackRow): Track {
  return { ...row, kind: row.kind as Track['kind'], data: JSON.parse(row.data) as Track['data'] }
}
