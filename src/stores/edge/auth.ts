import type { IncomingHttpHeaders } from 'node:http'
import { type Actor, EngineError } from '../../engine/index.ts'
import { bearerActor, bearerTokenOf } from '../../protocols/entra.ts'
import type { Mounting } from '../store.ts'
import { EdgeRefusal } from './errors.ts'

/** What a v1 token must be made for (edge-addons.md section 4). */
export const audience = 'https://api.addons.microsoftedge.microsoft.com'

/**
 * Who calls, by API key and client id (v1.1) or by an Entra bearer token (v1). The order of the checks is that
 * of edge-addons.md 1.6 (INFERRED there from observations).
 * @throws EdgeRefusal the service's answer to what is wrong
 */
export async function authenticateClient(
  { engine, settings }: Mounting,
  headers: IncomingHttpHeaders,
): Promise<Actor> {
  const clientId = headers['x-clientid']
  const authorization = headers.authorization
  if (typeof clientId !== 'string') {
    if (settings.edge.v1 === 'gone') throw new EdgeRefusal('gone')
    return authenticateV1(engine, authorization)
  }
  if (authorization === undefined) throw new EdgeRefusal('unauthenticated')
  const key = apiKeyOf(authorization)
  if (key === undefined) throw new EdgeRefusal('wrong_scheme')
  return authenticateKey(engine, clientId, key)
}

/** A client id is a GUID, so its case does not count; it is looked for as sent first, then in lower case. */
async function authenticateKey(engine: Mounting['engine'], clientId: string, secret: string): Promise<Actor> {
  for (const spelling of new Set([clientId.trim(), clientId.trim().toLowerCase()])) {
    try {
      return await engine.authenticate({ kind: 'api_key', clientId: spelling, secret })
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'forbidden')) throw error
    }
  }
  throw new EdgeRefusal('unknown_client')
}

/** The key is everything after the first blank, untouched: keys contain `$`, `!` and `=`. */
function apiKeyOf(authorization: string): string | undefined {
  const blank = authorization.indexOf(' ')
  if (blank < 0 || authorization.slice(0, blank).toLowerCase() !== 'apikey') return undefined
  return authorization.slice(blank + 1)
}

async function authenticateV1(engine: Mounting['engine'], authorization: string | undefined): Promise<Actor> {
  if (authorization === undefined) throw new EdgeRefusal('unauthenticated')
  if (apiKeyOf(authorization) !== undefined) throw new EdgeRefusal('key_without_client')
  const token = bearerTokenOf(authorization)
  if (token === undefined) throw new EdgeRefusal('unauthenticated')
  try {
    return await bearerActor(engine, token, [audience])
  } catch (error) {
    if (error instanceof EngineError && error.code === 'unauthenticated') throw new EdgeRefusal('invalid_jwt')
    throw error
  }
}
