import type { Random } from '../../engine/random.ts'
import { mintUuid } from '../../engine/random.ts'
import type { IdKind } from '../../engine/store-spec.ts'

/**
 * Ids are int64 (microsoft-hardware.md 2.1, 2.2), kept as their decimal digits. Lists come in the order of ids (7-45),
 * and text sorts as numbers do only where all are equally long: those that are minted here are.
 */
const largest = 2n ** 63n - 1n

/** The least product id of 17 digits; beyond 2^53, as are all. */
const firstProduct = 10n ** 16n

const decimal = /^\d{1,40}$/
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Product ids lie a little beyond 2^53, those of submissions and labels beyond 2^60, as observed. */
export function mintId(kind: IdKind, random: Random): string {
  if (kind === 'product') return (firstProduct + below(random, 2n ** 53n)).toString()
  if (kind === 'submission') return (2n ** 60n + below(random, 2n ** 48n)).toString()
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
  return value <= largest ? value.toString() : undefined
}

/** The id that all accounts have for a product, made of the one its author has: beyond 2^60, as observed. */
export function sharedIdOf(productId: string): string {
  return (2n ** 60n + (BigInt(productId) % 2n ** 59n)).toString()
}

function below(random: Random, bound: bigint): bigint {
  return Buffer.from(random.bytes(8)).readBigUInt64BE() % bound
}
