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

/** A block that is sent again replaces the one that no list has named yet. */
export async function stageBlock(tx: Tx, block: Omit<UploadBlockRow, 'committed'>): Promise<void> {
  await tx.db
    .insertInto('uploadBlock')
    .values({ ...block, committed: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['uploadId', 'blockId', 'committed'])
        .doUpdateSet({ blob: block.blob, size: block.size }),
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
