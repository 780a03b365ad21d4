import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './engine/clock.ts'
import type { Engine } from './engine/index.ts'
import type { Inspector } from './engine/inspector.ts'
import { noInterference } from './engine/interference.ts'
import type { Random } from './engine/random.ts'
import { type Answer, createHttp } from './http/index.ts'
import { createLog } from './http/log.ts'
import { createSandboxClock } from './sandbox/clock.ts'
import { sandboxControls } from './sandbox/controls.ts'
import { strikeRequests } from './sandbox/fault-hooks.ts'
import { createFaults, type FaultNames } from './sandbox/faults.ts'
import { readFaults } from './sandbox/read-faults.ts'
import { readSeed } from './sandbox/read-seed.ts'
import { defaultSeed, plantFirst, type Seed } from './sandbox/seed.ts'
import { openEngine } from './server/open-engine.ts'
import { openUnlocked } from './server/open-storage.ts'
import { stderr } from './server/stderr.ts'
import { refuseHalfRestored } from './storage/folder-lock.ts'
import { stores } from './stores/index.ts'
import type { Store } from './stores/store.ts'

export { type Rotated, rotateKeys } from './server/rotate-keys.ts'
export { createWorker } from './server/worker.ts'

/** What tests bring instead of the real thing. */
export interface Surroundings {
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Logger
  /** Keeps the database in memory; the packages stay on disk. */
  readonly databasePath?: string
  readonly blobs?: BlobStore
  /** Reads the packages; disposed with the server. */
  readonly inspector?: Inspector
  /** Told of every request that was answered. */
  readonly onAnswer?: (answer: Answer) => void
}

export interface Server extends AsyncDisposable {
  readonly http: FastifyInstance
  readonly engine: Engine
  /** The real services' host names that this server answers for. */
  readonly hosts: readonly string[]
  /** What this server was or would have been seeded with; null when no seed was asked for. */
  readonly seed: Seed | null
  /** Whether the seed was planted at this start; a folder that has accounts is left alone. */
  readonly planted: boolean
  /** @returns the address it listens on, such as `http://127.0.0.1:7070` */
  listen(): Promise<string>
  /** Waits until everything that is due has been done. */
  settle(): Promise<void>
}

/**
 * Puts a server together: database, packages, jobs, engine, HTTP. Migrates, and seeds an empty sandbox.
 * @throws when another server uses the folder, the database is a newer version's, or the seed file is not usable
 */
export async function createServer(config: Config, surroundings: Surroundings = {}): Promise<Server> {
  const sandbox = config.mode === 'sandbox' ? await createSandbox(config, surroundings.clock) : undefined
  const clock = sandbox?.clock ?? surroundings.clock ?? systemClock
  const log = surroundings.log ?? createLog(config.log, stderr())
  const opened = await openEngine(config, {
    ...surroundings,
    clock,
    log,
    interference: sandbox?.faults ?? noInterference,
  })
  const { engine, settings } = opened
  const seed = await seedOf(config)
  const planted = seed !== null && (await plantFirst(engine, seed))
  let stopping = false
  const http = await createHttp({
    engine,
    stores,
    log,
    settings,
    ready: () => !stopping,
    sandbox: sandbox && {
      // They are this process's alone: where others perform the jobs, time moved on here would be moved for nobody.
      controls: config.jobs === 0 ? () => {} : (api) => sandboxControls(api, sandbox),
      prepare: (scope, store) => strikeRequests(scope, store, sandbox.faults),
    },
    onAnswer: surroundings.onAnswer,
    trustProxy: config.trustProxy,
  })

  return {
    http,
    engine,
    hosts: [...new Set(stores.flatMap((store) => store.hosts))],
    seed,
    planted,
    listen: () => http.listen({ host: config.host, port: config.port }),
    settle: () => opened.settle(),
    async [Symbol.asyncDispose]() {
      if (stopping) return
      stopping = true
      // What is cut off then is lost to nobody: it was never acknowledged, or its job begins again at the next start.
      const late = setTimeout(() => {
        http.server.closeAllConnections()
        opened.cutOff()
      }, config.drainMs)
      // Requests first: what they enqueue is in the database, whoever runs it.
      await http.close()
      await opened[Symbol.asyncDispose]()
      clearTimeout(late)
    },
  }
}

/**
 * Brings the database up to date, or only says what that would take.
 * @returns the names of the migrations that ran or would run
 */
export async function migrateDatabase(config: Config, checkOnly: boolean): Promise<string[]> {
  refuseHalfRestored(config.data)
  await using database = await openUnlocked(config, () => {})
  // Awaited here, as the database is closed when this returns.
  return await (checkOnly ? database.pendingMigrations() : database.migrate())
}

/** What exists in a sandbox only: faults and a clock that can be moved on. */
async function createSandbox(config: Config, clock: Clock | undefined) {
  const names = namesOf(stores)
  const file = config.faults === null ? { faults: [] } : await readFaults(config.faults, names)
  return { faults: createFaults(file.faults, file.seed), clock: createSandboxClock(clock), names }
}

function namesOf(all: readonly Store[]): FaultNames {
  const protocols = all.flatMap((store) => store.protocols)
  const lifecycles = all.flatMap(({ spec }) => Object.values(spec.lifecycles))
  return {
    stores: [...new Set([...all.map(({ spec }) => spec.store), ...protocols.map(({ name }) => name)])],
    steps: [...new Set(lifecycles.flatMap(({ steps }) => Object.keys(steps)))],
  }
}

async function seedOf(config: Config): Promise<Seed | null> {
  if (config.seed !== null) return readSeed(config.seed)
  return config.mode === 'sandbox' ? defaultSeed : null
}
