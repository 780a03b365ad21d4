import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EngineError } from '../engine/index.ts'
import type { FaultEffect, Faults } from './faults.ts'

/**
 * Lets faults strike the requests of one store's scope. It stands inside the scope, so that an error of the
 * engine is answered by the store itself.
 */
export function strikeRequests(app: FastifyInstance, store: string, faults: Faults): void {
  app.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const effects = faults.atRequest({ store, method: request.method, path })
    if (effects.length === 0) done()
    else strikeAll(effects, request, reply).then((answered) => answered || done(), done)
  })
  // The reply is ready and everything is done; only the client never hears of it.
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (dropped.has(request)) request.raw.socket.destroy()
    done(null, payload)
  })
}

/** @returns whether the request has had its answer */
async function strikeAll(
  effects: readonly FaultEffect[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  for (const effect of effects) {
    await strike(effect, request, reply)
    if (reply.sent) return true
  }
  return false
}

/** Requests that are to be handled and not answered. */
const dropped = new WeakSet<FastifyRequest>()

async function strike(effect: FaultEffect, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if ('delayMs' in effect) await sleep(effect.delayMs)
  else if ('error' in effect) {
    // Asked for, so it is no failure of this server to be logged.
    request.log.level = 'silent'
    throw new EngineError(effect.error, effect.message ?? 'a fault of the sandbox')
  } else if ('drop' in effect) {
    if (effect.drop === 'reply') dropped.add(request)
    else {
      reply.hijack()
      request.raw.socket.destroy()
    }
  } else if ('answer' in effect) {
    const { status, reason, headers = {}, body } = effect.answer
    reply.code(status).headers(headers)
    if (reason !== undefined) reply.raw.statusMessage = reason
    if (body === undefined) await reply.header('content-length', '0').send()
    else if (typeof body === 'string') await reply.send(body)
    else await reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
  }
}
