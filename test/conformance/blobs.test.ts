import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskBlobs } from '../../src/blobs/disk.ts'
import { blobSuite } from './blobs-suite.ts'

blobSuite('files on a disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-blobs-'))
  return {
    blobs: diskBlobs(folder),
    again: async () => diskBlobs(folder),
    async kept() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})
