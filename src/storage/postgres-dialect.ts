import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { QueryResult as PgResult } from 'pg'
import type { Schema } from './schema.ts'

/** Whatever runs queries: the pool, or one connection of it. */
export interface Queryable {
  query(query: { name?: string; text: string; values: unknown[] }): Promise<PgResult>
}

/** Statements that connections keep prepared; far more than the queries there are. */
const mostStatements = 500

/** The same query has the same name on every connection. */
const names = new Map<string, string>()

/** Sends a query; one that was seen before need not be parsed and planned again. */
export async function send<Row>(
  queryable: Queryable,
  { sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>,
): Promise<QueryResult<Row>> {
  const name = nameOf(sql)
  const values = parameters.map(storable)
  const result = await queryable.query(
    name === undefined ? { text: sql, values } : { name, text: sql, values },
  )
  return { rows: result.rows as Row[], numAffectedRows: BigInt(result.rowCount ?? 0) }
}

function nameOf(sql: string): string | undefined {
  const known = names.get(sql)
  if (known !== undefined || names.size >= mostStatements) return known
  const name = `slipway_${names.size}`
  names.set(sql, name)
  return name
}

/**
 * PostgreSQL's text cannot hold U+0000. As with a lone surrogate, which UTF-8 cannot hold, U+FFFD takes its place:
 * names with one are kept so, and ids with one name nothing. Documents are JSON, where both are written as escapes.
 */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

const adapter = new PostgresAdapter()
const compiler = new PostgresQueryCompiler()

/** The query builder on a connection or pool. Transactions are begun and ended by whoever has the connection. */
export function kyselyOn(queryable: Queryable): Kysely<Schema> {
  const connection: DatabaseConnection = {
    executeQuery: <Row>(query: CompiledQuery) => send<Row>(queryable, query),
    streamQuery: () => {
      throw new Error('rows are not streamed')
    },
  }
  const run = async (text: string) => void (await queryable.query({ text, values: [] }))
  const dialect: Dialect = {
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: () => run('begin'),
      commitTransaction: () => run('commit'),
      rollbackTransaction: () => run('rollback'),
      releaseConnection: async () => {},
      destroy: async () => {},
    }),
  }
  return new Kysely<Schema>({ dialect })
}
