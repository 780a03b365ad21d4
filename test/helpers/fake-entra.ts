import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import Fastify, { type LightMyRequestResponse } from 'fastify'
import { type Actor, type Engine, EngineError } from '../../src/engine/index.ts'
import { hideContentType } from '../../src/protocols/content-type.ts'
import { entraTokenEndpoint } from '../../src/protocols/entra.ts'
import type { EntraAlgorithm } from '../../src/protocols/entra-keys.ts'
import { storeSettings } from './store-settings.ts'

export const tenant = '11111111-1111-1111-1111-111111111111'
export const clientId = 'aaaaaaaa-2222-2222-2222-222222222222'
export const secret = 's+cr et~%41.=/:€'
export const api = 'https://manage.devcenter.microsoft.com'
export const start = Date.UTC(2026, 0, 1)
export const v1 = `/${tenant}/oauth2/token`
export const v2 = `/${tenant}/oauth2/v2.0/token`
export const actor: Actor = { accountId: 'account', credentialId: 'credential-1', role: 'publisher' }

/** The part of the engine that the endpoints use, on one registered client and a clock that stands still. */
export class FakeEngine {
  time = start
  secret = secret
  expired = false
  revoked = false
  failure: unknown
  keys = new Map<string, { id: string; secret: string }[]>()
  keyReads = 0

  now = () => this.time
  hasTenant = async (id: string) => {
    if (this.failure) throw this.failure
    return id === tenant || id === 'contoso.onmicrosoft.com'
  }
  authenticate: Engine['authenticate'] = async (proof) => {
    assert.equal(proof.kind, 'secret')
    if (proof.clientId !== clientId) throw new EngineError('forbidden', 'unknown', { target: 'client' })
    if (proof.tenantId !== tenant) throw new EngineError('forbidden', 'not here', { target: 'tenant' })
    const wrong = proof.secret !== this.secret
    if (wrong) throw new EngineError('unauthenticated', 'wrong secret', { target: 'secret' })
    if (this.expired) throw new EngineError('unauthenticated', 'expired', { target: 'expired' })
    return actor
  }
  resume = async (id: string) => {
    if (this.revoked || id !== actor.credentialId) {
      throw new EngineError('unauthenticated', 'revoked', { target: 'expired' })
    }
    return actor
  }
  signingKeys = async (purpose: string, generate?: () => string) => {
    this.keyReads += 1
    const known = this.keys.get(purpose)
    if (known || !generate) return known ?? []
    const made = [{ id: 'first', secret: generate() }]
    this.keys.set(purpose, made)
    return made
  }
}

export const keyPairs = [rsaKey('first'), rsaKey('second')] as const

function rsaKey(id: string) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { id, secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** The endpoints on a server set up as the real one is, over one key unless the engine brings its own. */
export function serve(engine = new FakeEngine(), tokenAlgorithm: EntraAlgorithm = 'RS256') {
  if (engine.keys.size === 0) engine.keys.set('entra', [keyPairs[0]])
  const app = Fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1000 },
    rewriteUrl(request) {
      hideContentType(request)
      return request.url ?? '/'
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const settings = storeSettings({ bodyIdleMs: 200, tokenAlgorithm })
  entraTokenEndpoint(app, { engine: engine as Partial<Engine> as Engine, settings })
  const post = (
    url: string,
    payload: string | Record<string, string>,
    headers: Record<string, string> = {},
  ) =>
    app.inject({
      method: 'POST',
      url,
      payload: typeof payload === 'string' ? payload : new URLSearchParams(payload).toString(),
      headers,
    })
  const get = (url: string, host = 'localhost:7070') => app.inject({ url, headers: { host } })
  return { app, engine, post, get }
}

export const form = {
  grant_type: 'client_credentials',
  client_id: clientId,
  client_secret: secret,
  resource: api,
  scope: `${api}/.default`,
}

export function without(...names: (keyof typeof form)[]): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !names.some((absent) => absent === name)))
}

export async function tokenFrom(engine: FakeEngine, resource = api): Promise<string> {
  return (await serve(engine).post(v1, { ...form, resource })).json().access_token
}

export function assertRefused(
  response: LightMyRequestResponse,
  status: number,
  error: string,
  number: number,
) {
  const body = response.json()
  assert.deepEqual([response.statusCode, body.error, body.error_codes], [status, error, [number]])
  assert.deepEqual(Object.keys(body), [
    'error',
    'error_description',
    'error_codes',
    'timestamp',
    'trace_id',
    'correlation_id',
    'error_uri',
  ])
  assert.equal(body.timestamp, '2026-01-01 00:00:00Z')
  assert.equal(body.error_uri, `https://login.microsoftonline.com/error?code=${number}`)
  const { error_description: description } = body
  assert.ok(description.startsWith(`AADSTS${number}: `), description)
  const trace = ` Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id} Timestamp: ${body.timestamp}`
  assert.ok(description.endsWith(trace), description)
  assertHeaders(response)
}

export function assertHeaders({ headers, rawPayload }: LightMyRequestResponse) {
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['content-length'], `${rawPayload.byteLength}`)
}

export const unauthenticated = (target: string) => (error: unknown) => {
  assert.ok(error instanceof EngineError, String(error))
  assert.deepEqual([error.code, error.target], ['unauthenticated', target])
  return true
}
