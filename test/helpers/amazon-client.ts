import assert from 'node:assert/strict'
import { type ApkSpec, buildApk } from './apk-builder.ts'
import { apkKey } from './apk-keys.ts'
import type { ManifestSpec } from './axml-builder.ts'
import { operator } from './scenario.ts'
import { sharedInspector } from './shared-inspector.ts'
import { startServer, type TestServer } from './start-server.ts'
import { buildZip } from './zip-builder.ts'

/** What the sandbox is seeded with for the Amazon Appstore. */
export const seededApp = {
  appId: 'amzn1.devportal.mobileapp.slipway',
  packageName: 'com.contoso.slipway',
  apkId: 'M0SLIPWAY0001',
  clientId: 'amzn1.application-oa2-client.slipway',
  secret: 'sandbox-secret',
} as const

export const scope = 'appstore::apps:readwrite'
export const apiRoot = '/api/appstore/v1/applications'

/** JSON as a client that knows no types reads it. */
// biome-ignore lint/suspicious/noExplicitAny: documents of the service, compared member by member
export type Json = any

export interface AmazonAnswer {
  readonly status: number
  /** Undefined where the answer has none. */
  readonly etag: string | undefined
  readonly headers: { readonly [name: string]: unknown }
  readonly text: string
  /** Undefined for an empty body. */
  readonly json: Json
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
type Headers = { readonly [name: string]: string }
type Body = string | Uint8Array | object

export interface AmazonClient {
  readonly server: TestServer
  readonly headers: Headers
  /** Asks for a path below the app, such as `/edits`; an object goes as JSON. */
  ask(method: Method, path: string, body?: Body, headers?: Headers): Promise<AmazonAnswer>
  /** As `ask`; fails the test unless the status is as wanted. */
  want(status: number, method: Method, path: string, body?: Body, headers?: Headers): Promise<AmazonAnswer>
  /** Reads a resource for its ETag, and then writes with it. */
  write(status: number, method: Method, path: string, body?: Body, read?: string): Promise<AmazonAnswer>
  /** Opens an edit. @returns the path of the edit below the app */
  open(): Promise<string>
  /** Writes release notes for every listing of an edit. */
  writeNotes(edit: string, notes?: string): Promise<void>
  /** Commits with the edit's own tag; fails the test unless the status is as wanted. */
  commit(edit: string, status?: number): Promise<AmazonAnswer>
}

/** A server that shares its inspector with the others of this process. */
export function startAmazon(flags: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  return startServer(flags, { inspector: sharedInspector })
}

/** A token for a client of Login with Amazon; the seeded one by default. */
export async function tokenOf(
  server: TestServer,
  { clientId = seededApp.clientId, secret = seededApp.secret }: { clientId?: string; secret?: string } = {},
): Promise<string> {
  const answer = await server.http.inject({
    method: 'POST',
    url: '/auth/o2/token',
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope,
    }).toString(),
  })
  assert.equal(answer.statusCode, 200, answer.body)
  return (answer.json() as { access_token: string }).access_token
}

export async function amazonClient(
  server: TestServer,
  { app = seededApp.appId, token }: { app?: string; token?: string } = {},
): Promise<AmazonClient> {
  const headers = { authorization: `Bearer ${token ?? (await tokenOf(server))}` }
  const ask: AmazonClient['ask'] = async (method, path, body, more = {}) => {
    const isText = typeof body === 'string' || body instanceof Uint8Array || body === undefined
    const text = isText ? body : JSON.stringify(body)
    const answer = await server.http.inject({
      method,
      url: `${apiRoot}/${app}${path}`,
      headers: { ...headers, ...(isText ? {} : { 'content-type': 'application/json' }), ...more },
      ...(text === undefined ? {} : { payload: text instanceof Uint8Array ? Buffer.from(text) : text }),
    })
    return {
      status: answer.statusCode,
      etag: answer.headers.etag,
      headers: answer.headers,
      text: answer.body,
      json: answer.body === '' ? undefined : (JSON.parse(answer.body) as Json),
    }
  }
  const client: AmazonClient = {
    server,
    headers,
    ask,
    async want(status, method, path, body, more) {
      const answer = await ask(method, path, body, more)
      assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`)
      return answer
    },
    async write(status, method, path, body, read = path) {
      const { etag } = await client.want(200, 'GET', read)
      assert.ok(etag, `GET ${read} has no ETag`)
      return client.want(status, method, path, body, { 'if-match': etag })
    },
    async open() {
      const { json } = await client.want(200, 'POST', '/edits')
      return `/edits/${json.id}`
    },
    async writeNotes(edit, notes = 'What is new.') {
      const { json } = await client.want(200, 'GET', `${edit}/listings`)
      for (const [language, listing] of Object.entries<object>(json.listings)) {
        await client.write(200, 'PUT', `${edit}/listings/${language}`, { ...listing, recentChanges: notes })
      }
    },
    commit: (edit, status = 200) => client.write(status, 'POST', `${edit}/commit`, undefined, edit),
  }
  return client
}

/** A signed APK; version code 7 of `com.example.built` by default. */
export function apkOf(
  versionCode = 7,
  manifest: ManifestSpec = {},
  { key = 'amazon', ...spec }: ApkSpec & { readonly key?: string } = {},
): Uint8Array {
  return buildApk({
    manifest: {
      ...manifest,
      manifest: { versionCode, versionName: `1.${versionCode}`, ...manifest.manifest },
    },
    v2: [{ key: apkKey(key) }],
    v1: [{ key: apkKey(key) }],
    ...spec,
  })
}

/** An archive without a manifest, under the name of an APK. */
export const noApk: Uint8Array = buildZip([{ name: 'readme.txt', content: 'no package at all' }])

/** How long review and publication take together; one step goes by at a time. */
export async function goLive(server: TestServer): Promise<void> {
  await server.elapse(1000)
  await server.elapse(0)
  await server.elapse(200)
}

/** Publishes one APK in place of the seeded one, so that there is something to update. */
export async function publishApk(client: AmazonClient, bytes: Uint8Array): Promise<string> {
  const edit = await client.open()
  const { json } = await client.want(200, 'GET', `${edit}/apks`)
  const path = `${edit}/apks/${json[0].id}`
  await client.write(200, 'PUT', `${path}/replace`, bytes, path)
  await client.writeNotes(edit)
  await client.commit(edit)
  await goLive(client.server)
  assert.equal((await client.want(200, 'GET', '/edits')).text, '{}')
  return edit
}

/** Everything that can be read of an edit, with its tags: to see that nothing changed. */
export async function snapshot(client: AmazonClient, edit: string): Promise<unknown> {
  const paths = [
    '',
    '/listings',
    '/details',
    '/availability',
    '/apks',
    '/listings/en-US/screenshots',
    '/listings/en-US/videos',
  ]
  const answers = await Promise.all(paths.map((path) => client.want(200, 'GET', `${edit}${path}`)))
  return answers.map(({ etag, text }) => ({ etag, text }))
}

/** The errors of an answer, by their codes. */
export function codesOf({ json }: AmazonAnswer): string[] {
  return (json.errors as { errorCode: string }[]).map(({ errorCode }) => errorCode)
}

/** The submissions of an app in the native API's words: `['LIVE live', 'REVIEW moving']`, the oldest first. */
export async function rows(server: TestServer, productId: string = seededApp.appId): Promise<string[]> {
  const views = await server.engine.listSubmissions(operator, { productId, after: null, limit: 100 })
  return views.map(({ submission }) => `${submission.step} ${submission.phase}`)
}
