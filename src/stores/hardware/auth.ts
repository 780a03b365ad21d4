import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../engine/index.ts'
import { bearerActor, bearerTokenOf } from '../../protocols/entra.ts'
import type { Mounting } from '../store.ts'
import { GatewayRefusal } from './refusals.ts'

/** What tokens are made for (microsoft-hardware.md 4). */
export const audience = 'https://manage.devcenter.microsoft.com'

/**
 * Who calls, by an Entra bearer token for the service or for the address this server is called at.
 * @throws GatewayRefusal 500 for an empty bearer, as the service's gateway does (microsoft-hardware.md 4)
 * @throws EngineError `unauthenticated` as `bearerActor` says
 */
export async function authenticateClient({ engine }: Mounting, request: FastifyRequest): Promise<Actor> {
  const token = bearerTokenOf(request.headers.authorization)
  if (token === '') throw new GatewayRefusal(500, 'Internal server error')
  const { host } = request
  return bearerActor(engine, token, [audience, `http://${host}`, `https://${host}`])
}
