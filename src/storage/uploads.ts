import type { Upload } from '../engine/types.ts'
import { compiled } from './compiled.ts'
import type { Tx } from './database.ts'
import type { UploadBlockRow, UploadRow } from './schema.ts'

export async function insert(tx: Tx, upload: Upload): Promise<void> {
  await tx.db.insertInto('upload').values(upload).execute()
}

export async function get(tx: Tx, id: string): Promise<Upload | undefined> {
  return tx.db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function ofSubmission(
  tx: Tx,
  submissionId: string,
  purpose: string,
): Promise<Upload | undefined> {
  return tx.db
    .selectFrom('upload')
    .selectAll()
    .where('submissionId', '=', submissionId)
    .where('purpose', '=', purpose)
    .executeTakeFirst()
}

/** Everything a submission has to be fetched, and its slot for being put. */
export async function allOfSubmission(tx: Tx, submissionId: string): Promise<Upload[]> {
  return selectOfSubmission(tx, submissionId)
}

const selectOfSubmission = compiled<UploadRow, [submissionId: string]>((db, submissionId) =>
  db
    .selectFrom('upload')
    .selectAll()
    .where('submissionId', '=', submissionId)
    .orderBy('createdAt')
    .orderBy('id'),
)

export async function setBytes(
  tx: Tx,
  id: string,
  bytes: { blob: string; size: number; at: number },
): Promise<void> {
  await tx.db
    .updateTable('upload')
    .set({ blob: bytes.blob, size: bytes.size, updatedAt: bytes.at })
    .where('id', '=', id)
    .execute()
}

/** Remembers what the blob store calls the bytes that were there; the last time counts. */
export async function setMark(tx: Tx, uploadId: string, mark: string): Promise<void> {
  await tx.db
    .insertInto('directUpload')
    .values({ uploadId, mark })
    .onConflict((conflict) => conflict.column('uploadId').doUpdateSet({ mark }))
    .execute()
}

export async function markOf(tx: Tx, uploadId: string): Promise<string | undefined> {
  const row = await tx.db
    .selectFrom('directUpload')
    .select('mark')
    .where('uploadId', '=', uploadId)
    .executeTakeFirst()
  return row?.mark
}

/** Takes the bytes from uploads that nobody needs them of any more; their rows stay. */
export async function forgetBytes(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.db.updateTable('upload').set({ blob: null, size: 0 }).where('id', 'in', ids).execute()
  await tx.db.deleteFrom('uploadBlock').where('uploadId', 'in', ids).execute()
}

/** Some of the uploads, in the order of their ids, with the phase of their submissions. */
export async function page(tx: Tx, after: string, limit: number): Promise<UploadInPhase[]> {
  return selectInPhase(tx).where('upload.id', '>', after).orderBy('upload.id').limit(limit).execute()
}

export async function inPhases(tx: Tx, ids: readonly string[]): Promise<UploadInPhase[]> {
  return ids.length === 0 ? [] : selectInPhase(tx).where('upload.id', 'in', ids).execute()
}

export type UploadInPhase = UploadRow & { readonly phase: string | null }

function selectInPhase(tx: Tx) {
  return tx.db
    .selectFrom('upload')
    .leftJoin('submission', 'submission.id', 'upload.submissionId')
    .selectAll('upload')
    .select('submission.phase')
}

/** A submission's places to put bytes are gone with it. */
export async function removeOfSubmission(tx: Tx, submissionId: string): Promise<void> {
  await tx.db.deleteFrom('upload').where('submissionId', '=', submissionId).execute()
}

/** Some of the blocks that no list has named since a time; @returns how many were removed */
export async function removeBlocksBefore(tx: Tx, time: number, limit: number): Promise<number> {
  const old = await tx.db
    .selectFrom('uploadBlock')
    .select(['uploadId', 'blockId'])
    .where('committed', '=', 0)
    .where('at', '<', time)
    .orderBy('at')
    .limit(limit)
    .execute()
  for (const { uploadId, blockId } of old) {
    await tx.db
      .deleteFrom('uploadBlock')
      .where('uploadId', '=', uploadId)
      .where('blockId', '=', blockId)
      .where('committed', '=', 0)
      .execute()
  }
  return old.length
}

/** A block that is sent again replaces the one that no list has named yet. */
export async function stageBlock(tx: Tx, block: Omit<UploadBlockRow, 'committed'>): Promise<void> {
  await tx.db
    .insertInto('uploadBlock')
    .values({ ...block, committed: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['uploadId', 'blockId', 'committed'])
        .doUpdateSet({ blob: block.blob, size: block.size, at: block.at }),
    )
    .execute()
}

export async function blocks(tx: Tx, uploadId: string): Promise<UploadBlockRow[]> {
  return tx.db.selectFrom('uploadBlock').selectAll().where('uploadId', '=', uploadId).execute()
}

/** What a block list named is all that is left. */
export async function commitBlocks(
  tx: Tx,
  uploadId: string,
  named: readonly Omit<UploadBlockRow, 'committed'>[],
): Promise<void> {
  await tx.db.deleteFrom('uploadBlock').where('uploadId', '=', uploadId).execute()
  for (const block of named) {
    await tx.db
      .insertInto('uploadBlock')
      .values({ ...block, committed: 1 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
