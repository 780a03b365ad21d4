import * as accounts from '../storage/accounts.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { mintUuid } from './random.ts'
import { record } from './record.ts'
import type { Account } from './types.ts'

export interface CreateAccount {
  /** Minted when absent. */
  readonly id?: string
  readonly name: string
}

/** @throws EngineError `conflict` when the id is taken */
export async function createAccount(context: Context, input: CreateAccount): Promise<Account> {
  return context.database.write(async (tx) => {
    const id = input.id ?? mintUuid(context.random)
    if (await accounts.find(tx, id))
      throw new EngineError('conflict', `account ${id} exists`, { target: 'id' })
    const account = { id, name: input.name, createdAt: context.clock.now() }
    await accounts.insert(tx, account)
    await record(context, tx, { accountId: id, type: 'account.created', data: { name: account.name } })
    return account
  })
}

/** By id, after one; empty past the last. */
export async function listAccounts(
  context: Context,
  page: { after: string; limit: number },
): Promise<Account[]> {
  return context.database.read((tx) => accounts.list(tx, page))
}

/** How many accounts there are; a new server has none. */
export async function countAccounts(context: Context): Promise<number> {
  return context.database.read((tx) => accounts.count(tx))
}
