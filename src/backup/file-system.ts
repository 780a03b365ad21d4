import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Makes the folders that the paths below a folder need.
 * @returns all of them, the folder itself too
 */
export async function makeFolders(folder: string, paths: Iterable<string>): Promise<string[]> {
  const needed = new Set(['.'])
  for (const path of paths) {
    for (let above = dirname(path); !needed.has(above); above = dirname(above)) needed.add(above)
  }
  const folders = [...needed].map((path) => join(folder, path))
  for (const each of folders) await mkdir(each, { recursive: true })
  return folders
}

/** Makes durable that a folder has in it what it has. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

/** @returns undefined when the file or folder that was asked for is not there */
export async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
