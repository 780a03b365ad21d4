import type { FastifyInstance } from 'fastify'
import type { Mounting, Routes } from '../../store.ts'
import { sendError } from '../errors.ts'
import { refusals } from '../refusals.ts'
import { addOnRoutes } from './add-ons.ts'
import { addOnOf, appOf, flightOf } from './addresses.ts'
import { applicationRoutes } from './applications.ts'
import { flightRoutes } from './flights.ts'
import { rolloutRoutes } from './rollout.ts'
import { createRoute, type SubmissionRoutes, submissionRoutes } from './submissions.ts'

const apps: SubmissionRoutes = {
  kind: 'app',
  path: '/applications/:applicationId',
  of: (ids) => ({ product: appOf(ids) }),
}
const flights: SubmissionRoutes = {
  kind: 'flight',
  path: '/applications/:applicationId/flights/:flightId',
  of: flightOf,
}
const addOns: SubmissionRoutes = {
  kind: 'add-on',
  path: '/inappproducts/:addOnId',
  of: (ids) => ({ product: addOnOf(ids) }),
}

/**
 * The 37 endpoints (microsoft-store.md 1) under `/v1.0/my`, and the creation of flight submissions as
 * package-flight-submissions.txt spells it, without `/my`.
 */
export const microsoftRoutes: Routes = (app, mounting) => {
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('ms-correlationid', correlationIdOf(request.headers) ?? request.id)
  })
  app.register((scope) => endpoints(scope, mounting), { prefix: '/v1.0' })
}

async function endpoints(app: FastifyInstance, mounting: Mounting): Promise<void> {
  app.setNotFoundHandler((_request, reply) => sendError(refusals.notFound('resource', 'Resource'), reply))
  createRoute(app, mounting, flights)
  app.register(
    async (scope) => {
      applicationRoutes(scope, mounting)
      submissionRoutes(scope, mounting, apps)
      rolloutRoutes(scope, mounting, apps)
      flightRoutes(scope, mounting)
      submissionRoutes(scope, mounting, flights)
      rolloutRoutes(scope, mounting, flights)
      addOnRoutes(scope, mounting)
      submissionRoutes(scope, mounting, addOns)
    },
    { prefix: '/my' },
  )
}

/** The client's own id is handed back when it is one (microsoft-store.md 5.4, INFERRED). */
function correlationIdOf(headers: { readonly [name: string]: unknown }): string | undefined {
  const id = headers['ms-correlationid'] ?? headers.correlationid
  return typeof id === 'string' && /^[\w-]{1,100}$/.test(id) ? id : undefined
}
