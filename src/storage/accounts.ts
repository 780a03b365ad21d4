import type { Account } from '../engine/types.ts'
import type { Tx } from './database.ts'

export async function insert(tx: Tx, account: Account): Promise<void> {
  await tx.db.insertInto('account').values(account).execute()
}

export async function find(tx: Tx, id: string): Promise<Account | undefined> {
  return tx.db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function list(tx: Tx, page: { after: string; limit: number }): Promise<Account[]> {
  return tx.db
    .selectFrom('account')
    .selectAll()
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute()
}

export async function count(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('account')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
