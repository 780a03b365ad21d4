import { type Kysely, sql } from 'kysely'
import { migrations } from './migrations/index.ts'

/**
 * What a version may find that a newer one has migrated: with `additions` it goes on unless something it needs is
 * gone, as versions that share a database are replaced one process after another; a folder belongs to one version.
 */
export type Tolerance = 'nothing' | 'additions'

/**
 * In the name of a migration that takes away or changes what the version before it needs. It follows, in a later
 * version, those that added what comes in its place; all others only add, with defaults for what is not said.
 */
const contracts = /-contract-/

/**
 * Brings the schema up to date, each migration in a transaction together with the line that records it.
 * @returns the names of the migrations that ran
 * @throws when the database was made by a newer version that this one cannot work beside
 */
export async function migrate(db: Kysely<unknown>, tolerated: Tolerance = 'nothing'): Promise<string[]> {
  await sql`create table if not exists migration (name text primary key, at bigint not null)`.execute(db)
  const done = await appliedMigrations(db)
  const newer = [...done].filter((name) => !migrations.some((migration) => migration.name === name))
  const unknown = tolerated === 'additions' ? newer.filter((name) => contracts.test(name)) : newer
  if (unknown.length > 0) {
    throw new Error(
      `the database was made by a newer version of slipway (it has ${unknown.join(', ')}): use that version`,
    )
  }
  const ran: string[] = []
  for (const migration of migrations) {
    if (done.has(migration.name)) continue
    const applied = await db.transaction().execute(async (tx) => {
      // The row first: of two processes that race, the second sees it inside its own transaction and stops.
      const { rows } = await sql<{ name: string }>`insert into migration (name, at)
        values (${migration.name}, ${Date.now()}) on conflict do nothing returning name`.execute(tx)
      if (rows.length === 0) return false
      await migration.up(tx as Kysely<unknown>)
      return true
    })
    if (applied) ran.push(migration.name)
  }
  return ran
}

/** Names of migrations that would run, without running them. */
export async function pendingMigrations(db: Kysely<unknown>): Promise<string[]> {
  await sql`create table if not exists migration (name text primary key, at bigint not null)`.execute(db)
  const done = await appliedMigrations(db)
  return migrations.map((migration) => migration.name).filter((name) => !done.has(name))
}

async function appliedMigrations(db: Kysely<unknown>): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`select name from migration`.execute(db)
  return new Set(rows.map((row) => row.name))
}
