import type { Event, EventType } from '../engine/types.ts'
import type { Tx } from './database.ts'
import type { EventRow } from './schema.ts'

type NewEvent = Omit<Event, 'seq'>

/** Rows of one statement: databases bound the number of its values. */
const mostInserted = 500

/** What transactions that are under way have to tell. */
const untold = new WeakMap<Tx, NewEvent[]>()

/**
 * Appends; there is no other way to write here. The events of a transaction get their positions together as its very
 * last act, one transaction of an account after another: so a reader who saw a position never finds another event
 * below it later.
 */
export function append(tx: Tx, event: NewEvent): void {
  const known = untold.get(tx)
  if (known) return void known.push(event)
  const events = [event]
  untold.set(tx, events)
  tx.beforeCommit(() => tell(tx, events))
}

async function tell(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  // In the order of their names, as two transactions that wait for each other would wait for ever.
  const accountIds = [...new Set(events.map(({ accountId }) => accountId))].sort()
  for (const accountId of accountIds) await tx.queueBehind(`events of ${accountId}`)
  for (let from = 0; from < events.length; from += mostInserted) {
    const rows = events.slice(from, from + mostInserted).map(toRow)
    await tx.db.insertInto('event').values(rows).execute()
  }
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

function toRow(event: NewEvent) {
  return { ...event, data: JSON.stringify(event.data) }
}

function fromRow(row: Omit<EventRow, 'seq'> & { seq: number }): Event {
  return { ...row, type: row.type as EventType, data: JSON.parse(row.data) as Event['data'] }
}
