import assert from 'node:assert/strict'
import { sharedInspector } from './shared-inspector.ts'
import { startServer, type TestServer } from './start-server.ts'
import { buildZip } from './zip-builder.ts'

/** What the sandbox is seeded with for the Microsoft Store. */
export const seededStore = {
  appId: '9NSLIPWAY001',
  flightId: '44444444-4444-4444-4444-444444444444',
  addOnId: '9NSLIPWAY0A1',
  packageId: '1152921505000000001',
  imageId: '1152921505000000101',
  tenantId: '11111111-1111-1111-1111-111111111111',
  clientId: '22222222-2222-2222-2222-222222222222',
  secret: 'sandbox-secret',
} as const

export const devCenter = 'https://manage.devcenter.microsoft.com'

/** JSON as a client that knows no types reads it. */
// biome-ignore lint/suspicious/noExplicitAny: documents of the service, compared member by member
export type Json = any

export interface MicrosoftAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly text: string
  /** Undefined for an empty body. */
  readonly json: Json
}

type Headers = { readonly [name: string]: string }
type Body = string | Uint8Array | object | null

export interface MicrosoftClient {
  readonly server: TestServer
  /** Asks for a path below `/v1.0/my/`, or for an absolute one; an object goes as JSON with its type. */
  ask(method: Method, path: string, body?: Body, headers?: Headers): Promise<MicrosoftAnswer>
  /** As `ask`; fails the test unless the status is as wanted. @returns the JSON */
  want(status: number, method: Method, path: string, body?: Body, headers?: Headers): Promise<Json>
  /** Puts bytes behind a signed URL of this server. */
  upload(url: string, bytes: Uint8Array, headers?: Headers): Promise<MicrosoftAnswer>
  /** Puts a ZIP of these files there; fails the test unless it is 201. */
  uploadFiles(url: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'

/** A server that shares its inspector with the others of this process. */
export function startMicrosoft(flags: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  return startServer(flags, { inspector: sharedInspector })
}

/** A token of the v1 endpoint, as most clients get theirs. */
export async function tokenOf(server: TestServer, who: Partial<TokenWish> = {}): Promise<string> {
  const wish = { ...seededStore, resource: devCenter, ...who }
  const answer = await server.http.inject({
    method: 'POST',
    url: `/${wish.tenantId}/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: wish.clientId,
      client_secret: wish.secret,
      resource: wish.resource,
    }).toString(),
  })
  assert.equal(answer.statusCode, 200, answer.body)
  return (answer.json() as { access_token: string }).access_token
}

export interface TokenWish {
  readonly tenantId: string
  readonly clientId: string
  readonly secret: string
  readonly resource: string
}

export async function microsoftClient(
  server: TestServer,
  who: Partial<TokenWish> = {},
): Promise<MicrosoftClient> {
  const authorization = `Bearer ${await tokenOf(server, who)}`
  const client: MicrosoftClient = {
    server,
    async ask(method, path, body, headers = {}) {
      const url = path.startsWith('/') ? path : `/v1.0/my/${path}`
      return send(server, method, url, body, { authorization, ...headers })
    },
    async want(status, method, path, body, headers) {
      const answer = await client.ask(method, path, body, headers)
      assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.json
    },
    upload: (url, bytes, headers = {}) =>
      send(server, 'PUT', pathOf(url), bytes, { 'x-ms-blob-type': 'BlockBlob', ...headers }),
    async uploadFiles(url, files) {
      const answer = await client.upload(url, buildZip(files))
      assert.equal(answer.status, 201, answer.text)
    },
  }
  return client
}

export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '')
}

async function send(
  server: TestServer,
  method: Method,
  url: string,
  body: Body | undefined,
  headers: Headers,
): Promise<MicrosoftAnswer> {
  const isDocument = typeof body === 'object' && !(body instanceof Uint8Array)
  const payload = body instanceof Uint8Array ? Buffer.from(body) : isDocument ? JSON.stringify(body) : body
  const answer = await server.http.inject({
    method,
    url,
    headers: { ...(isDocument ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  const type = String(answer.headers['content-type'] ?? '')
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
    text: answer.body,
    json: type.startsWith('application/json') && answer.body !== '' ? JSON.parse(answer.body) : undefined,
  }
}

/** How long the default steps take together, one after the other. */
export async function goThrough(server: TestServer): Promise<void> {
  for (const milliseconds of [500, 500, 1000, 200, 200, 500]) await server.elapse(milliseconds)
}

/** A PNG's head: all that is read of an image. */
export function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(33)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes.set([8, 6, 0, 0, 0], 24)
  return bytes
}
