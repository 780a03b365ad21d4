import { createHash } from 'node:crypto'
import type { Blob } from './blob-store.ts'

/** What the file of a composed blob ends with; it holds the list of its parts. */
export const listEnding = '.parts'

export function writePartList(parts: readonly Blob[]): string {
  return parts.map(({ sha256, size }) => `${sha256} ${size}\n`).join('')
}

export function readPartList(list: string): Blob[] {
  const lines = list.split('\n').filter((line) => line !== '')
  return lines.map((line) => ({ sha256: line.slice(0, 64), size: Number(line.slice(65)) }))
}

/** What the blob that a list makes is called. */
export function nameOfPartList(list: string): string {
  return createHash('sha256').update(`parts\n${list}`).digest('hex')
}
