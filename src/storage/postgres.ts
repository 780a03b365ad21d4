import type { Kysely } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Database, Tx } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import { kyselyOn, send } from './postgres-dialect.ts'
import { failureOf } from './postgres-failures.ts'
import { openOthers } from './postgres-others.ts'
import { persist } from './postgres-persist.ts'
import { openPool } from './postgres-pool.ts'
import { attemptTransaction, CommitLost, locks } from './postgres-transaction.ts'
import { noEffects } from './transaction-effects.ts'

export interface PostgresOptions {
  /** Most connections of this process. */
  readonly connections?: number
  /** Told of connections that broke while nobody used them. */
  readonly onError?: (error: Error) => void
}

export interface PostgresDatabase extends Database {
  /** The same connections, for what else lives in this database. */
  readonly pool: Pool
}

/** Times a transaction is undone by others before it takes its turn among those that were. */
const patience = 3

/**
 * PostgreSQL (13 or newer). Writes are serializable and run side by side; one that met another is run again after a
 * pause of random length, and after a few such misfortunes behind all others that had them, so that it gets done.
 *
 * @param url `postgres://user:password@host:port/database`; not through a pooler that shares sessions
 */
export function openPostgres(
  url: string,
  { connections = 10, onError = () => {} }: PostgresOptions = {},
): PostgresDatabase {
  const pool = openPool(url, connections, onError)
  const reading: Tx = {
    ...noEffects,
    db: kyselyOn(pool),
    rows: async (query) => (await send<never>(pool, query)).rows,
  }

  const others = openOthers(url, pool)
  return {
    pool,
    others,
    write: (work) =>
      persist(({ met }) =>
        withClient(pool, (client) => inTurn(client, met, () => attemptTransaction(client, pool, work))),
      ),
    read: (work) => persist(() => work(reading)),
    migrate: () => withSchema(pool, (db) => migrate(db, 'additions')),
    pendingMigrations: () => withSchema(pool, pendingMigrations),
    async [Symbol.asyncDispose]() {
      await others[Symbol.asyncDispose]()
      await pool.end()
    },
  }
}

/** A connection that broke, or whose statements are out of date, is not given to anybody else. */
async function withClient<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    return await use(client)
  } catch (error) {
    const failure = failureOf(error)
    broken = failure === 'lost' || failure === 'replan' || error instanceof CommitLost
    throw error
  } finally {
    client.release(broken)
  }
}

/** The lock is waited for before the transaction begins: what one sees is settled by its first statement. */
async function inTurn<T>(client: PoolClient, met: number, attempt: () => Promise<T>): Promise<T> {
  return met < patience ? attempt() : holding(client, locks.retries, attempt)
}

/** Under a lock of the session, which ends with the connection however that ends. */
async function holding<T>(client: PoolClient, lock: number, work: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1, 0)', [lock])
  try {
    return await work()
  } finally {
    await client.query('select pg_advisory_unlock($1, 0)', [lock]).catch(() => {})
  }
}

/** Of processes that start together one brings the schema up to date, and the others find it so. */
function withSchema<T>(pool: Pool, work: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
  return persist(() =>
    withClient(pool, (client) =>
      holding(client, locks.schema, () => work(kyselyOn(client) as unknown as Kysely<unknown>)),
    ),
  )
}
