import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openPostgres } from '../../src/storage/postgres.ts'

/** Where tests look for a PostgreSQL; they make databases of their own there and drop them. */
export const serverUrl = process.env.SLIPWAY_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres'

export interface TestDatabase extends AsyncDisposable {
  readonly url: string
}

/**
 * Why tests that need PostgreSQL cannot run here, said once and loudly; undefined when they can.
 * @throws where none is reachable and `CI=true`, as they must not be passed over there
 */
export async function withoutPostgres(what: string): Promise<string | undefined> {
  try {
    await administer('select 1')
    return undefined
  } catch (cause) {
    const reason = `SKIPPED: ${what}: no PostgreSQL at ${serverUrl} (SLIPWAY_TEST_POSTGRES names another)`
    if (process.env.CI === 'true') throw new Error(reason, { cause })
    process.stderr.write(`\n*** ${reason} ***\n\n`)
    return reason
  }
}

/** A database that nobody migrated. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return create('template0')
}

let template: Promise<TestDatabase> | undefined

/** A database as migrations leave it: a copy of one that this process has migrated once. */
export async function migratedDatabase(): Promise<TestDatabase> {
  template ??= migrated()
  return create(nameOf((await template).url))
}

/** Drops what this process made to copy from. */
export async function dropTemplate(): Promise<void> {
  const made = await template
  template = undefined
  await made?.[Symbol.asyncDispose]()
}

async function migrated(): Promise<TestDatabase> {
  const made = await create('template0')
  await using database = openPostgres(made.url)
  await database.migrate()
  return made
}

async function create(from: string): Promise<TestDatabase> {
  const name = `slipway_test_${process.pid}_${randomBytes(4).toString('hex')}`
  // Copying files does without the write-ahead log of a whole database.
  await administer(`create database ${name} template ${from} strategy file_copy`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(`drop database if exists ${name} with (force)`),
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
