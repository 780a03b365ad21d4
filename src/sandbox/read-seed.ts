import { readFile } from 'node:fs/promises'
import type { Seed } from './seed.ts'

/**
 * Reads a seed file.
 * @throws Error that names every problem in it
 */
export async function readSeed(path: string): Promise<Seed> {
  let seed: unknown
  try {
    seed = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new Error(`the seed ${path} cannot be read: ${(error as Error).message}`)
  }
  const problems = problemsOf(seed)
  if (problems.length > 0) throw new Error(`the seed ${path} is not usable:\n  ${problems.join('\n  ')}`)
  return seed as Seed
}

type Check = (value: unknown, where: string) => string[]

const text: Check = (value, where) =>
  typeof value === 'string' && value !== '' ? [] : [`${where} must be a text`]

const optionalText: Check = (value, where) => (value === undefined ? [] : text(value, where))

const time: Check = (value, where) =>
  value === undefined || (typeof value === 'string' && !Number.isNaN(Date.parse(value)))
    ? []
    : [`${where} must be a time such as 2030-01-31T00:00:00Z`]

const optionalObject: Check = (value, where) =>
  value === undefined || isObject(value) ? [] : [`${where} must be an object`]

function oneOf(choices: readonly (string | undefined)[]): Check {
  return (value, where) =>
    choices.includes(value as string) ? [] : [`${where} must be ${choices.filter(Boolean).join(', ')}`]
}

function object(fields: { [name: string]: Check }): Check {
  return (value, where) => {
    if (!isObject(value)) return [`${where} must be an object`]
    const unknown = Object.keys(value).filter((name) => !(name in fields))
    return [
      ...unknown.map((name) => `${where}.${name} is not known; there are ${Object.keys(fields).join(', ')}`),
      ...Object.entries(fields).flatMap(([name, check]) => check(value[name], `${where}.${name}`)),
    ]
  }
}

function list(check: Check): Check {
  return (value, where) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(item, `${where}[${index}]`))
      : [`${where} must be a list`]
}

const problemsOf = (seed: unknown) =>
  object({
    accounts: list(
      object({
        id: text,
        name: text,
        credentials: list(
          object({
            kind: oneOf(['secret', 'api_key', 'token']),
            clientId: text,
            secret: text,
            tenantId: optionalText,
            role: oneOf([undefined, 'publisher', 'operator']),
            label: optionalText,
            expiresAt: time,
          }),
        ),
        products: list(
          object({
            store: text,
            kind: text,
            id: text,
            name: text,
            identity: optionalText,
            published: optionalObject,
          }),
        ),
      }),
    ),
  })(seed, 'seed')

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
