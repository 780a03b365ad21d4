import type { Finding, Phase, Submission } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import { parseDocument } from './documents.ts'
import type { SubmissionRow } from './schema.ts'
import * as uploads from './uploads.ts'

export async function insert(tx: Tx, submission: Submission): Promise<void> {
  await tx.db.insertInto('submission').values(toRow(submission)).execute()
}

export async function save(tx: Tx, submission: Submission): Promise<void> {
  const { id, ...columns } = toRow(submission)
  await tx.db.updateTable('submission').set(columns).where('id', '=', id).execute()
}

export async function removeAllOfTrack(tx: Tx, trackId: string): Promise<void> {
  const all = await tx.db.selectFrom('submission').select('id').where('trackId', '=', trackId).execute()
  for (const { id } of all) await uploads.removeOfSubmission(tx, id)
  await tx.db.deleteFrom('submission').where('trackId', '=', trackId).execute()
}

/** What belongs to a submission, such as its shipping labels, the oldest first. */
export async function byParent(tx: Tx, parentId: string): Promise<Submission[]> {
  return (await selectByParent(tx, parentId)).map(fromRow)
}

const selectByParent = compiled<SubmissionRow, [parentId: string]>((db, parentId) =>
  db.selectFrom('submission').selectAll().where('parentId', '=', parentId).orderBy('createdAt').orderBy('id'),
)

export async function remove(tx: Tx, id: string): Promise<void> {
  await uploads.removeOfSubmission(tx, id)
  await tx.db.deleteFrom('submission').where('id', '=', id).execute()
}

export async function get(tx: Tx, id: string): Promise<Submission | undefined> {
  const [row] = await selectById(tx, id)
  return row && fromRow(row)
}

const selectById = compiled<SubmissionRow, [id: string]>((db, id) =>
  db.selectFrom('submission').selectAll().where('id', '=', id),
)

/** The one submission of a track in a phase; of `failed`, `past` and `cancelled` ones the latest. */
export async function inPhase(tx: Tx, trackId: string, phase: Phase): Promise<Submission | undefined> {
  const row = await tx.db
    .selectFrom('submission')
    .selectAll()
    .where('trackId', '=', trackId)
    .where('phase', '=', phase)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The submission made last on a track. */
export async function newest(tx: Tx, trackId: string): Promise<Submission | undefined> {
  const row = await tx.db
    .selectFrom('submission')
    .selectAll()
    .where('trackId', '=', trackId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** When the first release of a track was published; null before. */
export async function firstPublishedAt(tx: Tx, trackId: string): Promise<number | null> {
  const row = await tx.db
    .selectFrom('submission')
    .select(({ fn }) => fn.min<number | null>('publishedAt').as('at'))
    .where('trackId', '=', trackId)
    .executeTakeFirst()
  return row?.at == null ? null : Number(row.at)
}

export async function everPublished(tx: Tx, productId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('submission')
    .select('id')
    .where('productId', '=', productId)
    .where('publishedAt', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Oldest first. */
export async function list(
  tx: Tx,
  productId: string,
  page: { after: { createdAt: number; id: string } | null; limit: number },
): Promise<Submission[]> {
  let query = tx.db.selectFrom('submission').selectAll().where('productId', '=', productId)
  const { after } = page
  if (after) {
    query = query.where(({ eb, or, and }) =>
      or([
        eb('createdAt', '>', after.createdAt),
        and([eb('createdAt', '=', after.createdAt), eb('id', '>', after.id)]),
      ]),
    )
  }
  const rows = await query.orderBy('createdAt').orderBy('id').limit(page.limit).execute()
  return rows.map(fromRow)
}

/** Everybody's that changed since a time and were not imported as released, the oldest first. */
export async function movedSince(tx: Tx, time: number): Promise<Submission[]> {
  const rows = await tx.db
    .selectFrom('submission')
    .selectAll()
    .where('updatedAt', '>=', time)
    .where(({ eb, or }) => or([eb('verdict', 'is not', null), eb('publishedAt', 'is', null)]))
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export async function countByStep(tx: Tx): Promise<{ store: string; step: string; count: number }[]> {
  return tx.db
    .selectFrom('submission')
    .select(['store', 'step', ({ fn }) => fn.countAll<number>().as('count')])
    .where('phase', 'in', ['draft', 'moving'])
    .groupBy(['store', 'step'])
    .execute()
}

function toRow(submission: Submission): SubmissionRow {
  return {
    ...submission,
    content: JSON.stringify(submission.content),
    findings: JSON.stringify(submission.findings),
    changed: submission.changed ? 1 : 0,
  }
}

function fromRow(row: SubmissionRow): Submission {
  return {
    ...row,
    phase: row.phase as Phase,
    content: parseDocument<Submission['content']>(row.id, row.content),
    findings: JSON.parse(row.findings) as Finding[],
    changed: row.changed === 1,
  }
}
