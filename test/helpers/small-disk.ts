import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
  /** Leaves room for so many bytes and no more. */
  fill(room: number): Promise<void>
  /** Takes away what {@link fill} put there. */
  makeRoom(): Promise<void>
}

/**
 * A file system of its own that can really be full: a tmpfs, which only root on Linux may mount.
 * @returns why there is none, as a sentence to skip the test with
 */
export async function smallDisk(bytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], {
    encoding: 'utf8',
  })
  if (mounted.status !== 0) {
    await rm(folder, { recursive: true })
    const reason = mounted.error?.message ?? mounted.stderr.trim()
    return `no small disk could be mounted (${reason}): what a full disk does was not checked`
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    async fill(room) {
      const { bavail, bsize } = await statfs(folder)
      const filling = writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - room)), { flag: 'a' })
      // Somebody else may have taken the last of it meanwhile.
      await filling.catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error
      })
    },
    makeRoom: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      spawnSync('umount', ['-l', folder])
      await rm(folder, { recursive: true })
    },
  }
}
