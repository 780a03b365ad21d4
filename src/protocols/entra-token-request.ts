import { decodeForm, readForm, secretReadings } from './entra-form.ts'
import { refusals } from './entra-refusals.ts'

/** `1.0` answers `/oauth2/token`, `2.0` answers `/oauth2/v2.0/token`. */
export type EntraVersion = '1.0' | '2.0'

export interface TokenRequest {
  readonly clientId: string
  /** What the client proves itself with; `secrets` are the readings of the one it sent, in the order to try. */
  readonly proof: { readonly secrets: readonly string[] } | 'assertion'
  /** What the token is for; becomes its audience, exactly as sent. */
  readonly resource: string
}

/** Scopes about a signed-in person, which libraries add by habit and this flow ignores. */
const personalScopes = new Set(['openid', 'profile', 'offline_access', 'email'])

/**
 * Reads a client-credentials request.
 * @param authorization the request's Authorization header: HTTP Basic is the other place for a client's secret
 * @throws EntraRefusal
 */
export function readTokenRequest(
  version: EntraVersion,
  body: string,
  authorization: string | undefined,
): TokenRequest {
  const form = readForm(body)
  const grant = required(form, 'grant_type')
  if (grant !== 'client_credentials') throw refusals.unsupportedGrant(grant)
  const basic = readBasic(authorization)
  const secret = form.get('client_secret') || basic?.secret
  const asserted = form.has('client_assertion')
  // The service misses the proof before it misses the client id.
  if (!secret && !asserted) throw refusals.missingSecret()
  return {
    clientId: basic && !form.has('client_id') ? basic.clientId : required(form, 'client_id'),
    proof: secret ? { secrets: secretReadings(secret) } : 'assertion',
    resource: version === '1.0' ? required(form, 'resource') : resourceOfScope(required(form, 'scope')),
  }
}

/** `https://manage.devcenter.microsoft.com/.default` asks for that resource; nothing but the suffix is cut off. */
function resourceOfScope(scope: string): string {
  const [wanted, ...others] = scope.split(' ').filter((part) => part !== '' && !personalScopes.has(part))
  if (wanted === undefined || !wanted.endsWith('/.default')) throw refusals.scopeWithoutDefault(scope)
  const resource = wanted.slice(0, -'/.default'.length)
  if (resource === '' || others.length > 0) throw refusals.invalidScope(scope)
  return resource
}

function required(form: ReadonlyMap<string, string>, name: string): string {
  const value = decodeForm(form.get(name) ?? '').trim()
  if (value === '') throw refusals.missingParameter(name)
  return value
}

function readBasic(authorization: string | undefined): { clientId: string; secret: string } | undefined {
  if (!authorization || !/^basic /i.test(authorization)) return undefined
  const pair = Buffer.from(authorization.slice('basic '.length).trim(), 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 1) return undefined
  return { clientId: decodeForm(pair.slice(0, colon)), secret: pair.slice(colon + 1) }
}
