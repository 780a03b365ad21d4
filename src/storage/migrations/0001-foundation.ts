import { type Kysely, sql } from 'kysely'
import { countedOf, textOf } from './dialect.ts'

/** Accounts, products, submissions, packages, operations, events and jobs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = textOf(db)
  await db.schema
    .createTable('account')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('credential')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('accountId', text, (column) => column.notNull().references('account.id'))
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('clientId', text, (column) => column.notNull())
    .addColumn('tenantId', text)
    .addColumn('hash', text, (column) => column.notNull())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('label', text, (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint')
    .addColumn('revokedAt', 'bigint')
    .execute()
  await db.schema.createIndex('credentialByClient').on('credential').columns(['clientId', 'kind']).execute()
  await db.schema.createIndex('credentialByHash').on('credential').column('hash').execute()
  await db.schema.createIndex('credentialByAccount').on('credential').column('accountId').execute()

  await db.schema
    .createTable('signingKey')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('purpose', text, (column) => column.notNull())
    .addColumn('secret', text, (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('retiredAt', 'bigint')
    .execute()

  await db.schema
    .createTable('product')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('accountId', text, (column) => column.notNull().references('account.id'))
    .addColumn('store', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('identity', text)
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('productByAccount')
    .on('product')
    .columns(['accountId', 'store', 'id'])
    .execute()

  await db.schema
    .createTable('track')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('productId', text, (column) => column.notNull().references('product.id'))
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('trackByProduct').on('track').column('productId').execute()

  await db.schema
    .createTable('submission')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('productId', text, (column) => column.notNull().references('product.id'))
    .addColumn('trackId', text, (column) => column.notNull().references('track.id'))
    .addColumn('accountId', text, (column) => column.notNull().references('account.id'))
    .addColumn('store', text, (column) => column.notNull())
    .addColumn('lifecycle', text, (column) => column.notNull())
    .addColumn('step', text, (column) => column.notNull())
    .addColumn('phase', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('changed', 'integer', (column) => column.notNull())
    .addColumn('verdict', text)
    .addColumn('findings', text, (column) => column.notNull())
    .addColumn('clonedFrom', text)
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .addColumn('stepAt', 'bigint', (column) => column.notNull())
    .addColumn('publishedAt', 'bigint')
    .execute()
  await db.schema
    .createIndex('submissionByTrack')
    .on('submission')
    .columns(['trackId', 'createdAt', 'id'])
    .execute()
  await db.schema
    .createIndex('submissionByProduct')
    .on('submission')
    .columns(['productId', 'createdAt', 'id'])
    .execute()
  // At most one draft, one on its way and one live: the database itself refuses a second publication.
  for (const phase of ['draft', 'moving', 'live']) {
    await sql`create unique index ${sql.id(`one_${phase}`)} on ${sql.table('submission')} (${sql.ref('trackId')}) where ${sql.ref('phase')} = ${sql.lit(phase)}`.execute(
      db,
    )
  }

  await db.schema
    .createTable('package')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('productId', text, (column) => column.notNull().references('product.id'))
    .addColumn('fileName', text, (column) => column.notNull())
    .addColumn('blob', text, (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('inspectedAt', 'bigint')
    .addColumn('format', text)
    .addColumn('sound', 'integer', (column) => column.notNull())
    .addColumn('facts', text, (column) => column.notNull())
    .addColumn('findings', text, (column) => column.notNull())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('packageByProduct')
    .on('package')
    .columns(['productId', 'createdAt', 'id'])
    .execute()

  await db.schema
    .createTable('submissionPackage')
    .addColumn('submissionId', text, (column) =>
      column.notNull().references('submission.id').onDelete('cascade'),
    )
    .addColumn('packageId', text, (column) => column.notNull().references('package.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('submissionPackageKey', ['submissionId', 'packageId'])
    .execute()

  await db.schema
    .createTable('operation')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('productId', text, (column) => column.notNull().references('product.id'))
    .addColumn('accountId', text, (column) => column.notNull().references('account.id'))
    .addColumn('store', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('packageId', text)
    .addColumn('submissionId', text)
    .addColumn('refusal', text)
    .addColumn('findings', text, (column) => column.notNull())
    .addColumn('notes', text, (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('operationByProduct')
    .on('operation')
    .columns(['productId', 'createdAt', 'id'])
    .execute()

  await sql`create table event (
    seq ${countedOf(db)},
    at bigint not null,
    ${sql.ref('accountId')} ${text} not null,
    type ${text} not null,
    store ${text},
    ${sql.ref('productId')} ${text},
    ${sql.ref('submissionId')} ${text},
    data ${text} not null
  )`.execute(db)
  await db.schema.createIndex('eventByAccount').on('event').columns(['accountId', 'seq']).execute()

  await db.schema
    .createTable('job')
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('runAt', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('lastError', text)
    .addPrimaryKeyConstraint('jobKey', ['kind', 'id'])
    .execute()
  await db.schema.createIndex('jobByTime').on('job').column('runAt').execute()
}
