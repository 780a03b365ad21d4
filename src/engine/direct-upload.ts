import { BlobTooLarge } from '../blobs/blob-store.ts'
import * as submissions from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import { bindUpload } from './bind-upload.ts'
import { type Context, specOf } from './context.ts'
import type { Upload } from './types.ts'

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
 * Takes what a client has put straight into the blob store, once: from then on the upload is bound to these bytes,
 * whatever the client puts there. Outside any transaction.
 * @returns the upload, still without bytes when none were put; `too_large` when they are more than the store allows
 */
export async function takeDirectUpload(context: Context, upload: Upload): Promise<Upload | 'too_large'> {
  const { direct } = context.blobs
  if (!direct || upload.blob !== null) return upload
  try {
    const { uploadBytes } = specOf(context, upload.store)
    const blob = await direct.take(upload.id, { maxBytes: uploadBytes })
    if (!blob) return upload
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
