/**
 * What an error of PostgreSQL or of the way to it means for the transaction it struck:
 *
 * - `met`: another transaction was in the way, and this one was undone;
 * - `raced`: a constraint was broken, which may only be so because another transaction came first: the same work
 *   sees that when it looks again;
 * - `lost`: the connection is gone or could not be made; PostgreSQL is restarting, or the network is broken;
 * - `replan`: a migration changed a table under a statement that this connection had prepared;
 * - `refused`: anything else, which will be so again.
 */
export type Failure = 'met' | 'raced' | 'lost' | 'replan' | 'refused'

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return 'refused'
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') return lostMessage.test(error.message) ? 'lost' : 'refused'
  if (metCodes.has(code)) return 'met'
  if (racedCodes.has(code)) return 'raced'
  if (lostCodes.has(code) || code.startsWith('08')) return 'lost'
  if (code === featureNotSupported && /cached plan/.test(error.message)) return 'replan'
  return 'refused'
}

/** serialization_failure, deadlock_detected */
const metCodes = new Set(['40001', '40P01'])

/** unique_violation, foreign_key_violation */
const racedCodes = new Set(['23505', '23503'])

/** PostgreSQL's word for a prepared statement whose result has other columns by now. */
const featureNotSupported = '0A000'

const lostCodes = new Set([
  // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, idle_in_transaction_session_timeout
  ...['57P01', '57P02', '57P03', '53300', '25P03'],
  // read_only_sql_transaction: what was the primary a moment ago is one no more.
  '25006',
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOENT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EAI_AGAIN', 'ENOTFOUND'],
])

/** The driver's own errors have no code. */
const lostMessage =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/
