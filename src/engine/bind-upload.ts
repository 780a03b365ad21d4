import type { Blob } from '../blobs/blob-store.ts'
import * as table from '../storage/uploads.ts'
import type { Context, Tx } from './context.ts'
import { holdBlob } from './hold-blob.ts'
import { at, record } from './record.ts'
import type { Submission, Upload } from './types.ts'

/** Binds bytes to the place of a submission that they were put in. */
export async function bindUpload(
  context: Context,
  tx: Tx,
  submission: Submission,
  upload: Upload,
  { sha256, size }: Blob,
): Promise<Upload> {
  await holdBlob(context, tx, sha256)
  const bound = { ...upload, blob: sha256, size, updatedAt: context.clock.now() }
  await table.setBytes(tx, upload.id, { blob: sha256, size, at: bound.updatedAt })
  await record(context, tx, {
    ...at(submission),
    submissionId: submission.id,
    type: 'upload.put',
    data: { uploadId: upload.id, purpose: upload.purpose, sha256, size },
  })
  return bound
}
