import type { AboutBackup } from '../backup/format.ts'
import type { Copying, Progress } from '../backup/lanes.ts'
import { ConfigError, readConfig } from '../config.ts'

/**
 * Does what `slipway backup` and `slipway restore` share: progress on a terminal, an interrupt that leaves nothing
 * behind, and failures said on stderr.
 * @returns the exit code: 1 when it was not done, 2 for wrong settings
 */
export async function runCopy(command: string, work: (copying: Copying) => Promise<void>): Promise<number> {
  const interrupt = new AbortController()
  const stop = () => interrupt.abort()
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const progress = process.stderr.isTTY ? createProgress() : undefined
  try {
    await work({ signal: interrupt.signal, onProgress: progress?.show })
    return 0
  } catch (error) {
    progress?.end()
    const said = interrupt.signal.aborted ? 'interrupted; nothing was left behind' : (error as Error).message
    console.error(`slipway ${command}: ${said}`)
    return error instanceof ConfigError ? 2 : 1
  } finally {
    progress?.end()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/**
 * The data folder that the settings name.
 * @throws Error where the database or the packages are kept elsewhere: then a folder is half of it
 */
export function dataFolder(given: string | undefined): string {
  const { data, database, blobs } = readConfig({ data: given })
  const elsewhere = [
    ...(database === null ? [] : ['DATABASE_URL is set']),
    ...(blobs.kind === 'disk' ? [] : ['SLIPWAY_BLOBS is set']),
  ]
  if (elsewhere.length === 0) return data
  throw new Error(
    `${elsewhere.join(' and ')}: what is kept there has tools of its own for this, see docs/operations.md. Unset it if a data folder is meant.`,
  )
}

/** As in `1204 files of packages, 3.1 GiB`. */
export function amountOf({ files, bytes }: Pick<AboutBackup, 'files' | 'bytes'>): string {
  return `${files} ${files === 1 ? 'file' : 'files'} of packages, ${sizeOf(bytes)}`
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

function sizeOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** More often nobody can read it. */
const everyMs = 100

function createProgress() {
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    show({ files, of, bytes }: Progress) {
      const now = performance.now()
      if (now - shownAt < everyMs && files < of) return
      shownAt = now
      process.stderr.write(`\r\x1b[K${files} of ${of} files, ${sizeOf(bytes)}`)
    },
    end() {
      if (shownAt >= 0) process.stderr.write('\r\x1b[K')
      shownAt = Number.NEGATIVE_INFINITY
    },
  }
}
