import { createHash } from 'node:crypto'

/**
 * The seller id of an account: eight digits, as partners know each other by (microsoft-hardware.md 2.5). An account
 * whose id is a number has that one.
 */
export function publisherIdOf(accountId: string): string {
  if (/^[1-9]\d{0,18}$/.test(accountId)) return accountId
  const hash = createHash('sha256').update(accountId).digest()
  return String(10_000_000 + (hash.readUInt32BE(0) % 90_000_000))
}
