import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scratch } from './blob-store.ts'

/** What a crash left behind is older than this; other processes may be at work in the same folder. */
const longestUseMs = 24 * 60 * 60 * 1000

export async function makeScratch(folder: string): Promise<Scratch> {
  const path = join(folder, randomUUID())
  await mkdir(path)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Removes what nobody can be using any more. */
export function clearScratch(folder: string, youngerThanMs = longestUseMs): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (changed !== undefined && Date.now() - changed >= youngerThanMs) {
      rmSync(path, { recursive: true, force: true })
    }
  }
}
