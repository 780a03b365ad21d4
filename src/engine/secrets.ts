import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256, hex. Secrets are 256 random bits, so a slow hash would protect nothing. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** Compares a secret with a stored hash in constant time. */
export function matchesHash(secret: string, storedHash: string): boolean {
  const given = Buffer.from(hashSecret(secret), 'latin1')
  const stored = Buffer.from(storedHash, 'latin1')
  return stored.length === given.length && timingSafeEqual(given, stored)
}
