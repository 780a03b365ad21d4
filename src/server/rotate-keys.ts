import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import { newUploadKey, uploadKeyPurpose } from '../protocols/block-blob.ts'
import { entraKeys } from '../protocols/entra-keys.ts'
import * as table from '../storage/signing-keys.ts'
import { newTokenKey, tokenKeyPurpose } from '../stores/amazon/tokens.ts'
import { openUnlocked } from './open-storage.ts'

/** Keys that live no longer than what they have signed; a driver's signer is known to those who trust it. */
const keys: readonly { readonly purpose: string; generate(): string | Promise<string> }[] = [
  ...entraKeys,
  { purpose: tokenKeyPurpose, generate: newTokenKey },
  { purpose: uploadKeyPurpose, generate: newUploadKey },
]

export interface Rotated {
  readonly purpose: string
  /** Keys that verify no longer. */
  readonly retired: number
  /** Keys that verify still, the one that signs from now on included. */
  readonly good: number
}

/**
 * Gives each purpose a new key to sign with. The keys before it verify what they have signed until a rotation that
 * comes `keepMs` or longer after they were replaced. A purpose that has no key yet needs none.
 */
export async function rotateKeys(config: Config, keepMs: number): Promise<Rotated[]> {
  await using database = await openUnlocked(config, () => {})
  const rotated: Rotated[] = []
  for (const { purpose, generate } of keys) {
    // Before the transaction: some take longer than others should wait.
    const secret = await generate()
    const outcome = await database.write(async (tx) => {
      const known = await table.current(tx, purpose)
      const [newest] = known
      if (!newest) return undefined
      // The clock of a sandbox may have been ahead of this one.
      const now = Math.max(Date.now(), newest.createdAt + 1)
      await table.insert(tx, { id: randomUUID(), purpose, secret, createdAt: now, retiredAt: null })
      const old = replacedBefore(known, now, now - keepMs)
      await table.retire(tx, old, now)
      return { purpose, retired: old.length, good: known.length + 1 - old.length }
    })
    if (outcome) rotated.push(outcome)
  }
  return rotated
}

/** A key was replaced when the next one was made, the newest of them now. */
function replacedBefore(
  known: readonly { readonly id: string; readonly createdAt: number }[],
  now: number,
  time: number,
): string[] {
  const replacedAt = (index: number) => known[index - 1]?.createdAt ?? now
  return known.filter((_key, index) => replacedAt(index) <= time).map(({ id }) => id)
}
