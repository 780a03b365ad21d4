import pg from 'pg'

/** What the server asks of PostgreSQL for a request, by the bare driver: the same rows by the same keys, and no more. */
export interface BareQueries extends AsyncDisposable {
  /** Reads for a status: credential, submission. */
  status(rows: Rows): Promise<void>
  /** A credential, and a serializable transaction that reads all around a draft, writes its document and an event. */
  document(rows: Rows, text: string): Promise<void>
}

export interface Rows {
  readonly productId: string
  readonly submissionId: string
}

export async function bareQueries(url: string): Promise<BareQueries> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const { rows } = await pool.query<{ id: string; accountId: string }>(
    'select id, "accountId" from credential limit 1',
  )
  const { id: credentialId, accountId } = rows[0] ?? { id: '', accountId: '' }
  const prepared = (name: string, text: string, values: unknown[]) => ({ name, text, values })
  const product = ({ productId }: Rows) =>
    prepared('product', 'select * from product where id = $1 and "accountId" = $2', [productId, accountId])
  const submission = ({ submissionId }: Rows) =>
    prepared('submission', 'select * from submission where id = $1', [submissionId])
  const around = (rows: Rows) => [
    product(rows),
    prepared('track', 'select * from track where "productId" = $1', [rows.productId]),
    submission(rows),
    prepared(
      'packages',
      `select package.* from "submissionPackage" join package on package.id = "packageId" where "submissionId" = $1`,
      [rows.submissionId],
    ),
  ]
  const credential = () => prepared('credential', 'select * from credential where id = $1', [credentialId])
  return {
    async status(rows) {
      for (const query of [credential(), submission(rows)]) await pool.query(query)
    },
    async document(rows, text) {
      const { productId, submissionId } = rows
      await pool.query(credential())
      for (;;) {
        const client = await pool.connect()
        try {
          await client.query('begin isolation level serializable')
          for (const query of around(rows)) await client.query(query)
          await client.query(
            prepared('save', 'update submission set content = $2, revision = revision + 1 where id = $1', [
              submissionId,
              text,
            ]),
          )
          await client.query(
            prepared(
              'record',
              `insert into event (at, "accountId", type, store, "productId", "submissionId", data)
               values ($1, $2, 'submission.changed', 'microsoft', $3, $4, '{}')`,
              [Date.now(), accountId, productId, submissionId],
            ),
          )
          await client.query('commit')
          return
        } catch (error) {
          await client.query('rollback')
          if ((error as { code?: string }).code !== '40001') throw error
        } finally {
          client.release()
        }
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
