import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../engine/index.ts'
import { bearerActor, bearerTokenOf } from '../../protocols/entra.ts'
import type { Mounting } from '../store.ts'
import { countRequest } from './rate-limit.ts'

/** What tokens are made for (microsoft-store.md 4); without a slash, a client's comment says. */
export const audience = 'https://manage.devcenter.microsoft.com'

/**
 * Who calls, by an Entra bearer token.
 * @throws EngineError `unauthenticated` as `bearerActor` says, `rate_limited`
 */
export async function authenticateClient(
  { engine, settings }: Mounting,
  request: FastifyRequest,
): Promise<Actor> {
  const token = bearerTokenOf(request.headers.authorization)
  const actor = await bearerActor(engine, token, audiencesOf(request))
  countRequest(engine, actor, settings.microsoft.requestsPerMinute)
  return actor
}

/** The Azure DevOps task asks for a token for the endpoint it is configured with (microsoft-store.md 4, 7-48). */
function audiencesOf({ host }: FastifyRequest): string[] {
  return [audience, `http://${host}`, `https://${host}`]
}
