import type { EngineError, EngineErrorCode } from '../engine/index.ts'

/** What Entra answers instead of a token or a document; `number` is the one in `AADSTS…`. */
export class EntraRefusal extends Error {
  override readonly name = 'EntraRefusal'
  readonly status: number
  readonly error: string
  readonly number: number

  constructor(status: number, error: string, number: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
    this.error = error
    this.number = number
  }
}

/** Entra's own codes and words: scripts and Microsoft's libraries branch on them. */
export const refusals = {
  missingParameter: (name: string) =>
    new EntraRefusal(
      400,
      'invalid_request',
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    ),
  duplicateParameter: (name: string) =>
    new EntraRefusal(
      400,
      'invalid_request',
      9000411,
      `The request is not properly formatted. The parameter '${name}' is duplicated.`,
    ),
  unsupportedGrant: (grant: string) =>
    new EntraRefusal(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    ),
  invalidScope: (scope: string) =>
    new EntraRefusal(
      400,
      'invalid_scope',
      70011,
      "The provided request must include a 'scope' input parameter. The provided value for the input " +
        `parameter 'scope' is not valid. The scope ${scope} is not valid.`,
    ),
  scopeWithoutDefault: (scope: string) =>
    new EntraRefusal(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value ` +
        'with /.default suffixed to the resource identifier (application ID URI).',
    ),
  malformedTenant: (tenant: string) =>
    new EntraRefusal(
      400,
      'invalid_request',
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    ),
  /** The token endpoint says `invalid_request`, the discovery documents say `invalid_tenant`. */
  unknownTenant: (tenant: string, error: 'invalid_request' | 'invalid_tenant') =>
    new EntraRefusal(
      400,
      error,
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into ` +
        'the correct cloud. Check with your subscription administrator, this may happen if there are no ' +
        'active subscriptions for the tenant.',
    ),
  unknownClient: (clientId: string, tenant: string) =>
    new EntraRefusal(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen ` +
        'if the application has not been installed by the administrator of the tenant or consented to by any ' +
        'user in the tenant. You may have sent your authentication request to the wrong tenant.',
    ),
  missingSecret: () =>
    new EntraRefusal(
      401,
      'invalid_client',
      7000216,
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    ),
  wrongSecret: (clientId: string) =>
    new EntraRefusal(
      401,
      'invalid_client',
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
        `not the client secret ID, for a secret added to app '${clientId}'.`,
    ),
  expiredSecret: (clientId: string) =>
    new EntraRefusal(
      401,
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new ` +
        'keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for ' +
        'added security: https://aka.ms/certCreds.',
    ),
  unknownCertificate: () =>
    new EntraRefusal(
      401,
      'invalid_client',
      700027,
      'The certificate with identifier used to sign the client assertion is not registered on application. ' +
        '[Reason - The key was not found.]',
    ),
  unknownInstance: () => new EntraRefusal(400, 'invalid_instance', 50049, 'Unknown or invalid instance.'),
  invalidInput: (cause: unknown) => refusal(400, 'invalid_request', 90013, 'Invalid input received.', cause),
}

/** What is left once the token endpoint has given the refusals of a client their own words. */
const byEngineCode: Record<EngineErrorCode, (error: EngineError) => EntraRefusal> = {
  unauthenticated: (error) => refusal(401, 'invalid_client', 50012, 'Authentication failed.', error),
  forbidden: (error) => refusal(400, 'unauthorized_client', 700011, 'The client is not authorized.', error),
  not_found: refusals.invalidInput,
  invalid: refusals.invalidInput,
  conflict: internal,
  stale: internal,
  wrong_state: internal,
  unsupported: refusals.invalidInput,
  too_large: (error) => refusal(413, 'invalid_request', 90015, 'The request is too long.', error),
  rate_limited: (error) =>
    refusal(429, 'temporarily_unavailable', 90055, 'There are too many incoming requests.', error),
  timeout: (error) => refusal(408, 'invalid_request', 90013, 'The request body did not arrive.', error),
  no_space: internal,
  internal,
}

export function refusalOfEngine(error: EngineError): EntraRefusal {
  return byEngineCode[error.code](error)
}

/** Says nothing of what went wrong; that belongs in the log. */
export function internal(cause: unknown): EntraRefusal {
  return refusal(500, 'server_error', 50000, 'There was an error issuing a token.', cause)
}

function refusal(
  status: number,
  error: string,
  number: number,
  message: string,
  cause: unknown,
): EntraRefusal {
  return new EntraRefusal(status, error, number, message, cause)
}
