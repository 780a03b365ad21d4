import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { diskBlobs } from '../../src/blobs/disk.ts'
import { type Clock, systemClock } from '../../src/engine/clock.ts'
import { createEventSignal } from '../../src/engine/event-signal.ts'
import { type Actor, createEngine, type Engine } from '../../src/engine/index.ts'
import { noInterference } from '../../src/engine/interference.ts'
import { mintUuid, type Random, systemRandom } from '../../src/engine/random.ts'
import type { StoreSpec } from '../../src/engine/store-spec.ts'
import { createHttp } from '../../src/http/index.ts'
import { createLog } from '../../src/http/log.ts'
import { embeddedJobs } from '../../src/jobs/embedded.ts'
import {
  blobHosts,
  blobOrigin,
  blockBlob,
  type UploadUrl,
  uploadUrl,
} from '../../src/protocols/block-blob.ts'
import { openSqlite } from '../../src/storage/sqlite.ts'
import type { Store } from '../../src/stores/store.ts'
import { seededRandom } from './seeded-random.ts'
import { storeSettings } from './store-settings.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

/** What the depot is asked for in the query of `POST /depot/places`. */
export interface PlaceWish {
  readonly permissions?: UploadUrl['permissions']
  readonly fileName?: string
  /** An upload that is there already: another URL for it. */
  readonly uploadId?: string
}

export interface Place {
  readonly uploadId: string
  readonly url: string
  /** The draft whose upload it is. */
  readonly submissionId: string
}

export interface Depot extends AsyncDisposable {
  readonly http: FastifyInstance
  readonly engine: Engine
  readonly actor: Actor
  readonly logged: string[]
  /** A draft with an empty place to upload to, and a signed URL for it. */
  place(wish?: Partial<UploadUrl>): Promise<Place>
}

export interface DepotOptions {
  /** Where the bytes are kept, and the database unless it is in memory. */
  readonly folder: string
  readonly databasePath?: string
  readonly clock?: Clock
  readonly random?: Random
  readonly bodyIdleMs?: number
}

const actor: Actor = { accountId: 'depot', credentialId: 'depot', role: 'operator' }

/**
 * A store that does nothing but give out places to upload to, behind signed URLs: the HTTP server, the engine, the
 * database and the disk are the real ones.
 */
export async function openDepot(options: DepotOptions): Promise<Depot> {
  const { folder, clock = systemClock, random = systemRandom, bodyIdleMs = 10_000 } = options
  const database = openSqlite(options.databasePath ?? join(folder, 'slipway.db'))
  await database.migrate()
  const logged: string[] = []
  const log = createLog('info', { terminal: false, write: (line) => void logged.push(line) })
  const jobs = embeddedJobs({
    database,
    clock,
    onError: (subject, error) => log.error({ err: error, subject }, 'a job failed'),
  })
  const engine = createEngine({
    database,
    blobs: diskBlobs(join(folder, 'blobs')),
    jobs,
    inspector: {
      inspect: () => Promise.reject(new Error('the depot looks into nothing')),
      unpack: () => Promise.reject(new Error('the depot looks into nothing')),
      make: () => Promise.reject(new Error('the depot makes nothing')),
      [Symbol.asyncDispose]: async () => {},
    },
    clock,
    random,
    specs: new Map([[spec.store, spec]]),
    review: 'manual',
    pace: { factor: 0, steps: new Map() },
    signal: createEventSignal(),
    interference: noInterference,
  })
  if ((await engine.countAccounts()) === 0) await engine.createAccount({ id: actor.accountId, name: 'Depot' })
  const http = await createHttp({
    engine,
    stores: [depot],
    log,
    settings: { ...storeSettings(), bodyIdleMs },
    ready: () => true,
  })
  return {
    http,
    engine,
    actor,
    logged,
    place: (wish) => newPlace(engine, { origin: 'http://depot.example', permissions: 'rwl', ...wish }),
    async [Symbol.asyncDispose]() {
      http.server.closeAllConnections()
      await http.close()
      await jobs.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

export interface TestDepot extends Depot {
  readonly clock: VirtualClock
  /** Where its bytes are; removed with it. */
  readonly folder: string
  /** @returns the address it listens on */
  listen(): Promise<string>
}

/** The depot in this process: in-memory database, temporary folder, virtual clock, seeded randomness. */
export async function startDepot(options: Pick<DepotOptions, 'bodyIdleMs'> = {}): Promise<TestDepot> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-depot-'))
  const clock = virtualClock()
  const depot = await openDepot({
    folder,
    databasePath: ':memory:',
    clock,
    random: seededRandom(),
    ...options,
  })
  return {
    ...depot,
    clock,
    folder,
    listen: () => depot.http.listen({ host: '127.0.0.1', port: 0 }),
    async [Symbol.asyncDispose]() {
      await depot[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** What a signed URL leads to on whatever server listens: path and query. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}

async function newPlace(
  engine: Engine,
  wish: Omit<UploadUrl, 'uploadId'> & { uploadId?: string },
): Promise<Place> {
  if (wish.uploadId !== undefined) {
    const { uploadId } = wish
    return { uploadId, submissionId: '', url: await uploadUrl(engine, { ...wish, uploadId }) }
  }
  const product = await engine.createProduct(actor, { store: 'depot', kind: 'crate', name: randomUUID() })
  const { id, uploadId } = await engine.createSubmission(actor, product.id)
  if (uploadId === null) throw new Error('a draft without a place to upload to')
  return { uploadId, submissionId: id, url: await uploadUrl(engine, { ...wish, uploadId }) }
}

const spec: StoreSpec = {
  store: 'depot',
  lifecycles: {
    crate: {
      start: 'Draft',
      steps: {
        Draft: {
          does: 'edit',
          phase: 'draft',
          on: { delete: 'deleted', commit: { to: 'Gone', verdict: true }, cancel: { to: 'Gone' } },
        },
        Gone: { does: 'end', phase: 'cancelled', on: { create: 'stays' } },
      },
    },
  },
  formats: ['crate'],
  uploadBytes: 8 * 1024 ** 3,
  clones: 'live',
  mintId: (_kind, random) => mintUuid(random),
  readId: (_kind, id) => id,
  blank: () => ({}),
  clone: (content) => content,
  readContent: () => [],
  identityOf: () => null,
  check: () => [],
  refusalOf: () => 'submission_invalid',
  heldUntil: () => null,
  summarize: () => ({ title: null, version: null }),
  intake: {
    lifecycles: ['crate'],
    purpose: 'archive',
    fileName: () => 'archive.zip',
    kind: 'archive',
    wanted: () => [],
    taken: (content) => ({ content, findings: [] }),
  },
}

const depot: Store = {
  spec,
  hosts: blobHosts,
  routes: (app, { engine }) => {
    app.post<{ Querystring: PlaceWish }>('/depot/places', async (request) =>
      newPlace(engine, { permissions: 'rwl', ...request.query, origin: blobOrigin(request) }),
    )
  },
  protocols: [{ name: 'blob', routes: blockBlob }],
}
