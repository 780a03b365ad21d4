import { setTimeout as delay } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Tx } from './database.ts'
import { kyselyOn, send } from './postgres-dialect.ts'
import { failureOf } from './postgres-failures.ts'
import type { Schema } from './schema.ts'
import { transactionEffects } from './transaction-effects.ts'

/** The first of the two numbers of an advisory lock: what the second one is of. */
export const locks = { schema: 1_936_484_464, retries: 1_936_484_465, queue: 1_936_484_466 } as const

/** Between two questions about a transaction that PostgreSQL is still busy with. */
const askAgainMs = 50

/** The answer to a commit was lost, and PostgreSQL could not be asked what became of it in time. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'

  constructor(cause: unknown) {
    super('the connection broke during a commit, and whether it took place could not be found out', { cause })
  }
}

/** Undone, though not by an error that says so: the connection broke in the commit. */
export class CommitLost extends Error {
  override readonly name = 'CommitLost'
}

/**
 * One attempt of a transaction.
 * @throws what the work throws; the driver's errors, after all of which the transaction is undone; CommitLost;
 * OutcomeUnknown
 */
export async function attemptTransaction<T>(
  client: PoolClient,
  pool: Pool,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const effects = transactionEffects()
  const tx: Tx = {
    ...effects,
    db: dbOn(client),
    rows: async (query) => (await send<never>(client, query)).rows,
    queueBehind: async (key) => {
      await send(client, {
        sql: 'select pg_advisory_xact_lock($1, hashtext($2))',
        parameters: [locks.queue, key],
      })
    },
  }
  const id = await begin(client)
  const result = await undoneByErrors(client, async () => {
    const worked = await work(tx)
    await effects.finish()
    return worked
  })
  await commit(client, pool, id)
  effects.committed()
  return result
}

const dbs = new WeakMap<PoolClient, Kysely<Schema>>()

/** Building one costs more than a query does. */
function dbOn(client: PoolClient): Kysely<Schema> {
  const known = dbs.get(client)
  if (known) return known
  const db = kyselyOn(client)
  dbs.set(client, db)
  return db
}

/** @returns the transaction's id, by which it can be asked for should the answer to its commit be lost */
async function begin(client: PoolClient): Promise<string> {
  const answers: unknown = await client.query(
    'begin isolation level serializable; select pg_current_xact_id()::text as id',
  )
  const [, named] = answers as [unknown, { rows: { id: string }[] }]
  return named.rows[0]?.id ?? ''
}

async function undoneByErrors<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // A connection that cannot even do this is not used again, and its transaction ends with it.
    await client.query('rollback').catch(() => {})
    throw error
  }
}

async function commit(client: PoolClient, pool: Pool, id: string): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    if (failureOf(error) !== 'lost') throw error
    if (!(await tookPlace(pool, id, error)))
      throw new CommitLost('the commit did not arrive', { cause: error })
  }
}

/** Whether a transaction was committed whose connection broke in the commit; waits for one that still is. */
async function tookPlace(pool: Pool, id: string, cause: unknown): Promise<boolean> {
  const deadline = performance.now() + outcomeMs
  while (performance.now() < deadline) {
    const status = await statusOf(pool, id)
    if (status === 'committed') return true
    if (status === 'aborted') return false
    await delay(askAgainMs)
  }
  throw new OutcomeUnknown(cause)
}

/** How long PostgreSQL is asked what became of a commit; a restart takes less. */
const outcomeMs = 30_000

async function statusOf(pool: Pool, id: string): Promise<string | undefined> {
  try {
    const { rows } = await pool.query<{ status: string }>('select pg_xact_status($1::xid8) as status', [id])
    return rows[0]?.status
  } catch (error) {
    if (failureOf(error) !== 'lost') throw new OutcomeUnknown(error)
    return undefined
  }
}
