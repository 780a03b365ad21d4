import type { Tx } from './database.ts'

/** How far each of the walks has come. */
export type Cursors = { readonly [walk: string]: string | null }

/**
 * Takes a turn at a kind of housekeeping when it is due, so that of any number of processes one does it at a time.
 * @param until when it is somebody else's turn even if this one was never ended
 * @returns how far the turns before came; undefined when it is not due
 */
export async function takeTurn(
  tx: Tx,
  name: string,
  now: number,
  until: number,
): Promise<Cursors | undefined> {
  await tx.db
    .insertInto('housekeeping')
    .values({ name, dueAt: 0, cursors: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const turn = await tx.db
    .updateTable('housekeeping')
    .set({ dueAt: until })
    .where('name', '=', name)
    .where('dueAt', '<=', now)
    .returning('cursors')
    .executeTakeFirst()
  return turn && (JSON.parse(turn.cursors) as Cursors)
}

/** Ends a turn: says how far it came, and when the next one is due. */
export async function endTurn(tx: Tx, name: string, dueAt: number, cursors: Cursors): Promise<void> {
  await tx.db
    .updateTable('housekeeping')
    .set({ dueAt, cursors: JSON.stringify(cursors) })
    .where('name', '=', name)
    .execute()
}
