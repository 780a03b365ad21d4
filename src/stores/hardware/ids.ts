import type { Random } from '../../engine/random.ts'
import { mintUuid } from '../../engine/random.ts'
import type { IdKind } from '../../engine/store-spec.ts'

/**
 * Ids are int64 (microsoft-hardware.md 2.1, 2.2), stored as decimal digits. Product ids differ in length and lists
 * come in their order (7-45), so they are stored with zeros in front: then text sorts as numbers do.
 */
const largest = 2n ** 63n - 1n
const digits = 19

const decimal = /^\d{1,40}$/
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Product ids lie a little beyond 2^53, those of submissions and labels beyond 2^60, as observed. */
export function mintId(kind: IdKind, random: Random): string {
  if (kind === 'product') return padded(2n ** 53n + below(random, 2n ** 53n))
  if (kind === 'submission') return padded(2n ** 60n + below(random, 2n ** 48n))
  return mintUuid(random)
}

export function readId(kind: IdKind, id: string): string | undefined {
  if (kind === 'product' || kind === 'submission') return readNumber(id)
  const lower = id.toLowerCase()
  return guid.test(lower) ? lower : undefined
}

function readNumber(id: string): string | undefined {
  if (!decimal.test(id)) return undefined
  const value = BigInt(id)
  return value <= largest ? padded(value) : undefined
}

/** As it stands in paths and links: no zeros in front. */
export function plainId(id: string): string {
  return BigInt(id).toString()
}

/** The id that all accounts have for a product, made of the one its author has: beyond 2^60, as observed. */
export function sharedIdOf(productId: string): string {
  return padded(2n ** 60n + (BigInt(productId) % 2n ** 59n))
}

function below(random: Random, bound: bigint): bigint {
  return Buffer.from(random.bytes(8)).readBigUInt64BE() % bound
}

function padded(value: bigint): string {
  return value.toString().padStart(digits, '0')
}
