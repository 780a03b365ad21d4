import { type Kysely, sql } from 'kysely'
import { textOf } from './dialect.ts'

/**
 * What collecting abandoned bytes needs: every place that names a blob is found by the name, the parts of composed
 * blobs and the files that documents name are rows, and what is being removed is known to whoever would name it again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blobPart')
    .addColumn('whole', textOf(db), (column) => column.notNull())
    .addColumn('part', textOf(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('blobPartKey', ['whole', 'part'])
    .execute()
  await db.schema.createIndex('blobPartByPart').on('blobPart').column('part').execute()
  await db.schema
    .createTable('keptFile')
    .addColumn('sha256', textOf(db), (column) => column.notNull())
    .addColumn('productId', textOf(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('keptFileKey', ['sha256', 'productId'])
    .execute()
  await db.schema
    .createTable('blobRemoval')
    .addColumn('sha256', textOf(db), (column) => column.primaryKey())
    .addColumn('removedAt', 'bigint')
    .execute()
  await db.schema
    .createTable('housekeeping')
    .addColumn('name', textOf(db), (column) => column.primaryKey())
    .addColumn('dueAt', 'bigint', (column) => column.notNull())
    .addColumn('cursors', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .alterTable('uploadBlock')
    .addColumn('at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await sql`update ${sql.table('uploadBlock')} set ${sql.ref('at')} = ${Date.now()}`.execute(db)
  await db.schema.createIndex('uploadBlockByAge').on('uploadBlock').columns(['committed', 'at']).execute()
  await db.schema.createIndex('uploadBlockByBlob').on('uploadBlock').column('blob').execute()
  await db.schema.createIndex('uploadByBlob').on('upload').column('blob').execute()
  await db.schema.createIndex('packageByBlob').on('package').column('blob').execute()
  await rememberWhatIsThere(db as Kysely<Rows>)
}

interface Rows {
  upload: { id: string; submissionId: string | null; blob: string | null }
  uploadBlock: { uploadId: string; blob: string; committed: number }
  submission: { id: string; productId: string; content: string }
  blobPart: { whole: string; part: string }
  keptFile: { sha256: string; productId: string }
}

/** Rows for what was composed and for what documents name, and none for uploads whose submissions are gone. */
async function rememberWhatIsThere(db: Kysely<Rows>): Promise<void> {
  await db
    .insertInto('blobPart')
    .columns(['whole', 'part'])
    .expression((eb) =>
      eb
        .selectFrom('upload')
        .innerJoin('uploadBlock', 'uploadBlock.uploadId', 'upload.id')
        .where('committed', '=', 1)
        .where('upload.blob', 'is not', null)
        .select((each) => [each.ref('upload.blob').$notNull().as('whole'), 'uploadBlock.blob as part'])
        .distinct(),
    )
    .execute()
  const naming = await db
    .selectFrom('submission')
    .select(['productId', 'content'])
    .where('content', 'like', '%"sha256":"%')
    .execute()
  for (const { productId, content } of naming) {
    for (const [sha256] of content.matchAll(/\b[0-9a-f]{64}\b/g)) {
      await db
        .insertInto('keptFile')
        .values({ sha256, productId })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }
  await db
    .deleteFrom('upload')
    .where('submissionId', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('submission')
            .select('submission.id')
            .whereRef('submission.id', '=', 'upload.submissionId'),
        ),
      ),
    )
    .execute()
}
