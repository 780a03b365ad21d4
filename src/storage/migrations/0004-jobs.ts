import { type Kysely, sql } from 'kysely'
import { textOf } from './dialect.ts'

/** Jobs know whose they are, so that accounts can take turns. What waits already is nobody's in particular. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('job')
    .addColumn('accountId', textOf(db), (column) => column.notNull().defaultTo(sql`''`))
    .execute()
  await db.schema.createIndex('jobByAccount').on('job').columns(['accountId', 'runAt']).execute()
}
