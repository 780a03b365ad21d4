import { type Kysely, sql } from 'kysely'
import { textOf } from './dialect.ts'

/**
 * Jobs know whose they are, so that accounts can take turns (what waits already is nobody's in particular), and
 * processes that run jobs are known, so that the jobs of those that died can be given to others.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('job')
    .addColumn('accountId', textOf(db), (column) => column.notNull().defaultTo(sql`''`))
    .execute()
  await db.schema.createIndex('jobByAccount').on('job').columns(['accountId', 'runAt']).execute()
  await db.schema
    .createTable('jobRunner')
    .addColumn('id', textOf(db), (column) => column.primaryKey())
    .execute()
}
