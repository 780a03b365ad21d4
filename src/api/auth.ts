import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Actor, type Engine, EngineError } from '../engine/index.ts'

/** Lets nobody into the scope without a good token. */
export function requireToken(app: FastifyInstance, engine: Engine): void {
  app.decorateRequest('actor', null)
  app.addHook('onRequest', async (request) => {
    request.setDecorator('actor', await engine.authenticateToken(tokenOf(request.headers.authorization)))
  })
}

/** Who is calling. */
export function actorOf(request: FastifyRequest): Actor {
  return request.getDecorator<Actor>('actor')
}

/** @throws EngineError `forbidden` for anybody else */
export function requireOperator(actor: Actor): void {
  if (actor.role !== 'operator') {
    throw new EngineError('forbidden', 'only an operator may do this; use the token of one', {
      target: 'role',
    })
  }
}

function tokenOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new EngineError('unauthenticated', 'send a token, as in `Authorization: Bearer <token>`')
  }
  const match = /^bearer +([^\s]+)$/i.exec(authorization.trim())
  if (!match?.[1]) {
    throw new EngineError(
      'unauthenticated',
      'this API takes Bearer tokens only, as in `Authorization: Bearer <token>`',
    )
  }
  return match[1]
}
