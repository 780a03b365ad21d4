import * as accounts from '../storage/accounts.ts'
import * as credentials from '../storage/credentials.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import { mintSecret, mintUuid } from './random.ts'
import { record } from './record.ts'
import { hashSecret } from './secrets.ts'
import type { Credential, CredentialKind, Role } from './types.ts'

export interface CreateCredential {
  readonly accountId: string
  readonly kind: CredentialKind
  /** Minted when absent. Several credentials may share one: that is how a key is rotated. */
  readonly clientId?: string
  readonly tenantId?: string
  /** Minted when absent. */
  readonly secret?: string
  readonly role?: Role
  readonly label?: string
  /** Milliseconds since 1970; never when absent. */
  readonly expiresAt?: number
}

/** The only time the secret is seen; the server keeps its hash. */
export interface NewCredential {
  readonly credential: Credential
  readonly secret: string
}

/**
 * Adds a credential; those that exist stay good, so clients can change over without a gap.
 * @throws EngineError `not_found` (account), `conflict` (the client id is another account's), `invalid` (expiry)
 */
export async function createCredential(context: Context, input: CreateCredential): Promise<NewCredential> {
  const secret = input.secret ?? mintSecret(context.random)
  const now = context.clock.now()
  if (input.expiresAt !== undefined && input.expiresAt <= now) {
    throw new EngineError('invalid', 'the expiry is in the past', { target: 'expiresAt' })
  }
  const credential: Credential = {
    id: mintUuid(context.random),
    accountId: input.accountId,
    kind: input.kind,
    clientId: input.clientId ?? mintUuid(context.random),
    tenantId: input.tenantId ?? null,
    hash: hashSecret(secret),
    role: input.role ?? 'publisher',
    label: input.label ?? '',
    createdAt: now,
    expiresAt: input.expiresAt ?? null,
    revokedAt: null,
  }
  await context.database.write(async (tx) => {
    if (!(await accounts.find(tx, credential.accountId))) {
      throw new EngineError('not_found', 'no such account', { target: 'account' })
    }
    const same = await credentials.byClient(tx, credential.kind, credential.clientId)
    if (same.some((other) => other.accountId !== credential.accountId)) {
      throw new EngineError('conflict', 'the client id belongs to another account', { target: 'clientId' })
    }
    await credentials.insert(tx, credential)
    await record(context, tx, {
      accountId: credential.accountId,
      type: 'credential.created',
      data: { credentialId: credential.id, kind: credential.kind, clientId: credential.clientId },
    })
  })
  return { credential, secret }
}
