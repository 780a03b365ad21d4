import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { CryptoKey, JWK } from 'jose'
// From its parts, jose loads in 10 ms; as a whole in 40, at every start.
import { importJWK, importPKCS8 } from 'jose/key/import'
import type { Engine } from '../engine/index.ts'
import { openKeySearch } from './key-search.ts'

/** What tokens are signed with; a server verifies this one only, whatever a token's header says. */
export type EntraAlgorithm = 'RS256' | 'HS256'

export interface EntraKey {
  readonly id: string
  readonly signing: CryptoKey | Uint8Array
  readonly verifying: CryptoKey | Uint8Array
  /** The public part as the key document shows it; a shared secret has none. */
  readonly published: JWK | undefined
}

export interface Keyring {
  /** All keys, the newest first; makes the first one where there is none. */
  all(): Promise<readonly EntraKey[]>
  /** The key of that name, if it still verifies, whichever process made it. Never makes one. */
  find(id: string): Promise<EntraKey | undefined>
}

type KeySource = Pick<Engine, 'signingKeys' | 'now'>

/** How long a retired key may go unnoticed, and a new one unused. */
const rereadAfterMs = 60_000

/** The keys of one algorithm, imported once and kept in memory. */
export function openKeyring(engine: KeySource, algorithm: EntraAlgorithm): Keyring {
  const { purpose, generate, importKey } = algorithms[algorithm]
  let keys = new Map<string, EntraKey>()
  let readAt = Number.NEGATIVE_INFINITY
  let making: Promise<unknown> | undefined

  const read = async (): Promise<void> => {
    const readingAt = engine.now()
    const stored = await engine.signingKeys(purpose)
    const imported = await Promise.all(
      stored.map(async ({ id, secret }) => [id, keys.get(id) ?? (await importKey(id, secret))] as const),
    )
    keys = new Map(imported)
    readAt = readingAt
  }
  const makeFirst = async (): Promise<void> => {
    const secret = await generate()
    await engine.signingKeys(purpose, () => secret)
  }
  // A virtual clock can be set back, so age is a distance.
  const isDue = () => Math.abs(engine.now() - readAt) > rereadAfterMs
  const search = openKeySearch(async () => {
    await read()
    return keys
  }, engine.now)

  return {
    async all() {
      if (keys.size === 0 || isDue()) await read()
      if (keys.size === 0) {
        making ??= makeFirst().finally(() => {
          making = undefined
        })
        await making
        await read()
      }
      return [...keys.values()]
    },
    async find(id) {
      const known = isDue() ? undefined : keys.get(id)
      return known ?? search(id)
    },
  }
}

interface AlgorithmKeys {
  /** Keeps the algorithms' keys apart, so that one is never taken for the other's. */
  readonly purpose: string
  generate(): Promise<string>
  importKey(id: string, secret: string): Promise<EntraKey>
}

const algorithms: Record<EntraAlgorithm, AlgorithmKeys> = {
  RS256: {
    purpose: 'entra',
    async generate() {
      const { privateKey } = await promisify(generateKeyPair)('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })
      return privateKey
    },
    async importKey(id, secret) {
      const { kty, n, e } = createPublicKey(secret).export({ format: 'jwk' })
      if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('not an RSA key')
      const published: JWK = { kty, use: 'sig', alg: 'RS256', kid: id, n, e }
      return {
        id,
        signing: await importPKCS8(secret, 'RS256'),
        verifying: await importJWK(published, 'RS256'),
        published,
      }
    },
  },
  HS256: {
    purpose: 'entra-hs256',
    generate: async () => randomBytes(32).toString('base64'),
    async importKey(id, secret) {
      const bytes = new Uint8Array(Buffer.from(secret, 'base64'))
      return { id, signing: bytes, verifying: bytes, published: undefined }
    },
  },
}

/** What the keys are called in the database, and how each is made. */
export const entraKeys: readonly Pick<AlgorithmKeys, 'purpose' | 'generate'>[] = Object.values(algorithms)
