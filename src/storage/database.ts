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
  /** Runs once the transaction is durable; never when it is rolled back. */
  afterCommit(effect: () => void): void
}

/** One schema on SQLite or PostgreSQL; the port every adapter proves itself against. */
export interface Database extends AsyncDisposable {
  /** All or nothing, isolated from every other write, durable when the promise resolves. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For reading only; each query sees what was committed before it. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Names of the migrations that ran. */
  migrate(): Promise<string[]>
  pendingMigrations(): Promise<string[]>
}
