import { setTimeout as delay } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Database, Tx } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import { kyselyOn, send } from './postgres-dialect.ts'
import { type Failure, failureOf } from './postgres-failures.ts'
import { openOthers } from './postgres-others.ts'
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

/** How long PostgreSQL may be away before a caller hears of it. */
const awayMs = 10_000

/** How long a transaction that others keep undoing is tried. */
const persistMs = 15_000

/** Times a transaction is undone by others before it takes its turn among those that were. */
const patience = 3

/** Times a broken constraint is looked at again; a race shows at the first look. */
const racesSeen = 2

const firstPauseMs = 5
const longestPauseMs = 250

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

interface Misfortunes {
  /** Times it was undone because another transaction was in the way. */
  readonly met: number
  readonly raced: number
}

/** Repeats what was undone for a reason that passes, for a bounded time. */
async function persist<T>(attempt: (before: Misfortunes) => Promise<T>): Promise<T> {
  const start = performance.now()
  const seen = { met: 0, raced: 0, lost: 0, replan: 0, refused: 0 }
  for (;;) {
    try {
      return await attempt(seen)
    } catch (error) {
      const failure = error instanceof CommitLost ? 'lost' : failureOf(error)
      seen[failure]++
      if (!mayRepeat(failure, seen, performance.now() - start)) throw error
      if (failure !== 'raced') await delay(pauseAfter(seen.met + seen.lost))
    }
  }
}

function mayRepeat(failure: Failure, seen: Misfortunes, elapsedMs: number): boolean {
  switch (failure) {
    case 'met':
      return elapsedMs < persistMs
    case 'lost':
    case 'replan':
      return elapsedMs < awayMs
    case 'raced':
      return seen.raced <= racesSeen
    case 'refused':
      return false
  }
}

/** Of random length, so that those that met do not meet again. */
function pauseAfter(failures: number): number {
  return Math.random() * Math.min(firstPauseMs * 2 ** failures, longestPauseMs)
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
