import type { BlobStore } from '../blobs/blob-store.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Database, Tx } from '../storage/database.ts'
import type { Clock } from './clock.ts'
import { EngineError } from './errors.ts'
import type { EventSignal } from './event-signal.ts'
import type { Inspector } from './inspector.ts'
import type { Interference } from './interference.ts'
import { type Lifecycle, stepOf } from './lifecycle.ts'
import type { Random } from './random.ts'
import type { StoreSpec } from './store-spec.ts'
import type { Submission } from './types.ts'

/** How long the steps take: a factor on every step's own duration, and milliseconds for `store.Step`. */
export interface Pace {
  readonly factor: number
  readonly steps: ReadonlyMap<string, number>
}

/** What use cases stand on; nobody outside the engine sees it. */
export interface Context {
  readonly database: Database
  readonly blobs: BlobStore
  readonly jobs: Jobs
  readonly inspector: Inspector
  readonly clock: Clock
  readonly random: Random
  readonly specs: ReadonlyMap<string, StoreSpec>
  /** Who decides reviews: `automatic` approves when the step's time is up, `manual` waits for a person. */
  readonly review: 'automatic' | 'manual'
  readonly pace: Pace
  readonly signal: EventSignal
  readonly interference: Interference
}

export type { Tx }

/** @throws EngineError `unsupported` for a store this server does not have. */
export function specOf(context: Context, store: string): StoreSpec {
  const spec = context.specs.get(store)
  if (!spec) throw new EngineError('unsupported', `this server has no store '${store}'`, { target: 'store' })
  return spec
}

export function lifecycleOf(context: Context, submission: Submission): Lifecycle {
  const lifecycle = specOf(context, submission.store).lifecycles[submission.lifecycle]
  if (!lifecycle) throw new EngineError('internal', `no lifecycle '${submission.lifecycle}'`)
  return lifecycle
}

/** When the work of the step a submission is in is due. */
export function dueAt(context: Context, submission: Submission): number {
  const step = stepOf(lifecycleOf(context, submission), submission.step)
  const configured = context.pace.steps.get(`${submission.store}.${submission.step}`)
  return submission.stepAt + (configured ?? Math.round((step.lasts ?? 0) * context.pace.factor))
}
