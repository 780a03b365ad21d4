import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256, hex. Secrets are 256 random bits, so a slow hash would protect nothing. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** Compares a secret with a stored hash in constant time. */
export function matchesHash(secret: string, storedHash: string): boolean {
  const given = hash('sha256', secret, 'buffer')
  const stored = Buffer.from(storedHash, 'hex')
  return stored.length === given.length && timingSafeEqual(given, stored)
}
