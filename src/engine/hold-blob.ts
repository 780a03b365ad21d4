import { BlobsUnavailable } from '../blobs/blob-store.ts'
import * as names from '../storage/blob-names.ts'
import type { Context, Tx } from './context.ts'

/**
 * Whoever names bytes that were put just now calls this in the same transaction: the same bytes may have lain there
 * before, named by nobody, and be on their way out. From the commit on they are named and stay.
 * @throws BlobsUnavailable when they are being removed at this moment: they have to be put again
 */
export async function holdBlob(context: Context, tx: Tx, sha256: string): Promise<void> {
  const removal = await names.removal(tx, sha256)
  if (!removal) return
  const isThere = removal.removedAt !== null && (await context.blobs.size(sha256)) !== undefined
  if (!isThere) throw new BlobsUnavailable(`${sha256} is being removed, as nobody named it for long`)
  await names.forgetRemoval(tx, sha256)
}
