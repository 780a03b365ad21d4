import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import packageJson from '../../package.json' with { type: 'json' }
import { hashFile } from '../blobs/copy-hashed.ts'
import { blobFileAt } from '../blobs/disk-files.ts'
import { writeHashed } from '../blobs/hashed-file.ts'
import { BackupError } from './errors.ts'
import { unlessMissing } from './file-system.ts'

/**
 * A backup is a folder laid out as a data folder is, so that tools which copy only what is new copy little: packages
 * keep their names for ever. Beside them lie `SHA256SUMS`, which `sha256sum -c` reads too, and `backup.json`, which
 * vouches for that and is written last.
 */
export const databaseFile = 'slipway.db'
export const blobFolder = 'blobs'
const sumsFile = 'SHA256SUMS'
const aboutFile = 'backup.json'
const format = 1

export interface AboutBackup {
  /** When the database was copied; ISO 8601. */
  readonly takenAt: string
  readonly migrations: readonly string[]
  readonly files: number
  readonly bytes: number
}

interface StoredAbout extends AboutBackup {
  readonly format: number
  /** The version that made it. */
  readonly slipway: string
  /** SHA-256 of the list of sums. */
  readonly sums: string
}

/** Hash by path below the backup. */
export type Sums = ReadonlyMap<string, string>

/** Makes a backup of the files that lie in a folder. */
export async function seal(folder: string, sums: Sums, about: AboutBackup): Promise<void> {
  const lines = [...sums].sort(([one], [two]) => (one < two ? -1 : 1))
  const list = async function* () {
    for (const [path, sha256] of lines) yield Buffer.from(`${sha256}  ${path}\n`)
  }
  const { sha256 } = await writeHashed(join(folder, sumsFile), list(), Number.MAX_SAFE_INTEGER)
  const stored: StoredAbout = { format, slipway: packageJson.version, ...about, sums: sha256 }
  const text = async function* () {
    yield Buffer.from(`${JSON.stringify(stored, null, 2)}\n`)
  }
  await writeHashed(join(folder, aboutFile), text(), Number.MAX_SAFE_INTEGER)
}

/**
 * What a backup says it holds; whether it does is seen when it is copied.
 * @throws BackupError
 */
export async function open(folder: string): Promise<{ about: AboutBackup; sums: Sums }> {
  const { format: _format, slipway: _slipway, sums: listed, ...about } = await readAbout(folder)
  const path = join(folder, sumsFile)
  if ((await unlessMissing(hashFile(path))) !== listed) {
    throw damaged(folder, `${sumsFile} is not the one it was made with`)
  }
  const sums = new Map<string, string>()
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [sha256 = '', name = ''] = line.split('  ')
    if (!belongs(name)) throw damaged(folder, `${sumsFile} names ${name}, which is no part of a backup`)
    sums.set(name, sha256)
  }
  if (!sums.has(databaseFile)) throw damaged(folder, 'there is no database in it')
  return { about, sums }
}

/** A backup that cannot be used is never half used: another one is needed, or another copy of it. */
export function damaged(folder: string, how: string, cause?: unknown): BackupError {
  const advice = 'Copy it again from where it was made, or restore another backup.'
  return new BackupError(`the backup ${folder} is damaged: ${how}. ${advice}`, { cause })
}

async function readAbout(folder: string): Promise<StoredAbout> {
  const text = await unlessMissing(readFile(join(folder, aboutFile), 'utf8'))
  if (text === undefined) {
    throw new BackupError(
      `${folder} is no backup: it has no ${aboutFile}. Name a folder that slipway backup made, copied as a whole.`,
    )
  }
  const about = parse(text)
  if (typeof about?.format !== 'number') throw damaged(folder, `${aboutFile} cannot be read`)
  if (about.format > format) {
    throw new BackupError(`${folder} was made by slipway ${about.slipway}: use that version or a newer one.`)
  }
  return about
}

function parse(text: string): StoredAbout | null {
  try {
    return JSON.parse(text) as StoredAbout | null
  } catch {
    return null
  }
}

function belongs(path: string): boolean {
  const prefix = `${blobFolder}/`
  return (
    path === databaseFile || (path.startsWith(prefix) && blobFileAt(path.slice(prefix.length)) !== undefined)
  )
}
