import type { FastifyReply, FastifyRequest } from 'fastify'

/** Every reply says how long it is: a sample reads it without looking (microsoft-store.md 7-11, 7-12). */
export function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** 204 with a length, which the framework would take off (microsoft-store.md 0, 7-14). */
export function sendNothing(reply: FastifyReply): FastifyReply {
  reply.raw.setHeader('content-length', '0')
  return reply.code(204).send()
}

/** Where this server was reached. */
export function originOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}
