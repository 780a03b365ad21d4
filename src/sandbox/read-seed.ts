import { anyObject, list, object, oneOf, optional, text, time } from './checks.ts'
import { readJsonFile } from './read-json.ts'
import type { Seed } from './seed.ts'

const checkSeed = object({
  accounts: list(
    object({
      id: text,
      name: text,
      credentials: list(
        object({
          kind: oneOf(['secret', 'api_key', 'token']),
          clientId: text,
          secret: text,
          tenantId: optional(text),
          role: optional(oneOf(['publisher', 'operator'])),
          label: optional(text),
          expiresAt: optional(time),
        }),
      ),
      products: list(
        object({
          store: text,
          kind: text,
          id: text,
          name: text,
          identity: optional(text),
          parentId: optional(text),
          data: optional(anyObject),
          published: optional(anyObject),
          tracks: optional(
            list(
              object({
                id: text,
                name: text,
                kind: optional(oneOf(['flight', 'side'])),
                data: optional(anyObject),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
})

/**
 * Reads a seed file.
 * @throws Error that names every problem in it
 */
export async function readSeed(path: string): Promise<Seed> {
  return (await readJsonFile('seed', path, checkSeed)) as Seed
}
