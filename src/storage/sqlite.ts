import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import type { Database, Tx } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import type { Schema } from './schema.ts'

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
  const reading: Tx = {
    db: reader.db,
    // On a connection that also writes, a read waits for the transaction that is under way.
    rows: reader === writer ? async (query) => (await reader.db.executeQuery(query)).rows : reader.rows,
    afterCommit: commitsNothing,
  }

  return {
    async write(work) {
      const effects: (() => void)[] = []
      let begun = false
      const transaction = () =>
        writer.db.transaction().execute((db) => {
          begun = true
          return work({ db, rows: writer.rows, afterCommit: (effect) => effects.push(effect) })
        })
      const result = await whenUnlocked(transaction, () => !begun)
      for (const effect of effects) effect()
      return result
    },
    read: (work) => work(reading),
    migrate: () => whenUnlocked(() => migrate(writer.db as Kysely<unknown>)),
    pendingMigrations: () => pendingMigrations(writer.db as Kysely<unknown>),
    async [Symbol.asyncDispose]() {
      await writer.db.destroy()
      if (reader !== writer) await reader.db.destroy()
    },
  }
}

function commitsNothing(): never {
  throw new Error('a read commits nothing')
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

interface Connection {
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

function adapt(statement: StatementSync) {
  const values = (parameters: readonly unknown[]) => parameters as readonly Value[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
    run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
  }
}
