import type { Random } from '../../engine/random.ts'
import { mintUuid } from '../../engine/random.ts'
import type { IdKind } from '../../engine/store-spec.ts'

const storeIdDigits = '0123456789BCDFGHJKLMNPQRSTVWXZ'
const storeId = /^[0-9A-Z]{12}$/
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const number = /^[1-9][0-9]{0,19}$/

/** The ids of submissions and files are decimals beyond 2^53 that begin like this (microsoft-store.md 0, 7-44). */
const idPrefix = '1152921'

/** Products are Store IDs, flights are GUIDs, submissions and files are 19-digit decimals. */
export function mintId(kind: IdKind, random: Random): string {
  if (kind === 'product') return `9N${mintStoreId(random.bytes(10))}`
  if (kind === 'track' || kind === 'operation') return mintUuid(random)
  return idPrefix + String(Buffer.from(random.bytes(6)).readUIntBE(0, 6) % 10 ** 12).padStart(12, '0')
}

function mintStoreId(bytes: Uint8Array): string {
  return [...bytes].map((byte) => storeIdDigits[byte % storeIdDigits.length] ?? '0').join('')
}

/** Store IDs count in any case (StoreBroker sends them in lower case), and so do GUIDs. */
export function readId(kind: IdKind, id: string): string | undefined {
  if (kind === 'product') return matching(storeId, id.toUpperCase())
  if (kind === 'track' || kind === 'operation') return matching(guid, id.toLowerCase())
  return matching(number, id)
}

function matching(pattern: RegExp, id: string): string | undefined {
  return pattern.test(id) ? id : undefined
}
