import { mkdir, open as openFile, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { copyHashed } from '../blobs/copy-hashed.ts'
import { lockFile, lockFolder, restoringFile } from '../storage/folder-lock.ts'
import { DamagedDatabase, examineSnapshot } from '../storage/snapshot.ts'
import { BackupError } from './errors.ts'
import { makeFolders, syncFolder, unlessMissing } from './file-system.ts'
import { type AboutBackup, blobFolder, damaged, databaseFile, open, type Sums } from './format.ts'
import { type Copying, copyAll } from './lanes.ts'

export interface Restore extends Copying {
  readonly from: string
  /** The data folder to make; it must be empty or not exist. */
  readonly data: string
}

/**
 * Makes a data folder of a backup, proving every byte of it. Until all of it is durable, a file in the folder keeps
 * servers from taking it for a whole one. What fails leaves the folder empty; what is killed is restored anew.
 * @throws BackupError; Error when a server uses the folder; whatever the disk throws
 */
export async function restore({ from, data, ...copying }: Restore): Promise<AboutBackup> {
  const { about, sums } = await open(from)
  await refuseUsed(data)
  await mkdir(data, { recursive: true })
  using _lock = lockFolder(data, 'restore')
  // Somebody may have been faster.
  await refuseUsed(data)
  await clear(data)
  await mark(data)
  try {
    await copySums(from, data, sums, copying)
    await refuseDamaged(from, data)
    await syncFolder(dirname(resolve(data)))
    await unmark(data)
  } catch (error) {
    await clear(data)
    await unmark(data)
    throw error
  }
  return about
}

/** What a fresh volume has in it, and what a server or a restore that did nothing leaves. */
const meaningless = ['lost+found', lockFile, `${lockFile}-journal`]

async function refuseUsed(data: string): Promise<void> {
  const names = (await unlessMissing(readdir(data))) ?? []
  if (names.includes(restoringFile) || names.every((name) => meaningless.includes(name))) return
  const advice = 'Name an empty folder, or move away what is in this one.'
  throw new BackupError(`${data} is not empty, and a restore never overwrites. ${advice}`)
}

/** Takes away what an earlier restore left half done. */
async function clear(data: string): Promise<void> {
  for (const name of [blobFolder, databaseFile]) await rm(join(data, name), { recursive: true, force: true })
}

async function mark(data: string): Promise<void> {
  await using file = await openFile(join(data, restoringFile), 'w')
  await file.sync()
  await syncFolder(data)
}

async function unmark(data: string): Promise<void> {
  await rm(join(data, restoringFile), { force: true })
  await syncFolder(data)
}

async function copySums(from: string, to: string, sums: Sums, copying: Copying): Promise<void> {
  const folders = await makeFolders(to, sums.keys())
  const copy = async ([path, sha256]: [string, string]) => {
    const copied = await unlessMissing(copyHashed(join(from, path), join(to, path), copying.signal))
    if (copied === undefined) throw damaged(from, `${path} is missing`)
    if (copied.sha256 !== sha256) throw damaged(from, `${path} is not what it was`)
    return copied.size
  }
  await copyAll([...sums], copy, copying)
  for (const folder of folders) await syncFolder(folder)
}

async function refuseDamaged(from: string, data: string): Promise<void> {
  try {
    examineSnapshot(join(data, databaseFile))
  } catch (error) {
    if (!(error instanceof DamagedDatabase)) throw error
    throw damaged(from, `its database says ${error.message}`, error)
  }
}
