import { BlobsUnavailable } from '../blobs/blob-store.ts'
import { isOutOfSpace } from './out-of-space.ts'

/** Whether an error says nothing about what was being done and will pass: a full disk, a blob store that is away. */
export function isPassing(error: unknown): boolean {
  return isOutOfSpace(error) || error instanceof BlobsUnavailable
}
