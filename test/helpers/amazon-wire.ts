import assert from 'node:assert/strict'
import { apiRoot, type Json, scope, seededApp, startAmazon } from './amazon-client.ts'
import { ask } from './ask.ts'
import type { TestServer } from './start-server.ts'

export interface WireRequest {
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
}

export interface WireReply {
  readonly status: number
  readonly reason: string
  readonly etag: string
  readonly text: string
  /** Undefined for a body that is no JSON. */
  readonly json: Json
}

/** A server over a socket, asked request by request as a client of its own sends them. */
export interface Wire extends AsyncDisposable {
  readonly server: TestServer
  /** Every request so far with its status: `GET /edits 200`, ids left out. */
  readonly log: string[]
  /** Gets a token and sends it from then on; `json` sends the request as JSON, `scheme` is the header's. */
  login(options?: { json?: boolean; path?: string; scheme?: string }): Promise<void>
  /** Sends a request below the app. */
  send(method: string, path: string, request?: WireRequest): Promise<WireReply>
}

export async function startWire(
  flags: Parameters<typeof startAmazon>[0] = {},
  app: string = seededApp.appId,
): Promise<Wire> {
  const server = await startAmazon(flags)
  const address = await server.listen()
  const log: string[] = []
  let authorization = ''
  return {
    server,
    log,
    async login({ json = false, path = '/auth/o2/token', scheme = 'Bearer ' } = {}) {
      const fields = {
        grant_type: 'client_credentials',
        client_id: seededApp.clientId,
        client_secret: seededApp.secret,
        scope,
      }
      // Colons as they are: not every client escapes them.
      const form = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
      const answer = await ask(address, {
        method: 'POST',
        path,
        headers: { 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' },
        body: json ? JSON.stringify(fields) : form.join('&'),
      })
      assert.equal(answer.status, 200, answer.body)
      const token = JSON.parse(answer.body) as { access_token: string; expires_in: unknown }
      assert.equal(typeof token.expires_in, 'number')
      authorization = `${scheme}${token.access_token}`
    },
    async send(method, path, { headers = {}, body } = {}) {
      const answer = await ask(address, {
        method,
        path: `${apiRoot}/${app}${path}`,
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { body }),
      })
      log.push(`${method} ${path.replaceAll(/amzn1\.[\w.]+|\bM[0-9A-Z]{12}\b/g, '*')} ${answer.status}`)
      return {
        status: answer.status,
        reason: answer.reason,
        etag: answer.headers.etag ?? '',
        text: answer.body,
        json:
          answer.body.startsWith('{') || answer.body.startsWith('[') ? JSON.parse(answer.body) : undefined,
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
