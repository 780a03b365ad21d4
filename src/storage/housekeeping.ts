import type { Tx } from './database.ts'

/** How far each of the walks has come. */
export type Cursors = { readonly [walk: string]: string | null }

/**
 * Takes a turn at a kind of housekeeping when it is due, so that of any number of processes one does it at a time.
 * @param until when the next turn is due
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

export async function saveCursors(tx: Tx, name: string, cursors: Cursors): Promise<void> {
  await tx.db
    .updateTable('housekeeping')
    .set({ cursors: JSON.stringify(cursors) })
    .where('name', '=', name)
    .execute()
}
