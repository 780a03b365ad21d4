import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../src/storage/database.ts'
import { openPostgres } from '../../src/storage/postgres.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { emptyDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { databaseRacesSuite } from './database-races-suite.ts'
import { databaseSuite } from './databases-suite.ts'

const sqliteInFile = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-database-'))
  const database = openSqlite(join(folder, 'data', 'slipway.db'))
  return {
    database,
    again: async (): Promise<Database> => openSqlite(join(folder, 'data', 'slipway.db')),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
databaseSuite('SQLite in a file', sqliteInFile)
databaseRacesSuite('SQLite in a file', sqliteInFile)

databaseSuite('SQLite in memory', async () => {
  const database = openSqlite(':memory:')
  return { database, again: () => null, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
})

if ((await withoutPostgres('the database suite on PostgreSQL')) === undefined) {
  const postgres = async () => {
    const made = await emptyDatabase()
    const database = openPostgres(made.url)
    return {
      database,
      again: async (): Promise<Database> => openPostgres(made.url),
      async [Symbol.asyncDispose]() {
        await database[Symbol.asyncDispose]()
        await made[Symbol.asyncDispose]()
      },
    }
  }
  databaseSuite('PostgreSQL', postgres)
  databaseRacesSuite('PostgreSQL', postgres)
}
