import assert from 'node:assert/strict'
import type { Send } from '../helpers/patient-client.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import type { Told } from '../helpers/whole-installation.ts'
import { amazonPipeline } from './chaos-amazon.ts'
import { edgePipeline } from './chaos-edge.ts'
import { hardwarePipeline } from './chaos-hardware.ts'
import type { Lane } from './chaos-lane.ts'
import { microsoftPipeline } from './chaos-microsoft.ts'
import { amazonIds, appIds, edgeIds } from './chaos-seed.ts'

export interface Lanes {
  readonly all: readonly Lane[]
  /** Resolves when every lane is over; rejects when one of them finds something wrong. */
  readonly working: Promise<unknown>
  begun(): number
  /** Asks for everything that was acknowledged. @throws naming what is not as it was said to be */
  assertAcknowledged(send: Send): Promise<void>
  /** Holds the events to what the publishers saw. */
  assertEnds(events: readonly Told[]): void
}

/**
 * So many publishers in each of the four stores, at the same time.
 * @param sender makes the client of one of them
 * @param isOver asked after each submission of a lane, with how many it has begun
 */
export function startLanes(
  ofStore: number,
  seed: number,
  sender: (number: number) => Send,
  isOver: (begun: number) => boolean,
): Lanes {
  const all = Array.from({ length: 4 * ofStore }, (_each, index): Lane => {
    const random = seededRandom(seed + index)
    const nothing = { published: new Map(), failed: [], deleted: [], acknowledged: [], begun: 0 }
    return { send: sender(index), random, isOver, ...nothing }
  })
  const stores = [
    { run: edgePipeline, ids: edgeIds(ofStore) },
    { run: microsoftPipeline, ids: appIds(ofStore) },
    { run: amazonPipeline, ids: amazonIds(ofStore) },
    { run: hardwarePipeline, ids: [] },
  ]
  const working = Promise.all(
    all.map((lane, index) => {
      const store = stores[Math.floor(index / ofStore)]
      return store?.run(lane, store.ids[index % ofStore] ?? '')
    }),
  )
  working.catch(() => {})
  return {
    all,
    working,
    begun: () => all.reduce((sum, { begun }) => sum + begun, 0),
    async assertAcknowledged(send) {
      for (const { what, path, headers, shows } of all.flatMap(({ acknowledged }) => acknowledged)) {
        try {
          shows(await send('GET', path, { headers }))
        } catch (error) {
          throw new Error(`${what} ${path}: ${(error as Error).message}`, { cause: error })
        }
      }
    },
    assertEnds(events) {
      for (const lane of all) assertEnds(lane, events)
    },
  }
}

function assertEnds({ published, failed, deleted }: Lane, events: readonly Told[]): void {
  const of = (type: string) => events.filter((event) => event.type === type)
  for (const [productId, releases] of published) {
    assert.deepEqual(
      of('submission.published').flatMap((event) =>
        event.productId === productId ? event.submissionId : [],
      ),
      releases.map(({ submissionId }) => submissionId),
      `${productId} was published in another way than its publisher saw`,
    )
  }
  const gone = new Set(of('submission.deleted').map(({ submissionId }) => submissionId))
  for (const id of deleted) assert.ok(gone.has(id), `${id} was deleted, and no event says so`)
  const out = new Set(of('submission.published').map(({ submissionId }) => submissionId))
  for (const id of [...failed, ...deleted]) assert.ok(!out.has(id), `${id} is bad and was published`)
}
