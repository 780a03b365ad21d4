import { readFile } from 'node:fs/promises'
import type { Check } from './checks.ts'

/**
 * Reads a JSON file that somebody wrote by hand.
 * @param what the file's name in messages, such as `seed`
 * @throws Error that names every problem in it
 */
export async function readJsonFile(what: string, path: string, check: Check): Promise<unknown> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new Error(`the ${what} ${path} cannot be read: ${(error as Error).message}`)
  }
  const problems = check(value, what)
  if (problems.length > 0) throw new Error(`the ${what} ${path} is not usable:\n  ${problems.join('\n  ')}`)
  return value
}
