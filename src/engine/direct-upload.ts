import { BlobTooLarge } from '../blobs/blob-store.ts'
import * as submissions from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import { bindUpload } from './bind-upload.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { addressed, type SubmissionAddress } from './edit-submission.ts'
import type { Actor, Upload } from './types.ts'

/**
 * Where a client puts the bytes of an upload without this server seeing them, for so many milliseconds; null where
 * there is no such place, and once the bytes were taken from it: what is to be fetched is fetched here.
 */
export async function directUploadUrl(
  context: Context,
  { uploadId, lifeMs }: { uploadId: string; lifeMs: number },
): Promise<string | null> {
  const { direct } = context.blobs
  if (!direct) return null
  const upload = await context.database.read((tx) => uploads.get(tx, uploadId))
  return upload?.blob === null ? direct.url(uploadId, { lifeMs }) : null
}

/**
 * Marks what a client has put straight into the blob store, before its submission is handed in: what it puts from then
 * on changes nothing. Outside any transaction.
 * @throws EngineError as {@link addressed}
 * @returns what {@link rememberMark} is to remember in the transaction that hands the submission in
 */
export async function markDirectUpload(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
): Promise<Mark | null> {
  const { direct } = context.blobs
  if (!direct) return null
  const submission = await context.database.read((tx) => addressed(tx, actor, address))
  const uploadId = submission.phase === 'draft' ? submission.uploadId : null
  if (uploadId === null) return null
  const mark = await direct.mark(uploadId)
  return mark === undefined ? null : { uploadId, mark }
}

export interface Mark {
  readonly uploadId: string
  readonly mark: string
}

export async function rememberMark(tx: Tx, mark: Mark | null): Promise<void> {
  if (mark) await uploads.setMark(tx, mark.uploadId, mark.mark)
}

/**
 * Takes what was marked when the submission was handed in, once: from then on the upload is bound to these bytes.
 * Outside any transaction.
 * @returns the upload, still without bytes when none were put; `too_large` when they are more than the store allows
 */
export async function takeDirectUpload(context: Context, upload: Upload): Promise<Upload | 'too_large'> {
  const { direct } = context.blobs
  if (!direct || upload.blob !== null) return upload
  const mark = await context.database.read((tx) => uploads.markOf(tx, upload.id))
  if (mark === undefined) return upload
  try {
    const { uploadBytes } = specOf(context, upload.store)
    const blob = await direct.take(upload.id, mark, { maxBytes: uploadBytes })
    const bound = await context.database.write(async (tx) => {
      const current = await uploads.get(tx, upload.id)
      const submission = await submissions.get(tx, upload.submissionId ?? '')
      // Somebody else took it, or nobody needs it any more.
      if (!current || !submission || current.blob !== null) return current ?? upload
      return bindUpload(context, tx, submission, current, blob)
    })
    await direct.remove(upload.id)
    return bound
  } catch (error) {
    if (error instanceof BlobTooLarge) return 'too_large'
    throw error
  }
}
