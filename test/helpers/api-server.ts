import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ApiError } from '../../src/api/schema.ts'
import { diskBlobs } from '../../src/blobs/disk.ts'
import { createEventSignal } from '../../src/engine/event-signal.ts'
import { type Actor, createEngine, type Engine } from '../../src/engine/index.ts'
import { type Interference, noInterference } from '../../src/engine/interference.ts'
import { mintUuid } from '../../src/engine/random.ts'
import type { StoreSpec } from '../../src/engine/store-spec.ts'
import type { Inspection } from '../../src/formats/types.ts'
import { createHttp } from '../../src/http/index.ts'
import { createLog } from '../../src/http/log.ts'
import { embeddedJobs } from '../../src/jobs/embedded.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import { assertDocumented, type OpenApi } from './api-contract.ts'
import { seededRandom } from './seeded-random.ts'
import { storeSettings } from './store-settings.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

/** The people of every test: a publisher, the neighbour who must not see it, and who runs the server. */
export type Person = 'contoso' | 'fabrikam' | 'operator'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Asked {
  readonly as?: Person | null
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

export interface Answer<Wire> {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly text: string
  /** The parsed body; an empty object where there is none. */
  readonly json: Wire
}

export interface ApiServer extends AsyncDisposable {
  readonly document: OpenApi
  readonly http: FastifyInstance
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly logged: string[]
  /** The ids of the people's token credentials. */
  readonly credentialOf: { readonly [Name in Person]: string }
  readonly tokenOf: { readonly [Name in Person]: string }
  actor(person: Person): Actor
  /** Asks for `/api/v1<path>`, by default as contoso; null asks without a token. */
  ask<Wire = ApiError>(method: Method, path: string, asked?: Asked): Promise<Answer<Wire>>
  /** Uploads into a product's draft and waits until it was inspected. */
  upload(productId: string, fileName: string): Promise<void>
  settle(): Promise<void>
}

/**
 * The native API on an engine with one store, `workshop`, whose lifecycle knows every action. Every answer is
 * held against the OpenAPI document.
 */
export async function startApi(interference: Interference = noInterference): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-api-'))
  const clock = virtualClock()
  const database = openSqlite(':memory:')
  await database.migrate()
  const failures: unknown[] = []
  const settle = async () => {
    await jobs.settle()
    if (failures.length > 0) throw new AggregateError(failures, 'jobs failed')
  }
  const jobs = embeddedJobs({
    database,
    clock,
    onError: (_subject, error) => void failures.push(error),
  })
  const engine = createEngine({
    database,
    blobs: diskBlobs(folder),
    jobs,
    inspector: {
      inspect: async ({ name }) => inspectionOf(name),
      unpack: () => Promise.reject(new Error('this store takes no archives')),
      make: () => Promise.reject(new Error('this store makes nothing')),
      [Symbol.asyncDispose]: async () => {},
    },
    clock,
    random: seededRandom(),
    specs: new Map([[workshop.store, workshop]]),
    review: 'manual',
    pace: { factor: 0, steps: new Map() },
    signal: createEventSignal(),
    interference,
  })
  const logged: string[] = []
  const http = await createHttp({
    engine,
    stores: [],
    log: createLog('info', { terminal: false, write: (line) => void logged.push(line) }),
    settings: storeSettings(),
    ready: () => true,
  })
  const document = (await http.inject('/api/v1/openapi.json')).json<OpenApi>()
  const tokenOf = { contoso: '', fabrikam: '', operator: '' }
  const credentialOf = { contoso: '', fabrikam: '', operator: '' }
  for (const person of ['contoso', 'fabrikam', 'operator'] as const) {
    await engine.createAccount({ id: person, name: person })
    const role = person === 'operator' ? 'operator' : 'publisher'
    const made = await engine.createCredential({ accountId: person, kind: 'token', role })
    tokenOf[person] = made.secret
    credentialOf[person] = made.credential.id
  }

  return {
    document,
    http,
    engine,
    clock,
    logged,
    tokenOf,
    credentialOf,
    actor: (person) => ({
      accountId: person,
      credentialId: credentialOf[person],
      role: person === 'operator' ? 'operator' : 'publisher',
    }),
    async ask<Wire>(method: Method, path: string, { as = 'contoso', body, headers = {} }: Asked = {}) {
      const response = await http.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          ...(as === null ? {} : { authorization: `Bearer ${tokenOf[as]}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const { statusCode: status, body: text } = response
      const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== ''
      const answer = {
        status,
        headers: response.headers,
        text,
        json: (isJson ? JSON.parse(text) : {}) as Wire,
      }
      assertDocumented(document, method, path, answer)
      return answer
    },
    async upload(productId, fileName) {
      const bytes = (async function* () {
        yield Buffer.from(fileName)
      })()
      const by = { accountId: 'contoso', credentialId: credentialOf.contoso, role: 'publisher' } as const
      await engine.uploadPackage(by, { store: 'workshop', productId, fileName, bytes })
      await settle()
    },
    settle,
    async [Symbol.asyncDispose]() {
      await http.close()
      await jobs.stop()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Files named `bad…` are not sound. */
function inspectionOf(name: string): Inspection {
  if (!name.startsWith('bad')) return { format: 'box', sound: true, facts: { version: '1.0' }, findings: [] }
  const finding = { code: 'box-open', severity: 'error', message: 'Close the box.', target: 'lid' } as const
  return { format: 'box', sound: false, facts: {}, findings: [finding] }
}

const again = { create: 'stays' } as const

const workshop: StoreSpec = {
  store: 'workshop',
  lifecycles: {
    gadget: {
      start: 'Draft',
      steps: {
        Draft: {
          does: 'edit',
          phase: 'draft',
          on: { update: 'stays', delete: 'deleted', commit: { to: 'Review', verdict: true } },
        },
        Review: {
          does: 'review',
          phase: 'moving',
          next: 'Held',
          fails: 'Rejected',
          on: { approve: { to: 'Held' }, reject: { to: 'Rejected' }, cancel: { to: 'Cancelled' } },
        },
        Held: {
          does: 'hold',
          phase: 'moving',
          next: 'Publishing',
          on: { release: { to: 'Publishing' }, cancel: { to: 'Cancelled' } },
        },
        Publishing: { does: 'publish', phase: 'moving', next: 'Live', fails: 'Rejected', on: {} },
        Live: { does: 'end', phase: 'live', on: { ...again, unpublish: { to: 'Gone' } } },
        Gone: { does: 'end', phase: 'past', on: again },
        Rejected: { does: 'end', phase: 'failed', on: again },
        Cancelled: { does: 'end', phase: 'cancelled', on: again },
      },
    },
  },
  formats: ['box'],
  uploadBytes: 1024,
  clones: 'live',
  mintId: (_kind, random) => mintUuid(random),
  readId: (_kind, id) => (/^[\w-]+$/.test(id) ? id : undefined),
  blank: () => ({ title: '' }),
  clone: (content) => content,
  readContent: (_kind, content) =>
    content.broken === true
      ? [{ code: 'gadget-broken', severity: 'error', message: 'mend it', target: 'broken' }]
      : [],
  identityOf: () => null,
  check: () => [],
  refusalOf: () => 'submission_invalid',
  heldUntil: () => 'manual',
  summarize: ({ title }, [pack]) => ({
    title: typeof title === 'string' && title !== '' ? title : null,
    version: typeof pack?.facts.version === 'string' ? pack.facts.version : null,
  }),
}
