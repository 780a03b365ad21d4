import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../engine/clock.ts'
import { createEventSignal } from '../engine/event-signal.ts'
import { createEngine, type Engine } from '../engine/index.ts'
import { createInspector, type Inspector } from '../engine/inspector.ts'
import type { Interference } from '../engine/interference.ts'
import { type Random, systemRandom } from '../engine/random.ts'
import { stores } from '../stores/index.ts'
import type { StoreSettings } from '../stores/store.ts'
import { keepHouse } from './keep-house.ts'
import { openBlobs } from './open-blobs.ts'
import { openJobs } from './open-jobs.ts'
import { openStorage } from './open-storage.ts'
import { storeSettings } from './store-settings.ts'

export interface EngineSurroundings {
  readonly clock: Clock
  readonly log: Logger
  readonly interference: Interference
  readonly random?: Random
  readonly databasePath?: string
  readonly blobs?: BlobStore
  /** Disposed with the engine. */
  readonly inspector?: Inspector
}

export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine
  readonly settings: StoreSettings
  /** Waits until everything that is due has been done. */
  settle(): Promise<void>
  /** Ends what jobs are doing; they begin again elsewhere or at the next start. */
  cutOff(): void
}

/** The engine on its database, packages and jobs: what serving and working have in common. Migrates. */
export async function openEngine(config: Config, surroundings: EngineSurroundings): Promise<OpenEngine> {
  const { clock, log, interference, random = systemRandom } = surroundings
  const database = await openStorage(config, surroundings.databasePath, (error) =>
    log.warn({ err: error }, 'a connection to the database broke'),
  )
  await database.migrate()
  const inspector = surroundings.inspector ?? createInspector()
  const settings = storeSettings(config)
  const jobs = await openJobs(config, database, clock, log)
  const engine = createEngine({
    database,
    blobs: surroundings.blobs ?? (await openBlobs(config)),
    jobs,
    inspector,
    clock,
    random,
    specs: new Map(stores.map(({ spec, specFor }) => [spec.store, specFor?.(settings) ?? spec])),
    review: config.review,
    pace: { factor: config.pace, steps: config.steps },
    signal: createEventSignal(database.others),
    interference,
  })
  const housekeeping = keepHouse(engine, log)
  return {
    engine,
    settings,
    settle: () => jobs.settle(),
    cutOff: () => void inspector[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await housekeeping[Symbol.asyncDispose]()
      await jobs.stop()
      await inspector[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
