import { createHash, timingSafeEqual } from 'node:crypto'

/** SHA-256, hex. Secrets are 256 random bits, so a slow hash would protect nothing. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

/** Compares a secret with a stored hash in constant time. */
export function matchesHash(secret: string, hash: string): boolean {
  const given = createHash('sha256').update(secret, 'utf8').digest()
  const stored = Buffer.from(hash, 'hex')
  return stored.length === given.length && timingSafeEqual(given, stored)
}
