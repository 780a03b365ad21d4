import pg from 'pg'

/** Where the benchmarks look for a PostgreSQL; they make a database of their own there and drop it. */
export const serverUrl = process.env.SLIPWAY_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** An empty database; undefined where no PostgreSQL answers. */
export async function benchDatabase(name: string): Promise<({ url: string } & AsyncDisposable) | undefined> {
  const own = `slipway_bench_${name}_${process.pid}`
  try {
    await administer(`create database ${own}`)
  } catch (error) {
    console.log(`  no PostgreSQL at ${serverUrl}: ${(error as Error).message}`)
    return undefined
  }
  const url = new URL(serverUrl)
  url.pathname = `/${own}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(`drop database if exists ${own} with (force)`),
  }
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
