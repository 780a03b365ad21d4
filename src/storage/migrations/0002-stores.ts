import type { Kysely } from 'kysely'
import { textOf } from './dialect.ts'

/** What the stores beyond Edge need: products with data and parents, flights, and uploads by signed URL. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = textOf(db)
  await db.schema
    .alterTable('product')
    .addColumn('data', text, (column) => column.notNull().defaultTo('{}'))
    .execute()
  await db.schema.alterTable('product').addColumn('parentId', text).execute()
  await db.schema.createIndex('productByParent').on('product').columns(['parentId', 'id']).execute()
  await db.schema
    .alterTable('track')
    .addColumn('data', text, (column) => column.notNull().defaultTo('{}'))
    .execute()
  await db.schema.alterTable('submission').addColumn('parentId', text).execute()
  await db.schema.alterTable('submission').addColumn('uploadId', text).execute()
  await db.schema.createIndex('submissionByParent').on('submission').column('parentId').execute()

  await db.schema
    .createTable('upload')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('accountId', text, (column) => column.notNull().references('account.id'))
    .addColumn('store', text, (column) => column.notNull())
    .addColumn('submissionId', text)
    .addColumn('purpose', text, (column) => column.notNull())
    .addColumn('fileName', text, (column) => column.notNull())
    .addColumn('contentType', text, (column) => column.notNull())
    .addColumn('blob', text)
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('uploadBySubmission')
    .on('upload')
    .columns(['submissionId', 'purpose'])
    .execute()

  await db.schema
    .createTable('uploadBlock')
    .addColumn('uploadId', text, (column) => column.notNull().references('upload.id').onDelete('cascade'))
    .addColumn('blockId', text, (column) => column.notNull())
    .addColumn('blob', text, (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('committed', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('uploadBlockKey', ['uploadId', 'blockId', 'committed'])
    .execute()
}
