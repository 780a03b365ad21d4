import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Engine } from '../../engine/index.ts'
import { openKeySearch } from '../../protocols/key-search.ts'

/** Seconds a token is good for. */
export const tokenLifetime = 3600

/** Tokens whose seal was good, so that a client's later requests need not have it computed again. */
const mostRemembered = 1000

export interface Tokens {
  /** A token for a credential: `Atc|` and what only this server can have written. */
  issue(credentialId: string): Promise<string>
  /** The credential a token was issued for; undefined for what is forged, altered or expired. */
  read(token: string): Promise<string | undefined>
}

/** Which of the engine's keys seal tokens. */
export const tokenKeyPurpose = 'lwa'

export const newTokenKey = () => randomBytes(32).toString('base64')

/** Tokens are not stored: they carry their credential and end, sealed with a key of the database. */
export function createTokens(engine: Pick<Engine, 'signingKeys' | 'now'>): Tokens {
  let keys = new Map<string, Buffer>()
  const remembered = new Map<string, Claims>()

  async function readKeys(generate?: () => string): Promise<ReadonlyMap<string, Buffer>> {
    const stored = await engine.signingKeys(tokenKeyPurpose, generate)
    keys = new Map(stored.map(({ id, secret }) => [id, Buffer.from(secret, 'base64')]))
    return keys
  }

  const search = openKeySearch(() => readKeys(), engine.now)

  return {
    async issue(credentialId) {
      const [first] = await readKeys(newTokenKey)
      if (!first) throw new Error('no key to sign with')
      const [keyId, key] = first
      const expiresAt = engine.now() + tokenLifetime * 1000
      const claims = Buffer.from(JSON.stringify([keyId, credentialId, expiresAt])).toString('base64url')
      return `Atc|${claims}.${seal(claims, key)}`
    },
    async read(token) {
      const claims = remembered.get(token) ?? (await verified(token))
      return claims && claims.expiresAt > engine.now() ? claims.credentialId : undefined
    },
  }

  async function verified(token: string): Promise<Claims | undefined> {
    const [text = '', sealed = ''] = token.startsWith('Atc|') ? token.slice(4).split('.') : []
    const [keyId, credentialId, expiresAt] = readClaims(text)
    const key = typeof keyId === 'string' ? (keys.get(keyId) ?? (await search(keyId))) : undefined
    if (!key || !isSame(sealed, seal(text, key))) return undefined
    if (typeof credentialId !== 'string' || typeof expiresAt !== 'number') return undefined
    const [oldest] = remembered.keys()
    if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest)
    const claims = { credentialId, expiresAt }
    remembered.set(token, claims)
    return claims
  }
}

interface Claims {
  readonly credentialId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

function readClaims(claims: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function seal(claims: string, key: Buffer): string {
  return createHmac('sha256', key).update(claims).digest('base64url')
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
