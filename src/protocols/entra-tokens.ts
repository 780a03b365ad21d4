import { createHash, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose/jwt/sign'
import type { EntraAlgorithm, Keyring } from './entra-keys.ts'
import type { EntraVersion } from './entra-token-request.ts'

export interface TokenGrant {
  readonly version: EntraVersion
  readonly tenantId: string
  readonly clientId: string
  readonly credentialId: string
  readonly audience: string
}

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970. */
  readonly notBefore: number
  readonly expiresAt: number
}

/** Seconds a token lasts: what the service grants. */
export const tokenLifetime = 3599

/**
 * Signs an access token with the newest key, in the service's shape for an application, plus one claim of ours:
 * `credential`, so that a token ends with the credential it was issued for.
 * @param now milliseconds since 1970
 */
export async function issueToken(
  keyring: Keyring,
  algorithm: EntraAlgorithm,
  grant: TokenGrant,
  now: number,
): Promise<IssuedToken> {
  const [key] = await keyring.all()
  if (!key) throw new Error('no key to sign with')
  const notBefore = Math.floor(now / 1000)
  const expiresAt = notBefore + tokenLifetime
  const token = await new SignJWT(claimsOf(grant))
    .setProtectedHeader({ typ: 'JWT', alg: algorithm, kid: key.id })
    .setAudience(grant.audience)
    .setIssuedAt(notBefore)
    .setNotBefore(notBefore)
    .setExpirationTime(expiresAt)
    .sign(key.signing)
  return { token, notBefore, expiresAt }
}

function claimsOf({ version, tenantId, clientId, credentialId }: TokenGrant) {
  const issuer =
    version === '1.0'
      ? `https://sts.windows.net/${tenantId}/`
      : `https://login.microsoftonline.com/${tenantId}/v2.0`
  const application =
    version === '1.0' ? { appid: clientId, appidacr: '1', idp: issuer } : { azp: clientId, azpacr: '1' }
  const oid = principalId(tenantId, clientId)
  return {
    iss: issuer,
    ...application,
    idtyp: 'app',
    oid,
    sub: oid,
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: version,
    credential: credentialId,
  }
}

/** The directory's own id for a client: always the same UUID for the same client in the same tenant. */
function principalId(tenantId: string, clientId: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([tenantId, clientId]))
    .digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
