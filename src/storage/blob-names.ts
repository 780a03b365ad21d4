import { sql } from 'kysely'
import type { Tx } from './database.ts'

/** Names of one question; there are databases that take no more than some thousands of values. */
const atOnce = 500

/** Which of the blobs any row names: packages, uploads, their blocks, parts of composed blobs, files in documents. */
export async function namedAmong(tx: Tx, names: readonly string[]): Promise<Set<string>> {
  const named = new Set<string>()
  for (const some of inTurns(names)) {
    const rows = await tx.db
      .selectFrom('package')
      .select('blob as name')
      .where('blob', 'in', some)
      .union(
        tx.db
          .selectFrom('upload')
          .select((eb) => eb.ref('blob').$notNull().as('name'))
          .where('blob', 'in', some),
      )
      .union(tx.db.selectFrom('uploadBlock').select('blob as name').where('blob', 'in', some))
      .union(tx.db.selectFrom('blobPart').select('part as name').where('part', 'in', some))
      .union(tx.db.selectFrom('keptFile').select('sha256 as name').where('sha256', 'in', some))
      .execute()
    for (const { name } of rows) named.add(name)
  }
  return named
}

/** Parts are kept as long as what is composed of them. */
export async function insertParts(tx: Tx, whole: string, parts: Iterable<string>): Promise<void> {
  for (const some of inTurns([...new Set(parts)])) {
    await tx.db
      .insertInto('blobPart')
      .values(some.map((part) => ({ whole, part })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** A file that a document of the product names. */
export async function insertFile(tx: Tx, sha256: string, productId: string): Promise<void> {
  await tx.db
    .insertInto('keptFile')
    .values({ sha256, productId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Some of the files, after one that was seen already, with whether a document of the product still names them. */
export async function pageOfFiles(
  tx: Tx,
  after: { sha256: string; productId: string },
  limit: number,
): Promise<{ sha256: string; productId: string; named: boolean }[]> {
  const rows = await tx.db
    .selectFrom('keptFile')
    .select(({ exists, selectFrom, ref }) => [
      'sha256',
      'productId',
      exists(
        selectFrom('submission')
          .select('submission.id')
          .whereRef('submission.productId', '=', 'keptFile.productId')
          .where('content', 'like', sql<string>`'%' || ${ref('keptFile.sha256')} || '%'`),
      ).as('named'),
    ])
    .where(({ eb, and, or }) =>
      or([
        eb('sha256', '>', after.sha256),
        and([eb('sha256', '=', after.sha256), eb('productId', '>', after.productId)]),
      ]),
    )
    .orderBy('sha256')
    .orderBy('productId')
    .limit(limit)
    .execute()
  return rows.map(({ sha256, productId, named }) => ({ sha256, productId, named: Boolean(named) }))
}

export async function removeFile(tx: Tx, sha256: string, productId: string): Promise<void> {
  await tx.db.deleteFrom('keptFile').where('sha256', '=', sha256).where('productId', '=', productId).execute()
}

/** A blob whose bytes are being removed (`removedAt` is null), or were at a time in milliseconds since 1970. */
export interface Removal {
  readonly sha256: string
  readonly removedAt: number | null
}

export async function insertRemovals(tx: Tx, names: readonly string[]): Promise<void> {
  for (const some of inTurns(names)) {
    await tx.db
      .insertInto('blobRemoval')
      .values(some.map((sha256) => ({ sha256, removedAt: null })))
      .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ removedAt: null }))
      .execute()
  }
}

export async function removal(tx: Tx, sha256: string): Promise<Removal | undefined> {
  return tx.db.selectFrom('blobRemoval').selectAll().where('sha256', '=', sha256).executeTakeFirst()
}

/** Those that were begun and not ended, whoever began them. */
export async function openRemovals(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('blobRemoval')
    .select('sha256')
    .where('removedAt', 'is', null)
    .orderBy('sha256')
    .limit(limit)
    .execute()
  return rows.map(({ sha256 }) => sha256)
}

export async function endRemoval(tx: Tx, sha256: string, removedAt: number): Promise<void> {
  await tx.db.updateTable('blobRemoval').set({ removedAt }).where('sha256', '=', sha256).execute()
  await tx.db.deleteFrom('blobPart').where('whole', '=', sha256).execute()
}

export async function forgetRemoval(tx: Tx, sha256: string): Promise<void> {
  await tx.db.deleteFrom('blobRemoval').where('sha256', '=', sha256).execute()
}

export async function forgetRemovalsBefore(tx: Tx, time: number): Promise<void> {
  await tx.db.deleteFrom('blobRemoval').where('removedAt', '<', time).execute()
}

function* inTurns<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += atOnce) yield all.slice(from, from + atOnce)
}
