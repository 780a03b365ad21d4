import type { Actor, Engine } from '../engine/index.ts'
import type { Routes } from '../stores/store.ts'
import { answerRefusals } from './entra-answer.ts'
import { mountDiscovery } from './entra-discovery.ts'
import { type EntraAlgorithm, type Keyring, openKeyring } from './entra-keys.ts'
import { mountTokenEndpoint } from './entra-token-endpoint.ts'
import { openVerifier, type Verifier } from './entra-verification.ts'

export { entraHosts } from './entra-discovery.ts'

/** What verifying a token takes of the engine. */
export type TokenEngine = Pick<Engine, 'resume' | 'signingKeys' | 'now'>

/** Entra ID on one engine: what issues and what verifies share the keys and the one algorithm. */
interface Entra {
  readonly algorithm: EntraAlgorithm
  readonly keyring: Keyring
  readonly verify: Verifier
}

const opened = new WeakMap<TokenEngine, Entra>()

function openEntra(engine: TokenEngine, algorithm: EntraAlgorithm): Entra {
  const keyring = openKeyring(engine, algorithm)
  const entra = { algorithm, keyring, verify: openVerifier(engine, keyring, algorithm) }
  opened.set(engine, entra)
  return entra
}

/**
 * Entra ID as the Microsoft stores and Edge v1 need it (microsoft-store.md 4, microsoft-hardware.md 4,
 * edge-addons.md 4): `POST /:tenant/oauth2/token`, `POST /:tenant/oauth2/v2.0/token` and the documents MSAL reads
 * first, `/common/discovery/instance`, `/:tenant/v2.0/.well-known/openid-configuration` and
 * `/:tenant/discovery/v2.0/keys`. Everything they refuse is refused in Entra's shape. Paths with a slash behind
 * are the router's business (`ignoreTrailingSlash`).
 *
 * `settings.tokenAlgorithm` says how tokens are signed: `RS256`, as the service does, with public keys for whoever
 * wants to verify; `HS256` is quicker and verified by this server alone. Both sides are pinned to it.
 */
export const entraTokenEndpoint: Routes = (app, { engine, settings }) => {
  const { tokenAlgorithm: algorithm, bodyIdleMs } = settings
  const known = opened.get(engine)
  const { keyring } = known?.algorithm === algorithm ? known : openEntra(engine, algorithm)
  // A scope of its own, so that its error shape stays with it.
  app.register(async (scope) => {
    answerRefusals(scope, () => engine.now())
    mountTokenEndpoint(scope, { engine, keyring, algorithm, bodyIdleMs })
    mountDiscovery(scope, { engine, keyring, algorithm })
  })
}

/**
 * Who holds a token of the token endpoint, as long as its credential is still good. The algorithm is the one the
 * endpoint was mounted with, `RS256` where it was not.
 * @param audiences the resources the API answers to; compared exactly, so a slash at the end matters
 * @throws EngineError `unauthenticated` with target `missing` (no token), `malformed` (not signed by this server),
 *   `expired`, `audience` (issued for another API) or `credential` (expired or revoked since)
 */
export async function bearerActor(
  engine: TokenEngine,
  token: string | undefined,
  audiences: readonly string[],
): Promise<Actor> {
  const entra = opened.get(engine) ?? openEntra(engine, 'RS256')
  return entra.verify(token, audiences)
}

/**
 * The token of an `Authorization: Bearer …` header; the scheme in any case, any number of blanks. Empty when the
 * scheme stands alone, undefined when the header is missing or of another scheme.
 */
export function bearerTokenOf(authorization: string | undefined): string | undefined {
  const header = authorization?.trim() ?? ''
  return /^bearer(?:[ \t]|$)/i.test(header) ? header.slice('bearer'.length).trim() : undefined
}
