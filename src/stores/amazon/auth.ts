import type { Actor } from '../../engine/index.ts'
import type { Mounting } from '../store.ts'
import { GatewayRefusal, notAuthorized } from './errors.ts'
import type { Tokens } from './tokens.ts'

/**
 * Who calls. The scheme is taken in any case and with any blanks behind it, as clients send it (amazon-appstore.md
 * 7-37). A token ends with its credential.
 * @throws GatewayRefusal 401; EngineError `unauthenticated` for a credential that was revoked
 */
export async function authenticateClient(
  { engine }: Pick<Mounting, 'engine'>,
  tokens: Tokens,
  authorization: string | undefined,
): Promise<Actor> {
  const token = /^\s*bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1]
  const credentialId = token === undefined ? undefined : await tokens.read(token)
  if (credentialId === undefined) throw new GatewayRefusal(401, notAuthorized)
  return engine.resume(credentialId)
}
