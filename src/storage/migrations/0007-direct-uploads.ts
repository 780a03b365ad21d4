import type { Kysely } from 'kysely'
import { textOf } from './dialect.ts'

/** What a client had put straight into the blob store when it handed its submission in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('directUpload')
    .addColumn('uploadId', textOf(db), (column) =>
      column.primaryKey().references('upload.id').onDelete('cascade'),
    )
    .addColumn('mark', 'text', (column) => column.notNull())
    .execute()
}
