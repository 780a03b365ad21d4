import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Actor, type Engine, EngineError } from '../engine/index.ts'
import { readBody } from './body.ts'
import { sendUncached } from './entra-answer.ts'
import type { EntraAlgorithm, Keyring } from './entra-keys.ts'
import { type EntraRefusal, refusals } from './entra-refusals.ts'
import { findTenant, spellings } from './entra-tenant.ts'
import { type EntraVersion, readTokenRequest, type TokenRequest } from './entra-token-request.ts'
import { type IssuedToken, issueToken, tokenLifetime } from './entra-tokens.ts'

/** Room for a client assertion with its whole certificate chain. */
const maxBodyBytes = 64 * 1024

export interface TokenEndpoint {
  readonly engine: Pick<Engine, 'authenticate' | 'hasTenant' | 'now'>
  readonly keyring: Keyring
  readonly algorithm: EntraAlgorithm
  readonly bodyIdleMs: number
}

/** Mounts `POST /:tenant/oauth2/token` and `/:tenant/oauth2/v2.0/token`. */
export function mountTokenEndpoint(scope: FastifyInstance, endpoint: TokenEndpoint): void {
  const paths: Record<string, EntraVersion> = {
    '/:tenant/oauth2/token': '1.0',
    '/:tenant/oauth2/v2.0/token': '2.0',
  }
  for (const [path, version] of Object.entries(paths)) {
    scope.post<{ Params: { tenant: string } }>(path, async (request, reply) => {
      const { authorization } = request.headers
      const body = await readForm(request, endpoint.bodyIdleMs)
      const wanted = readTokenRequest(version, body, authorization)
      const issued = await grantToken(endpoint, version, request.params.tenant, wanted)
      return sendUncached(reply, toWireToken(version, wanted.resource, issued))
    })
  }
}

async function readForm({ headers, raw }: FastifyRequest, idleMs: number): Promise<string> {
  // Said before a byte is read, the refusal surely reaches the client.
  if (Number(headers['content-length']) > maxBodyBytes) {
    throw new EngineError('too_large', `the body is larger than ${maxBodyBytes} bytes`)
  }
  return (await readBody(raw, maxBodyBytes, idleMs)).toString('utf8')
}

async function grantToken(
  { engine, keyring, algorithm }: TokenEndpoint,
  version: EntraVersion,
  tenant: string,
  { clientId, proof, resource }: TokenRequest,
): Promise<IssuedToken> {
  const tenantId = await findTenant(engine, tenant, 'invalid_request')
  // No certificate can be registered here, so every assertion is signed with an unknown one.
  if (proof === 'assertion') throw refusals.unknownCertificate()
  const client = await authenticate(engine, tenantId, clientId, proof.secrets)
  const grant = {
    version,
    tenantId,
    clientId: client.clientId,
    credentialId: client.actor.credentialId,
    audience: resource,
  }
  return issueToken(keyring, algorithm, grant, engine.now())
}

interface Client {
  readonly actor: Actor
  readonly clientId: string
}

/** Tries the spellings of the id and the readings of the secret in order; the first that is right counts. */
async function authenticate(
  engine: Pick<Engine, 'authenticate'>,
  tenantId: string,
  clientId: string,
  secrets: readonly string[],
): Promise<Client> {
  let refusal = refusals.unknownClient(clientId, tenantId)
  for (const spelling of spellings(clientId)) {
    for (const secret of secrets) {
      try {
        const actor = await engine.authenticate({ kind: 'secret', clientId: spelling, secret, tenantId })
        return { actor, clientId: spelling }
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        if (error.code === 'forbidden') break
        refusal = refusalOfClient(error, clientId)
      }
    }
  }
  throw refusal
}

function refusalOfClient(error: EngineError, clientId: string): EntraRefusal {
  if (error.code !== 'unauthenticated') throw error
  if (error.target === 'secret') return refusals.wrongSecret(clientId)
  throw refusals.expiredSecret(clientId)
}

/** Version 1 writes its numbers as strings and dates them absolutely; clients rely on both (behaviour 48). */
function toWireToken(
  version: EntraVersion,
  resource: string,
  { token, notBefore, expiresAt }: IssuedToken,
): object {
  if (version === '2.0') {
    return {
      token_type: 'Bearer',
      expires_in: tokenLifetime,
      ext_expires_in: tokenLifetime,
      access_token: token,
    }
  }
  return {
    token_type: 'Bearer',
    expires_in: `${tokenLifetime}`,
    ext_expires_in: `${tokenLifetime}`,
    expires_on: `${expiresAt}`,
    not_before: `${notBefore}`,
    resource,
    access_token: token,
  }
}
