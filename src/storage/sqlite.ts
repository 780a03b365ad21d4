import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import type { Database, Tx } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import type { Schema } from './schema.ts'
import { noEffects, transactionEffects } from './transaction-effects.ts'

/** Statements kept compiled; far more than the queries there are. */
const statementCacheSize = 500

/** How long a write waits for another process, such as somebody's SQL shell, to end its transaction. */
const busyMs = 10_000
const busyRetryMs = 10

/**
 * SQLite in one file: WAL, `synchronous=FULL`, one connection that writes and one that reads, so that a read
 * never waits for somebody else's transaction.
 *
 * @param path the file, or `:memory:`, where reads and writes share the one connection there is
 */
export function openSqlite(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const writer = connect(path, 0)
  const reader = path === ':memory:' ? writer : connect(path, busyMs)
  const snapshot = reader === writer ? undefined : shareSnapshots(reader)
  const reading: Tx = {
    db: reader.db,
    // On a connection that also writes, a read waits for the transaction that is under way.
    rows: snapshot?.rows ?? (async (query) => (await reader.db.executeQuery(query)).rows),
    ...noEffects,
  }

  return {
    async write(work) {
      const effects = transactionEffects()
      let begun = false
      const transaction = () =>
        writer.db.transaction().execute(async (db) => {
          begun = true
          // Whoever writes is alone already.
          const result = await work({ ...effects, db, rows: writer.rows, queueBehind: async () => {} })
          await effects.finish()
          return result
        })
      const result = await whenUnlocked(transaction, () => !begun)
      snapshot?.end()
      effects.committed()
      return result
    },
    read: (work) => work(reading),
    migrate: () => whenUnlocked(() => migrate(writer.db as Kysely<unknown>)),
    pendingMigrations: () => pendingMigrations(writer.db as Kysely<unknown>),
    async [Symbol.asyncDispose]() {
      snapshot?.end()
      await writer.db.destroy()
      if (reader !== writer) await reader.db.destroy()
    },
  }
}

/** Waits for a lock here and not in SQLite, which would hold up the whole process meanwhile. */
async function whenUnlocked<T>(attempt: () => Promise<T>, mayRepeat = () => true): Promise<T> {
  const deadline = performance.now() + busyMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || !mayRepeat() || performance.now() > deadline) throw error
    }
    await delay(busyRetryMs)
  }
}

/** SQLITE_BUSY is 5; its extended codes have it in their lowest byte. */
function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' && (errcode & 0xff) === 5
}

/**
 * Reads of one turn of the event loop share a snapshot: taking one costs twice what finding a row does (measured
 * at 2.8 µs of 4.5). It ends with the turn, and before a write of this process is said to be done.
 */
function shareSnapshots({ connection, rows }: Connection): { rows: Tx['rows']; end(): void } {
  const begin = connection.prepare('begin')
  const commit = connection.prepare('commit')
  let taken = false
  const end = () => {
    if (!taken) return
    taken = false
    // After an error of the disk there may be none any more.
    if (connection.isTransaction) commit.run()
  }
  return {
    async rows(query) {
      if (!taken) {
        begin.run()
        taken = true
        setImmediate(end)
      }
      return rows(query)
    },
    end,
  }
}

interface Connection {
  readonly connection: DatabaseSync
  readonly db: Kysely<Schema>
  /** Straight to SQLite: the query builder's own way takes longer than the query. */
  readonly rows: Tx['rows']
}

function connect(path: string, waitMs: number): Connection {
  const connection = new DatabaseSync(path, { timeout: busyMs })
  connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
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
