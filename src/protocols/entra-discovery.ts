import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Engine } from '../engine/index.ts'
import { sendDocument } from './entra-answer.ts'
import type { EntraAlgorithm, Keyring } from './entra-keys.ts'
import { refusals } from './entra-refusals.ts'
import { findTenant } from './entra-tenant.ts'

/** The names of the public cloud; Microsoft's libraries take them for one authority. */
export const entraHosts = [
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
  'sts.windows.net',
]

/** Stand for any tenant in the documents' addresses. */
const anyTenant = new Set(['common', 'organizations', 'consumers'])

export interface Discovery {
  readonly engine: Pick<Engine, 'hasTenant'>
  readonly keyring: Keyring
  readonly algorithm: EntraAlgorithm
}

type OfTenant = { Params: { tenant: string } }

/** Mounts what MSAL reads before it asks for a token. All addresses lie at the origin the client called. */
export function mountDiscovery(scope: FastifyInstance, { engine, keyring, algorithm }: Discovery): void {
  scope.get<{ Querystring: { authorization_endpoint?: unknown } }>(
    '/common/discovery/instance',
    (request, reply) => {
      const origin = originOf(request)
      return sendDocument(reply, instanceDocument(origin, request.query.authorization_endpoint))
    },
  )
  scope.get<OfTenant>('/:tenant/v2.0/.well-known/openid-configuration', async (request, reply) => {
    const tenant = await named(engine, request.params.tenant)
    return sendDocument(reply, configuration(originOf(request), tenant, algorithm))
  })
  scope.get<OfTenant>('/:tenant/discovery/v2.0/keys', async (request, reply) => {
    const tenant = await named(engine, request.params.tenant)
    const issuer = issuerOf(originOf(request), tenant)
    const keys = (await keyring.all()).flatMap(({ published }) =>
      published ? [{ ...published, issuer }] : [],
    )
    return sendDocument(reply, { keys })
  })
}

async function named(engine: Pick<Engine, 'hasTenant'>, tenant: string): Promise<string> {
  const lower = tenant.toLowerCase()
  return anyTenant.has(lower) ? lower : findTenant(engine, tenant, 'invalid_tenant')
}

function instanceDocument(origin: string, authorizationEndpoint: unknown): object {
  if (typeof authorizationEndpoint !== 'string' || authorizationEndpoint === '') {
    throw refusals.missingParameter('authorization_endpoint')
  }
  const authority = URL.canParse(authorizationEndpoint) ? new URL(authorizationEndpoint) : undefined
  const tenant = authority?.pathname.split('/')[1]
  const known = authority && (authority.origin === origin || entraHosts.includes(authority.host))
  if (!known || !tenant) throw refusals.unknownInstance()
  const own = new URL(origin).host
  const others = entraHosts.includes(own)
    ? []
    : [{ preferred_network: own, preferred_cache: own, aliases: [own] }]
  return {
    tenant_discovery_endpoint: `${authority.origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [
      {
        preferred_network: 'login.microsoftonline.com',
        preferred_cache: 'login.windows.net',
        aliases: entraHosts,
      },
      ...others,
    ],
  }
}

function configuration(origin: string, tenant: string, algorithm: EntraAlgorithm): object {
  const base = `${origin}/${tenant}`
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [algorithm],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf(origin, tenant),
    request_uri_parameter_supported: false,
    // MSAL refuses a document without this address, though nobody signs in here.
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'tid', 'oid', 'azp', 'ver'],
    tenant_region_scope: null,
    cloud_instance_name: 'microsoftonline.com',
  }
}

/** The documents of no tenant in particular leave a gap for the tenant. */
function issuerOf(origin: string, tenant: string): string {
  return `${origin}/${anyTenant.has(tenant) ? '{tenantid}' : tenant}/v2.0`
}

/** The real names are always served over TLS, even where a redirection in front of us takes it off. */
function originOf(request: FastifyRequest): string {
  const scheme = entraHosts.includes(request.hostname) ? 'https' : request.protocol
  const url = `${scheme}://${request.host}`
  return URL.canParse(url) ? new URL(url).origin : `${scheme}://localhost`
}
