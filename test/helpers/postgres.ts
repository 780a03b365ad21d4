import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
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

/** Databases that servers of this process used and emptied: making one takes ten times as long. */
const idle: TestDatabase[] = []

/** A database as migrations leave it, the caller's until it is disposed. */
export async function migratedDatabase(): Promise<TestDatabase> {
  template ??= migrated()
  const made = idle.pop() ?? (await create(nameOf((await template).url)))
  return {
    url: made.url,
    async [Symbol.asyncDispose]() {
      await empty(made.url)
      idle.push(made)
    },
  }
}

// Of the file that imports this, whatever became of its tests.
after(async () => {
  for (const made of [...idle.splice(0), await template]) await made?.[Symbol.asyncDispose]()
})

/** Takes everything out but the schema: far quicker than `truncate`, which makes new files for every table. */
async function empty(url: string): Promise<void> {
  await withClient(url, (client) => client.query(emptying))
}

const emptying = `
  set session_replication_role = replica;
  do $$ declare one record; begin
    for one in select format('delete from %I.%I', schemaname, tablename) as statement from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') and tablename not like '%migration%'
    loop execute one.statement; end loop;
    perform setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) from pg_sequences;
  end $$`

async function migrated(): Promise<TestDatabase> {
  await dropOrphans()
  const made = await create('template0')
  await using database = openPostgres(made.url)
  await database.migrate()
  return made
}

async function create(from: string): Promise<TestDatabase> {
  const name = `slipway_test_${process.pid}_${randomBytes(4).toString('hex')}`
  await administer(`create database ${name} template ${from}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(`drop database if exists ${name} with (force)`),
  }
}

/** Drops what processes left that were killed. */
async function dropOrphans(): Promise<void> {
  await withClient(serverUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datname ~ '^slipway_test_[0-9]+_'",
    )
    for (const { datname } of rows) {
      if (!isAlive(Number(datname.split('_')[2]))) {
        await client.query(`drop database if exists ${datname} with (force)`)
      }
    }
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

async function administer(statement: string): Promise<void> {
  await withClient(serverUrl, (client) => client.query(statement))
}

async function withClient(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
