import { join } from 'node:path'
import type { BlobStore } from '../blobs/blob-store.ts'
import { diskBlobs } from '../blobs/disk.ts'
import type { Config } from '../config.ts'

/**
 * The place for packages that the settings name. The clients of the services are loaded when they are needed: a
 * server that needs none starts faster and stays smaller.
 * @throws BlobsUnavailable when a service cannot be reached
 */
export async function openBlobs({ blobs, data, database }: Config): Promise<BlobStore> {
  switch (blobs.kind) {
    case 'disk':
      return diskBlobs(join(data, 'blobs'), { isShared: database !== null })
    case 'azure': {
      const { openAzure } = await import('../blobs/azure.ts')
      return openAzure(blobs, join(data, 'scratch'))
    }
    case 's3': {
      const { openS3 } = await import('../blobs/s3.ts')
      return openS3(blobs, join(data, 'scratch'))
    }
  }
}
