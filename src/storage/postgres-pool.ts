import pg from 'pg'

const { Pool, types } = pg

/** Object id of the type `bigint`. */
const bigint = 20

/** How long to wait for a connection, be it a new one or one that somebody else has. */
const connectMs = 10_000

/** After this long without a word inside a transaction the process that began it is taken for dead. */
const idleTransactionMs = 60_000

/**
 * Connections to PostgreSQL. An error of a connection that nobody uses is told and forgotten: the next one who wants
 * a connection gets a new one.
 */
export function openPool(url: string, size: number, onError: (error: Error) => void): pg.Pool {
  const pool = new Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    application_name: 'slipway',
    idle_in_transaction_session_timeout: idleTransactionMs,
    types: { getTypeParser: parserOf },
    // Rows are looked up by key. A plan that reads a small table as a whole locks all of it against other
    // serializable transactions, and is kept when the table has grown. Where there is no other plan its made-up cost
    // would have PostgreSQL compile it, which takes half a second.
    options: '-c enable_seqscan=off -c jit=off',
  })
  pool.on('error', onError)
  // Between two queries of a transaction the pool does not listen, and Node ends a process for an unheard error.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Times and sizes are below 2^53, so a `bigint` is a number; for this pool only. */
const parserOf = ((oid: number, format?: 'text') =>
  oid === bigint ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser
