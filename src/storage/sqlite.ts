import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, SqliteDialect } from 'kysely'
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

  return {
    async write(work) {
      const effects: (() => void)[] = []
      let begun = false
      const transaction = () =>
        writer.transaction().execute((db) => {
          begun = true
          return work({ db, afterCommit: (effect) => effects.push(effect) })
        })
      const result = await whenUnlocked(transaction, () => !begun)
      for (const effect of effects) effect()
      return result
    },
    read: (work) => work(reading(reader)),
    migrate: () => whenUnlocked(() => migrate(writer as Kysely<unknown>)),
    pendingMigrations: () => pendingMigrations(writer as Kysely<unknown>),
    async [Symbol.asyncDispose]() {
      await writer.destroy()
      if (reader !== writer) await reader.destroy()
    },
  }
}

function reading(db: Kysely<Schema>): Tx {
  return {
    db,
    afterCommit: () => {
      throw new Error('a read commits nothing')
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

function connect(path: string, waitMs: number): Kysely<Schema> {
  const connection = new DatabaseSync(path, { timeout: busyMs })
  connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  connection.exec(`pragma busy_timeout = ${waitMs}`)
  const statements = new Map<string, ReturnType<typeof adapt>>()
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => connection.close(),
        prepare(sql) {
          // On a full disk SQLite rolls back by itself; a second error must not hide the first one.
          if (sql === 'rollback' && !connection.isTransaction) return nothing
          const cached = statements.get(sql)
          if (cached) return cached
          // A deferred transaction that turns to writing can fail as busy half-way; an immediate one waits first.
          const statement = adapt(connection.prepare(sql === 'begin' ? 'begin immediate' : sql))
          if (statements.size < statementCacheSize) statements.set(sql, statement)
          return statement
        },
      },
    }),
  })
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
