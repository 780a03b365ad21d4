import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import type { Tx } from './database.ts'
import type { Schema } from './schema.ts'

/** Statements kept compiled; far more than the queries there are. */
const statementCacheSize = 500

/**
 * Pages of 4 KiB in the log before they are moved to the file. A large document that is written again and again is
 * then moved once for many times; with SQLite's own 1000 that took a tenth of the time.
 */
const checkpointPages = 4000

/**
 * How much of the file is read as memory and not by a call for each page: the slowest of a hundred reads from a million
 * submissions took a tenth of the time then. SQLite itself takes no more than this.
 */
const mappedBytes = 2 * 1024 ** 3

/** How long opening waits for another process. */
const openMs = 10_000

/** One connection to the file, for the query builder and for what goes past it. */
export interface Connection {
  readonly connection: DatabaseSync
  readonly db: Kysely<Schema>
  /** Straight to SQLite: the query builder's own way takes longer than the query. */
  readonly rows: Tx['rows']
}

/** @param waitMs how long SQLite itself waits, holding up the process, while another process has the lock */
export function connect(path: string, waitMs: number): Connection {
  const connection = new DatabaseSync(path, { timeout: openMs })
  connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  connection.exec(`pragma wal_autocheckpoint = ${checkpointPages}`)
  connection.exec(`pragma mmap_size = ${mappedBytes}`)
  connection.exec(`pragma busy_timeout = ${waitMs}`)
  const statements = new Map<string, ReturnType<typeof adapt>>()
  const prepare = (sql: string) => {
    // On a full disk SQLite rolls back by itself; a second error must not hide the first one.
    if (sql === 'rollback' && !connection.isTransaction) return nothing
    const cached = statements.get(sql)
    if (cached) return cached
    // A deferred transaction that turns to writing can fail as busy half-way; an immediate one waits first.
    const statement = adapt(connection.prepare(sql === 'begin' ? 'begin immediate' : sql))
    if (statements.size < statementCacheSize) statements.set(sql, statement)
    return statement
  }
  return {
    connection,
    db: new Kysely<Schema>({
      dialect: new SqliteDialect({ database: { close: () => connection.close(), prepare } }),
    }),
    rows: async <Row>({ sql, parameters }: CompiledQuery<Row>) => prepare(sql).all(parameters) as Row[],
  }
}

const nothing = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

type Value = null | number | bigint | string | Uint8Array

/**
 * A statement as the query builder wants it. Its rows come as lists and are made objects here: those of SQLite's own
 * making are dictionaries, which cost as much again with every copy.
 */
function adapt(statement: StatementSync) {
  let columns = namesOf(statement)
  const reader = columns.length > 0
  if (reader) statement.setReturnArrays(true)
  const toRow = (list: unknown): Record<string, unknown> => {
    const values = list as readonly unknown[]
    // A migration may have added a column since the statement was compiled.
    if (values.length !== columns.length) columns = namesOf(statement)
    const row: Record<string, unknown> = {}
    for (const [index, name] of columns.entries()) row[name] = values[index]
    return row
  }
  const bound = (parameters: readonly unknown[]) => parameters as readonly Value[]
  return {
    reader,
    all: (parameters: readonly unknown[]) => statement.all(...bound(parameters)).map(toRow),
    run: (parameters: readonly unknown[]) => statement.run(...bound(parameters)),
    *iterate(parameters: readonly unknown[]) {
      for (const list of statement.iterate(...bound(parameters))) yield toRow(list)
    },
  }
}

function namesOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name)
}
