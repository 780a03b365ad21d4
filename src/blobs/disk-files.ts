import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blob, DamagedBlob } from './blob-store.ts'
import { copyHashed } from './copy-hashed.ts'
import { listEnding, nameOfPartList, readPartList } from './part-list.ts'

/** A file of a disk store: a blob's bytes, or the list of parts that a composed blob is. */
export interface BlobFile {
  /** The blob's. */
  readonly name: string
  /** Below the store's folder, with `/`. */
  readonly path: string
  readonly isList: boolean
}

/** Every blob there is, in the order of their names; what is not finished is left out. */
export async function blobFiles(folder: string): Promise<BlobFile[]> {
  const shards = (await namesIn(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name))
  const files: BlobFile[] = []
  for (const shard of shards.sort()) {
    for (const name of (await namesIn(join(folder, shard))).sort()) {
      const file = blobFileAt(`${shard}/${name}`)
      if (file) files.push(file)
    }
  }
  return files
}

/** The file that a path below the store's folder stands for; undefined when it is none of a blob. */
export function blobFileAt(path: string): BlobFile | undefined {
  const match = /^([0-9a-f]{2})\/([0-9a-f]{62})(\.parts)?$/.exec(path)
  return match ? { name: `${match[1]}${match[2]}`, path, isList: match[3] === listEnding } : undefined
}

/** What a composed blob is made of. */
export async function partsIn(path: string): Promise<Blob[]> {
  return readPartList(await readFile(path, 'utf8'))
}

/**
 * Copies a blob's file from one store to another, where it is durable when the promise resolves, and proves that it
 * is what its name says.
 * @returns the hash of the file, which for a list is not its name
 * @throws DamagedBlob; ENOENT when it is gone; EEXIST when it is there already
 */
export async function copyBlobFile(
  file: BlobFile,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<Blob> {
  const target = join(to, file.path)
  const copied = await copyHashed(join(from, file.path), target, signal)
  const name = file.isList ? nameOfPartList(await readFile(target, 'utf8')) : copied.sha256
  if (name !== file.name) throw new DamagedBlob(`the bytes of ${file.path} are not those it was named after`)
  return copied
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
