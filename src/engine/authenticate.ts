import * as credentials from '../storage/credentials.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { hashSecret, matchesHash } from './secrets.ts'
import type { Actor, Credential, CredentialKind } from './types.ts'

export interface ClientProof {
  readonly kind: CredentialKind
  readonly clientId: string
  readonly secret: string
  /** Where given, only a credential of this directory counts; null takes those of no directory. */
  readonly tenantId?: string | null
}

/**
 * Who a client id with its secret, key or token is.
 * @throws EngineError `forbidden` with target `client` when nobody has that client id, or `tenant` when only
 * another directory knows it; `unauthenticated` with target `expired` when the secret is right but expired or
 * revoked, and with target `secret` when it is wrong
 */
export async function authenticate(context: Context, proof: ClientProof): Promise<Actor> {
  const known = await context.database.read((tx) => credentials.byClient(tx, proof.kind, proof.clientId))
  if (known.length === 0) throw new EngineError('forbidden', 'unknown client id', { target: 'client' })
  const { tenantId } = proof
  const own = tenantId === undefined ? known : known.filter((credential) => credential.tenantId === tenantId)
  if (own.length === 0)
    throw new EngineError('forbidden', 'not a client of this tenant', { target: 'tenant' })
  const matching = own.filter((credential) => matchesHash(proof.secret, credential.hash))
  if (matching.length === 0) throw new EngineError('unauthenticated', 'wrong secret', { target: 'secret' })
  const usable = matching.find((credential) => isUsable(credential, context.clock.now()))
  if (!usable) throw new EngineError('unauthenticated', 'expired or revoked', { target: 'expired' })
  return actorOf(usable)
}

/**
 * Who holds a token that was issued for a credential, as long as that credential is still good.
 * @throws EngineError `unauthenticated`
 */
export async function resume(context: Context, credentialId: string): Promise<Actor> {
  const credential = await context.database.read((tx) => credentials.find(tx, credentialId))
  if (!credential || !isUsable(credential, context.clock.now())) {
    throw new EngineError('unauthenticated', 'the credential expired or was revoked', { target: 'expired' })
  }
  return actorOf(credential)
}

/**
 * Who holds a native API token.
 * @throws EngineError `unauthenticated`
 */
export async function authenticateToken(context: Context, token: string): Promise<Actor> {
  const credential = await context.database.read((tx) => credentials.byHash(tx, 'token', hashSecret(token)))
  if (!credential || !isUsable(credential, context.clock.now())) {
    throw new EngineError('unauthenticated', 'unknown, expired or revoked token', { target: 'token' })
  }
  return actorOf(credential)
}

/** Whether any client is registered in a directory. */
export async function hasTenant(context: Context, tenantId: string): Promise<boolean> {
  return context.database.read((tx) => credentials.hasTenant(tx, tenantId))
}

function actorOf(credential: Credential): Actor {
  return { accountId: credential.accountId, credentialId: credential.id, role: credential.role }
}

export function isUsable(credential: Credential, now: number): boolean {
  return credential.revokedAt === null && (credential.expiresAt === null || credential.expiresAt > now)
}
