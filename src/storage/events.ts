import type { Event, EventType } from '../engine/types.ts'
import type { Tx } from './database.ts'
import type { EventRow } from './schema.ts'

/**
 * Appends; there is no other way to write here.
 * @returns the event's position in the total order
 */
export async function append(tx: Tx, event: Omit<Event, 'seq'>): Promise<number> {
  const row = await tx.db
    .insertInto('event')
    .values({ ...event, data: JSON.stringify(event.data) })
    .returning('seq')
    .executeTakeFirstOrThrow()
  return Number(row.seq)
}

/** An account's events after a position, in order. */
export async function after(
  tx: Tx,
  accountId: string,
  page: { seq: number; limit: number; productId?: string; submissionId?: string },
): Promise<Event[]> {
  let query = tx.db.selectFrom('event').selectAll().where('accountId', '=', accountId)
  if (page.productId !== undefined) query = query.where('productId', '=', page.productId)
  if (page.submissionId !== undefined) query = query.where('submissionId', '=', page.submissionId)
  const rows = await query.where('seq', '>', page.seq).orderBy('seq').limit(page.limit).execute()
  return rows.map(fromRow)
}

function fromRow(row: Omit<EventRow, 'seq'> & { seq: number }): Event {
  return { ...row, type: row.type as EventType, data: JSON.parse(row.data) as Event['data'] }
}
