import { randomBytes } from 'node:crypto'

/** Randomness as the engine sees it; tests bring a seeded one. */
export interface Random {
  bytes(length: number): Uint8Array
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) }

/** A version 4 UUID in lower case. */
export function mintUuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** 256 bits in base64url: what secrets, keys and tokens are made of. */
export function mintSecret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString('base64url')
}
