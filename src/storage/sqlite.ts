import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { Database, Tx } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import type { Schema } from './schema.ts'

/** Statements kept compiled; far more than the queries there are. */
const statementCacheSize = 500

/**
 * SQLite in one file: WAL, `synchronous=FULL`, one connection that writes and one that reads, so that a read
 * never waits for somebody else's transaction.
 *
 * @param path the file, or `:memory:`, where reads and writes share the one connection there is
 */
export function openSqlite(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const writer = connect(path)
  const reader = path === ':memory:' ? writer : connect(path)

  return {
    async write(work) {
      const effects: (() => void)[] = []
      const result = await writer
        .transaction()
        .execute((db) => work({ db, afterCommit: (effect) => effects.push(effect) }))
      for (const effect of effects) effect()
      return result
    },
    read: (work) => work(reading(reader)),
    migrate: () => migrate(writer as Kysely<unknown>),
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

function connect(path: string): Kysely<Schema> {
  const connection = new DatabaseSync(path)
  connection.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 10000',
  )
  const statements = new Map<string, ReturnType<typeof adapt>>()
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => connection.close(),
        prepare(sql) {
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
