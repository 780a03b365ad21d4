import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Blob, DamagedBlob } from '../blobs/blob-store.ts'
import { hashFile } from '../blobs/copy-hashed.ts'
import { type BlobFile, blobFiles, copyBlobFile, partsIn } from '../blobs/disk-files.ts'
import { listEnding } from '../blobs/part-list.ts'
import { refuseHalfRestored } from '../storage/folder-lock.ts'
import { DamagedDatabase, examineSnapshot, type Snapshot, snapshotSqlite } from '../storage/snapshot.ts'
import { BackupError } from './errors.ts'
import { makeFolders, syncFolder, unlessMissing } from './file-system.ts'
import { type AboutBackup, blobFolder, databaseFile, seal } from './format.ts'
import { type Copying, copyAll } from './lanes.ts'

export interface BackUp extends Copying {
  /** The data folder; a server may be running in it. */
  readonly data: string
  /** The backup: a folder that does not exist yet, in one that does. */
  readonly to: string
}

/**
 * Copies a data folder as it is at one moment. The database is copied first, and then the blobs: those that it names
 * were durable before it named them. The folder has its name once everything in it is proven and durable.
 * @throws BackupError; whatever the disk throws
 */
export async function backUp({ data, to, ...copying }: BackUp): Promise<AboutBackup> {
  const target = resolve(to)
  if (!existsSync(join(data, databaseFile))) {
    throw new BackupError(`there is no ${databaseFile} in ${data}: name the server's folder with --data.`)
  }
  refuseHalfRestored(data)
  if (existsSync(target)) {
    throw new BackupError(`${to} is there already, and a backup never overwrites: choose another name.`)
  }
  const unfinished = `${target}.unfinished`
  await begin(unfinished)
  try {
    const about = await copyPoint(data, unfinished, copying)
    await rename(unfinished, target)
    await syncFolder(dirname(target))
    return about
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw explained(error, data)
  }
}

async function begin(unfinished: string): Promise<void> {
  try {
    // It holds signing keys and everybody's packages.
    await mkdir(unfinished, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') {
      throw new BackupError(
        `${unfinished} is there: a backup of that name runs, or was cut off. In the second case remove it.`,
      )
    }
    if (code === 'ENOENT') throw new BackupError(`there is no folder ${dirname(unfinished)}: make it first.`)
    throw error
  }
}

/** A server may remove blobs that nothing names any more; then the next copy of the database does not name them. */
const attempts = 3

async function copyPoint(data: string, to: string, copying: Copying): Promise<AboutBackup> {
  const from = join(data, blobFolder)
  const blobs = join(to, blobFolder)
  const copied = new Map<string, Blob>()
  for (let attempt = 1; ; attempt++) {
    const takenAt = new Date().toISOString()
    await snapshotSqlite(join(data, databaseFile), join(to, databaseFile))
    const snapshot = examineSnapshot(join(to, databaseFile))
    await copyBlobs(from, blobs, copied, copying)
    const lost = await missing(snapshot, copied, blobs)
    if (lost.length === 0) return finish(to, snapshot, copied, takenAt)
    if (attempt === attempts) throw lostBlobs(data, lost)
  }
}

/** Copies every blob that is there and not copied yet; what goes meanwhile is missed only when it was named. */
async function copyBlobs(
  from: string,
  to: string,
  copied: Map<string, Blob>,
  copying: Copying,
): Promise<void> {
  const files = (await blobFiles(from)).filter(({ path }) => !copied.has(path))
  await makeFolders(
    to,
    files.map(({ path }) => path),
  )
  const copy = async (file: BlobFile) => {
    const blob = await unlessMissing(copyBlobFile(file, from, to, copying.signal))
    if (blob) copied.set(file.path, blob)
    return blob?.size ?? 0
  }
  await copyAll(files, copy, copying)
}

/** What the snapshot names and was not copied, the parts of composed blobs among it. */
async function missing(
  { blobs }: Snapshot,
  copied: ReadonlyMap<string, unknown>,
  folder: string,
): Promise<string[]> {
  const lost: string[] = []
  for (const name of blobs) {
    const path = pathOf(name)
    if (copied.has(path)) continue
    const list = `${path}${listEnding}`
    const parts = copied.has(list) ? await partsIn(join(folder, list)) : undefined
    if (!parts?.every(({ sha256 }) => copied.has(pathOf(sha256)))) lost.push(name)
  }
  return lost
}

async function finish(
  to: string,
  { migrations }: Snapshot,
  copied: ReadonlyMap<string, Blob>,
  takenAt: string,
): Promise<AboutBackup> {
  const sums = new Map([[databaseFile, await hashFile(join(to, databaseFile))]])
  let bytes = 0
  for (const [path, { sha256, size }] of copied) {
    sums.set(`${blobFolder}/${path}`, sha256)
    bytes += size
  }
  const about = { takenAt, migrations, files: copied.size, bytes }
  await seal(to, sums, about)
  for (const folder of await makeFolders(to, sums.keys())) await syncFolder(folder)
  return about
}

function pathOf(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(2)}`
}

function lostBlobs(data: string, lost: readonly string[]): BackupError {
  const which = `${lost.length} packages that the database names are not there, such as ${lost[0]}`
  return new BackupError(`${data} is not whole: ${which}. ${advice}`)
}

const advice = 'Put the files back from the last good backup and run it again.'

function explained(error: unknown, data: string): unknown {
  if (error instanceof DamagedBlob) {
    return new BackupError(`${data} is damaged: ${error.message}. ${advice}`, { cause: error })
  }
  if (error instanceof DamagedDatabase) {
    const means = 'Stop the server and restore the last good backup.'
    return new BackupError(`the database of ${data} is damaged: ${error.message}. ${means}`, { cause: error })
  }
  return error
}
