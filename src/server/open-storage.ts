import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../storage/database.ts'
import { lockFolder } from '../storage/folder-lock.ts'
import { openSqlite } from '../storage/sqlite.ts'

/** Told of connections that broke while nobody used them. */
type OnError = (error: Error) => void

/**
 * The database that the settings name, for a server: PostgreSQL, which any number of processes share, or a file in a
 * folder that is this process's until the database is disposed.
 * @param databasePath a database in memory in place of the folder's, for tests
 * @throws when another server uses the folder
 */
export async function openStorage(
  config: Config,
  databasePath: string | undefined,
  onError: OnError,
): Promise<Database> {
  if (config.database === null && databasePath !== undefined) return openSqlite(databasePath)
  const lock = config.database === null ? lockFolder(config.data) : undefined
  const database = await openUnlocked(config, onError)
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      lock?.[Symbol.dispose]()
    },
  }
}

/** The same for whoever serves nothing and may come beside a server. */
export async function openUnlocked(config: Config, onError: OnError): Promise<Database> {
  if (config.database === null) return openSqlite(join(config.data, 'slipway.db'))
  // The driver is loaded when it is needed: a server that needs none starts faster.
  const { openPostgres } = await import('../storage/postgres.ts')
  return openPostgres(config.database, { onError })
}
