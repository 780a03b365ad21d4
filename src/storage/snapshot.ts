import { open, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** How long to wait for a server that is just now repairing what a crash left. */
const busyMs = 10_000

/** The database is not what was once written; the message says how that showed. */
export class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase'
}

/**
 * Copies an SQLite database as it is at one moment into a new file, which is durable when the promise resolves. It
 * may be in use: the copy is one read transaction, for which no write has to wait.
 * @throws DamagedDatabase
 */
export async function snapshotSqlite(path: string, to: string): Promise<void> {
  await rm(to, { force: true })
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyMs })
  try {
    database.prepare('vacuum into ?').run(to)
  } catch (error) {
    throw damageOf(error)
  } finally {
    database.close()
  }
  await using file = await open(to, 'r+')
  await file.sync()
}

export interface Snapshot {
  readonly migrations: readonly string[]
  /** The blobs that its tables name. */
  readonly blobs: ReadonlySet<string>
}

/**
 * Checks every page, index and reference of a snapshot that nobody writes to.
 * @throws DamagedDatabase
 */
export function examineSnapshot(path: string): Snapshot {
  // What is immutable needs no lock and no files beside it: a backup may lie on a medium that is only read.
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true })
  const column = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => String(Object.values(row)[0]))
  try {
    const problems = column('pragma integrity_check').filter((line) => line !== 'ok')
    if (problems.length > 0) throw new DamagedDatabase(problems.slice(0, 3).join('; '))
    if (column('pragma foreign_key_check').length > 0) throw new DamagedDatabase('a row refers to none')
    const tables = column("select name from sqlite_master where type = 'table'")
    return {
      migrations: column('select name from migration order by name'),
      blobs: new Set(column(namesIn(tables))),
    }
  } catch (error) {
    throw damageOf(error)
  } finally {
    database.close()
  }
}

/** Where tables name blobs. */
const naming = [
  ['package', 'blob'],
  ['upload', 'blob'],
  ['uploadBlock', 'blob'],
  ['blobPart', 'part'],
  ['keptFile', 'sha256'],
] as const

/** A database that an older version left has not all of the tables. */
function namesIn(tables: readonly string[]): string {
  return naming
    .filter(([table]) => tables.includes(table))
    .map(([table, column]) => `select "${column}" from "${table}" where "${column}" is not null`)
    .join(' union ')
}

/** What SQLite says of pages that make no sense (11) and of files that are no database (26). */
function damageOf(error: unknown): unknown {
  const { errcode } = error as { errcode?: number }
  if (errcode === undefined || ![11, 26].includes(errcode & 0xff)) return error
  return new DamagedDatabase((error as Error).message, { cause: error })
}
