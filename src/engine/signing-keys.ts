import * as table from '../storage/signing-keys.ts'
import type { Context } from './context.ts'
import { mintUuid } from './random.ts'

export interface SigningKey {
  /** Named in what it signs, so that it is found again. */
  readonly id: string
  /** The key material, in the form its user chose: PEM, base64. */
  readonly secret: string
}

/**
 * The keys of one purpose, the newest first; the first one signs, all verify. Makes the first key where there
 * is none, so that what was signed stays good across restarts and processes.
 * @param generate makes the secret of the first key; without it none is made
 */
export async function signingKeys(
  context: Context,
  purpose: string,
  generate?: () => string,
): Promise<SigningKey[]> {
  const known = await context.database.read((tx) => table.current(tx, purpose))
  if (known.length > 0 || !generate) return known
  return context.database.write(async (tx) => {
    const meanwhile = await table.current(tx, purpose)
    if (meanwhile.length > 0) return meanwhile
    const key = {
      id: mintUuid(context.random),
      purpose,
      secret: generate(),
      createdAt: context.clock.now(),
      retiredAt: null,
    }
    await table.insert(tx, key)
    return [key]
  })
}
