import assert from 'node:assert/strict'
import { createInspector, defaultInspectorLimits, type Inspector } from '../../src/engine/inspector.ts'
import { operator } from './scenario.ts'
import { sharedInspector } from './shared-inspector.ts'
import { startServer, type TestServer } from './start-server.ts'

/** What the sandbox is seeded with. */
export const seeded = {
  productId: '33333333-3333-3333-3333-333333333333',
  clientId: '22222222-2222-2222-2222-222222222222',
  apiKey: 'sandbox-api-key',
  tenantId: '11111111-1111-1111-1111-111111111111',
  secret: 'sandbox-secret',
} as const

export const zeroGuid = '00000000-0000-0000-0000-000000000000'

export const keyHeaders = { authorization: `ApiKey ${seeded.apiKey}`, 'x-clientid': seeded.clientId } as const
export const zipHeaders = { ...keyHeaders, 'content-type': 'application/zip' } as const

type Headers = { readonly [name: string]: string }

/** The operation resource as its JSON says it; an unexpected failure has `id` and `message` only. */
export interface WireAnswer {
  readonly id: string
  readonly createdTime?: string
  readonly lastUpdatedTime?: string
  readonly status?: string
  readonly message: string | null
  readonly errorCode?: string | null
  readonly errors?: readonly { readonly message: string }[] | null
}

/** The four endpoints, as a client uses them. */
export interface EdgeClient {
  readonly paths: EdgePaths
  /** @returns the operation's id; fails the test unless the answer is 202 */
  startUpload(bytes: Uint8Array, headers?: Headers): Promise<string>
  startPublish(body?: string | Uint8Array, headers?: Headers): Promise<string>
  pollUpload(operationId: string): Promise<{ status: number; text: string; operation: WireAnswer }>
  pollPublish(operationId: string): Promise<{ status: number; text: string; operation: WireAnswer }>
  /** Starts, lets the server finish, polls. */
  upload(bytes: Uint8Array, headers?: Headers): Promise<WireAnswer>
  publish(body?: string | Uint8Array, headers?: Headers): Promise<WireAnswer>
}

export interface EdgePaths {
  readonly package: string
  readonly submissions: string
  uploadOperation(id: string): string
  publishOperation(id: string): string
}

export function edgePaths(productId: string = seeded.productId, root = '/v1'): EdgePaths {
  const submissions = `${root}/products/${productId}/submissions`
  return {
    package: `${submissions}/draft/package`,
    submissions,
    uploadOperation: (id) => `${submissions}/draft/package/operations/${id}`,
    publishOperation: (id) => `${submissions}/operations/${id}`,
  }
}

export function edgeClient(
  server: TestServer,
  options: { productId?: string; root?: string; credentials?: Headers } = {},
): EdgeClient {
  const paths = edgePaths(options.productId, options.root)
  const credentials = options.credentials ?? keyHeaders
  const post = async (url: string, headers: Headers, body?: string | Uint8Array) => {
    const payload = body instanceof Uint8Array ? Buffer.from(body) : body
    const answer = await server.http.inject({
      method: 'POST',
      url,
      headers: { ...credentials, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    assert.equal(answer.statusCode, 202, `${url}: ${answer.statusCode} ${answer.body}`)
    return String(answer.headers.location)
  }
  const poll = async (url: string) => {
    const answer = await server.http.inject({ method: 'GET', url, headers: credentials })
    assert.ok(answer.statusCode === 200 || answer.statusCode === 202, `${url}: ${answer.statusCode}`)
    return {
      status: answer.statusCode,
      text: answer.body,
      operation: JSON.parse(answer.body) as WireAnswer,
    }
  }
  const client: EdgeClient = {
    paths,
    startUpload: (bytes, headers = {}) =>
      post(paths.package, { 'content-type': 'application/zip', ...headers }, bytes),
    startPublish: (body, headers = {}) => post(paths.submissions, headers, body),
    pollUpload: (id) => poll(paths.uploadOperation(id)),
    pollPublish: (id) => poll(paths.publishOperation(id)),
    async upload(bytes, headers) {
      const id = await client.startUpload(bytes, headers)
      await server.settle()
      return (await client.pollUpload(id)).operation
    },
    async publish(body, headers) {
      const id = await client.startPublish(body, headers)
      await server.settle()
      return (await client.pollPublish(id)).operation
    },
  }
  return client
}

/** How long the default review and publication take together; one step goes by at a time. */
export async function goLive(server: TestServer): Promise<void> {
  await server.elapse(1000)
  await server.elapse(200)
}

/** What the developer dashboard shows of a product: its submissions, the oldest first. */
export async function dashboard(server: TestServer, productId: string = seeded.productId) {
  const views = await server.engine.listSubmissions(operator, { productId, after: null, limit: 100 })
  return views.map(({ submission, packages, summary }) => ({
    id: submission.id,
    step: submission.step,
    phase: submission.phase,
    version: summary.version,
    packageId: packages[0]?.id ?? null,
    content: submission.content,
    findings: submission.findings,
  }))
}

/** Steps and versions only: `['InTheStore -', 'InReview 1.0.1']`. */
export async function rows(server: TestServer, productId?: string): Promise<string[]> {
  const shown = await dashboard(server, productId)
  return shown.map(({ step, version }) => `${step} ${version ?? '-'}`)
}

/** A server that shares its inspector with the others of this process. */
export function startEdge(flags: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  return startServer(flags, { inspector: sharedInspector })
}

export interface GatedServer extends TestServer {
  /** Lets the n-th inspection (from 0) begin; they are counted in the order in which they are asked for. */
  openGate(index: number): void
  /** Lets all begin, those to come too. */
  openGates(): void
}

/** A server whose inspections wait until the test lets each of them begin. */
export async function startGatedServer(flags: Parameters<typeof startServer>[0] = {}): Promise<GatedServer> {
  const gates = new Map<number, PromiseWithResolvers<void>>()
  const gate = (index: number) => {
    const known = gates.get(index) ?? Promise.withResolvers<void>()
    gates.set(index, known)
    return known
  }
  let asked = 0
  let free = false
  const inspector: Inspector = {
    async inspect(request) {
      const own = gate(asked++)
      if (!free) await own.promise
      return sharedInspector.inspect(request)
    },
    unpack: (request) => sharedInspector.unpack(request),
    make: (request) => sharedInspector.make(request),
    [Symbol.asyncDispose]: async () => {},
  }
  const server = await startServer(flags, { inspector })
  const openGates = () => {
    free = true
    for (const each of gates.values()) each.resolve()
  }
  return {
    ...server,
    openGate: (index) => gate(index).resolve(),
    openGates,
    async [Symbol.asyncDispose]() {
      // A server waits for the work it has begun.
      openGates()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The real inspector without the time to read anything: every inspection ends without a verdict. */
export function hurriedInspector(): Inspector {
  return createInspector({ ...defaultInspectorLimits, timeMs: 0, timePerMiB: 0 })
}

/** Asks again and again, in real time, until the answer is as wanted; for servers that must not be settled. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the answer never came')
}
