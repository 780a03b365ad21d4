import * as credentials from '../storage/credentials.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { record } from './record.ts'
import type { Actor, Credential } from './types.ts'
import { sees } from './visible.ts'

/**
 * Ends a credential at once, tokens issued for it included. Revoking twice changes nothing.
 * @throws EngineError `not_found`
 */
export async function revokeCredential(context: Context, actor: Actor, id: string): Promise<Credential> {
  return context.database.write(async (tx) => {
    const credential = await credentials.find(tx, id)
    if (!credential || !sees(actor, credential)) {
      throw new EngineError('not_found', 'no such credential', { target: 'credential' })
    }
    if (credential.revokedAt !== null) return credential
    const revokedAt = context.clock.now()
    await credentials.revoke(tx, id, revokedAt)
    await record(context, tx, {
      accountId: credential.accountId,
      type: 'credential.revoked',
      data: { credentialId: id },
    })
    return { ...credential, revokedAt }
  })
}

/** The account's credentials, the oldest first, without anything that could authenticate. */
export async function listCredentials(context: Context, actor: Actor): Promise<Credential[]> {
  return context.database.read((tx) => credentials.byAccount(tx, actor.accountId))
}
