import type { FastifyInstance } from 'fastify'
import type { Routes } from '../store.ts'
import { type Api, apiOf } from './call.ts'
import { GatewayRefusal, sendError } from './errors.ts'
import { loginRoutes } from './login.ts'
import { apkRoutes } from './routes/apks.ts'
import { editRoutes } from './routes/edits.ts'
import { listingRoutes } from './routes/listings.ts'
import { mediaRoutes } from './routes/media.ts'
import { createTokens } from './tokens.ts'

const root = '/api/appstore'

/** The App Submission API and Login with Amazon, at the real services' paths. */
export const amazonRoutes: Routes = (app, mounting) => {
  const tokens = createTokens(mounting.engine)
  const api = apiOf(mounting, tokens)
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.register(async (scope) => submissionApi(scope, api), { prefix: root })
  app.register(async (scope) => loginRoutes(scope, mounting, tokens), { prefix: '/auth/o2' })
}

function submissionApi(app: FastifyInstance, api: Api): void {
  app.setNotFoundHandler((request, reply) => sendError(unroutable(request.method, request.url), reply))
  // An empty part is no id: it must not lead to another route (amazon-appstore.md 7-38).
  app.addHook('onRequest', async (request) => {
    if (pathOf(request.url).includes('//')) throw unroutable(request.method, request.url)
  })
  const prefix = '/v1/applications/:appId/edits'
  app.register(async (scope) => editRoutes(scope, api), { prefix })
  app.register(async (scope) => listingRoutes(scope, api), { prefix: `${prefix}/:editId` })
  app.register(async (scope) => apkRoutes(scope, api), { prefix: `${prefix}/:editId/apks` })
  app.register(async (scope) => mediaRoutes(scope, api), { prefix: `${prefix}/:editId/listings/:language` })
}

/** What the gateway says to paths that lead nowhere; without the root (amazon-appstore.md 5.1). */
function unroutable(method: string, url: string): GatewayRefusal {
  const uri = pathOf(url).replace(/^\/api/i, '')
  return new GatewayRefusal(400, `Unable to fetch the request scope for uri = ${uri} and verb = ${method}`)
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}
