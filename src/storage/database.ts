import type { CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * The only handle storage functions take. It exists inside {@link Database.write} and {@link Database.read}
 * and is useless afterwards.
 */
export interface Tx {
  readonly db: Kysely<Schema>
  /** Runs a query that is compiled already, by the shortest way the database has. */
  rows<Row>(query: CompiledQuery<Row>): Promise<Row[]>
  /**
   * Transactions that name the same key follow one another from here to their commit. Whoever waits here must hold
   * nothing that the one before needs, so it belongs to the last things a transaction does.
   */
  queueBehind(key: string): Promise<void>
  /** Runs as the last part of the transaction, once its work is done; in the order asked. */
  beforeCommit(effect: () => Promise<void>): void
  /** Runs once the transaction is durable; never when it is rolled back. */
  afterCommit(effect: () => void): void
}

/** The other processes on the same database, which are told that something was committed; not what. */
export interface Others {
  /** Soon, and without waiting for it. What cannot be told they find out by themselves, later. */
  tell(): void
  /** Calls back, until the database is disposed, when something may have been committed elsewhere. For one listener. */
  hear(listener: () => void): void
}

/** One schema on SQLite or PostgreSQL; the port every adapter proves itself against. */
export interface Database extends AsyncDisposable {
  /**
   * All or nothing, isolated from every other write (serializable), durable when the promise resolves.
   *
   * `work` may run several times, as a database that lets writes run side by side undoes one of two that meet: it
   * changes nothing but rows, and whatever else is to happen goes through `beforeCommit` and `afterCommit`. It is
   * done at most once: a commit whose answer was lost is looked up before anything is repeated.
   * @throws what `work` throws; the database's own error when it refuses or, after a bounded time, cannot be reached
   */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For reading only; each query sees what was committed before it. `work` may run several times. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Names of the migrations that ran. */
  migrate(): Promise<string[]>
  pendingMigrations(): Promise<string[]>
  /** Null where no other process can be. */
  readonly others: Others | null
}
