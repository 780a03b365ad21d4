import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openFileReader } from '../formats/file-reader.ts'
import { inspect } from '../formats/index.ts'
import type { Inspection } from '../formats/types.ts'

/**
 * `slipway inspect`.
 * @returns the exit code: 0 all sound, 1 some not, 2 something could not be read
 */
export async function inspectPaths(paths: readonly string[], json: boolean): Promise<number> {
  let code = 0
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const outcome = await inspectFile(file)
      if ('error' in outcome) {
        console.error(`${file}: cannot be read: ${outcome.error}`)
        code = 2
        continue
      }
      console.log(json ? JSON.stringify({ file, ...outcome }) : describe(file, outcome))
      if (!outcome.sound) code = Math.max(code, 1)
    }
  }
  return code
}

/** A folder's files in order, its subfolders' too; what does not exist is named and met when it is opened. */
async function filesOf(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function inspectFile(file: string): Promise<Inspection | { error: string }> {
  try {
    await using reader = await openFileReader(file)
    return await inspect(reader, { name: file })
  } catch (error) {
    return { error: (error as Error).message }
  }
}

const marks = { error: 'x', warning: '!', notice: '-' }

function describe(file: string, { format, sound, facts, findings }: Inspection): string {
  const title = [facts.name, facts.package, facts.version, facts.versionName]
    .filter((fact) => typeof fact === 'string')
    .join(' ')
  const lines = [`${file}: ${sound ? 'sound' : 'NOT SOUND'} (${[format, title].filter(Boolean).join(', ')})`]
  for (const { severity, code, message, target } of findings) {
    lines.push(
      `  ${marks[severity]} ${severity} ${code}${target === undefined ? '' : ` [${target}]`}: ${message}`,
    )
  }
  return lines.join('\n')
}
