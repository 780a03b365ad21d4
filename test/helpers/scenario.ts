import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Actor } from '../../src/engine/index.ts'
import { sharedInspector } from './shared-inspector.ts'
import { startServer, type TestServer } from './start-server.ts'

export interface ScenarioRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD'
  readonly url: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string | Uint8Array
}

/** An event by its type alone, or with all its data. */
export type ExpectedEvent =
  | string
  | { readonly type: string; readonly data: { readonly [name: string]: unknown } }

/**
 * One request and all that comes of it. Minted ids are named `id-1`, `id-2` … in the order in which headers,
 * body and events first show them; hashes are `sha256`. Times are exact: the clock stands still.
 */
export interface Scenario<Given> {
  readonly flags?: Parameters<typeof startServer>[0]
  /** What happened before; its events do not count. */
  readonly given?: (server: TestServer) => Promise<Given>
  readonly request: ScenarioRequest | ((given: Given) => ScenarioRequest)
  readonly status: number
  /** Every header of the answer but those of the connection, the date and the request id, which must be there. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  /** Every event of the account that the request and the jobs it started wrote, in order; none is `[]`. */
  readonly events: readonly ExpectedEvent[]
}

/** The sandbox account's operator, as whom scenarios look at events. */
export const operator: Actor = { accountId: 'sandbox', credentialId: 'test', role: 'operator' }

/** Registers a test that runs one scenario on a server of its own. */
export function scenario<Given = void>(title: string, wanted: Scenario<Given>): void {
  test(title, async () => {
    await using server = await startServer(wanted.flags, { inspector: sharedInspector })
    const given = (await wanted.given?.(server)) as Given
    await server.settle()
    const before = (await eventsAfter(server, 0)).at(-1)?.seq ?? 0
    const request = typeof wanted.request === 'function' ? wanted.request(given) : wanted.request
    const answer = await send(server, request)
    await server.settle()

    const stable = stableNames()
    assert.equal(answer.statusCode, wanted.status)
    assert.deepEqual(stable(contentHeaders(answer.headers)), wanted.headers)
    assert.equal(stable(answer.body), wanted.body)
    const written = await eventsAfter(server, before)
    const seen = written.map(({ type, data }, index) =>
      typeof wanted.events[index] === 'object' ? { type, data: stable(data) } : type,
    )
    assert.deepEqual(seen, wanted.events)
  })
}

async function send(server: TestServer, { method, url, headers = {}, body }: ScenarioRequest) {
  const payload = typeof body === 'string' || body === undefined ? body : Buffer.from(body)
  return server.http.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
}

async function eventsAfter(server: TestServer, after: number) {
  return server.engine.listEvents(operator, { after, limit: 1000 })
}

function contentHeaders(headers: { readonly [name: string]: unknown }): { [name: string]: string } {
  const { date, connection, 'x-request-id': requestId, ...rest } = headers
  assert.match(String(date), / GMT$/)
  assert.match(String(requestId), /^[0-9a-f-]{36}$/)
  assert.ok(connection === 'keep-alive' || connection === 'close')
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]))
}

/** Renames minted ids and hashes, the same one always alike; every other id is left as it is. */
export function stableNames(): <T>(value: T) => T {
  const names = new Map<string, string>()
  const minted = /\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g
  const rename = (id: string) => {
    const name = names.get(id) ?? `id-${names.size + 1}`
    names.set(id, name)
    return name
  }
  return (value) => {
    if (value === undefined) return value
    const text = JSON.stringify(value)
      .replace(minted, rename)
      .replace(/\b[0-9a-f]{64}\b/g, 'sha256')
    return JSON.parse(text)
  }
}
