import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { followEvents } from '../helpers/event-reader.ts'
import { type Fleet, startFleet } from '../helpers/fleet.ts'
import { type Outcomes, patientClient } from '../helpers/patient-client.ts'
import { type PrivatePostgres, privatePostgres, withoutPrivatePostgres } from '../helpers/private-postgres.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { asking, assertWholeInstallation, eventsOf, type Told } from '../helpers/whole-installation.ts'
import { amazonPipeline } from './chaos-amazon.ts'
import { edgePipeline } from './chaos-edge.ts'
import { hardwarePipeline } from './chaos-hardware.ts'
import { type Lane, native } from './chaos-lane.ts'
import { microsoftPipeline } from './chaos-microsoft.ts'
import { amazonIds, appIds, chaosSeed, edgeIds } from './chaos-seed.ts'

/** CRASH_SEED=n runs another history. */
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const skip = await withoutPrivatePostgres('processes that are killed on a PostgreSQL that restarts')

const lanesOfStore = 10
const submissionsOfLane = 5
const killEveryMs = 300
const killForMs = 30_000

/** So much has to happen between the kills that they mean something. */
const leastAnswers = 200

test('2 servers and 3 workers, one killed every 300 ms, and PostgreSQL restarted twice: all that was acknowledged is there, and ends well, once', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-distributed-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await using postgres = await privatePostgres()
  await writeFile(join(folder, 'seed.json'), JSON.stringify(chaosSeed(lanesOfStore)))
  const data = join(folder, 'data')
  await using fleet = startFleet(
    [
      { role: 'serve', env: { SLIPWAY_JOBS: '0' } },
      { role: 'serve', env: { SLIPWAY_JOBS: '1' } },
      { role: 'worker' },
      { role: 'worker' },
      { role: 'worker' },
    ],
    {
      DATABASE_URL: postgres.url,
      SLIPWAY_DATA: data,
      SLIPWAY_SEED: join(folder, 'seed.json'),
      SLIPWAY_LOG: 'error',
      SLIPWAY_PACE: '0.3',
    },
  )
  const outcomes: Outcomes = new Map()
  const ending = new AbortController()
  const { signal } = ending
  const { addresses } = fleet
  const sender = (number: number) =>
    patientClient({ addresses, random: seededRandom(seed + number), outcomes, signal })
  const answers = () => outcomes.get('answered') ?? 0
  let killing = true
  const lanes = Array.from({ length: 4 * lanesOfStore }, (_each, index) =>
    newLane(sender(index), seed + index, () => killing),
  )
  const reader = followEvents(sender(1000), native)
  await fleet.steady()
  const working = Promise.all(pipelines(lanes))
  working.catch(() => {})
  try {
    const kills = await strike(fleet, postgres, { working, answers, signal })
    killing = false
    const answered = answers()
    await fleet.steady()
    await working
    await reader.finish()
    const sent = lanes.map(({ begun }) => begun).reduce((sum, each) => sum + each)
    t.diagnostic(
      `seed ${seed}: ${kills} kills between ${answered} answers, ${sent} submissions, ${reader.seen.length} events; of requests ${told(outcomes)}`,
    )
    assert.ok(sent >= 200, `${sent} submissions`)

    for (const { what, path, headers, shows } of lanes.flatMap(({ acknowledged }) => acknowledged)) {
      try {
        shows(await sender(2000)('GET', path, { headers }))
      } catch (error) {
        throw new Error(`${what} ${path}: ${(error as Error).message}`, { cause: error })
      }
    }
    assert.deepEqual(fleet.failures, [])
    await fleet.stop()
    await asking(postgres.url, async (query) => {
      await assertWholeInstallation(query, join(data, 'blobs'))
      const events = await eventsOf(query)
      const final = await query('select seq from event where "accountId" = \'publisher\' order by seq')
      assert.deepEqual(
        reader.seen.map(({ seq }) => seq),
        final.map(({ seq }) => Number(seq)),
        'the reader saw other events',
      )
      for (const lane of lanes) assertEnds(lane, events)
    })
  } catch (error) {
    t.diagnostic(`run it again with CRASH_SEED=${seed}; of requests ${told(outcomes)}`)
    throw error
  } finally {
    ending.abort()
    if (process.env.CHAOS_LOG) await writeFile(process.env.CHAOS_LOG, fleet.log())
  }
})

function newLane(send: Lane['send'], laneSeed: number, more: () => boolean): Lane {
  return {
    send,
    random: seededRandom(laneSeed),
    isOver: (begun) => begun >= submissionsOfLane && !more(),
    published: new Map(),
    failed: [],
    deleted: [],
    acknowledged: [],
    begun: 0,
  }
}

function pipelines(lanes: readonly Lane[]): Promise<void>[] {
  const of = (store: number) => lanes.slice(store * lanesOfStore, (store + 1) * lanesOfStore)
  const each = (store: number, ids: readonly string[], run: (lane: Lane, id: string) => Promise<void>) =>
    of(store).map((lane, index) => run(lane, ids[index] ?? ''))
  return [
    ...each(0, edgeIds(lanesOfStore), edgePipeline),
    ...each(1, appIds(lanesOfStore), microsoftPipeline),
    ...each(2, amazonIds(lanesOfStore), amazonPipeline),
    ...of(3).map(hardwarePipeline),
  ]
}

/**
 * Kills at its rate, and longer where hardly anything was answered in between; a third of the way in PostgreSQL closes,
 * after two thirds it crashes.
 * @returns how many were killed
 */
async function strike(
  fleet: Fleet,
  postgres: PrivatePostgres,
  { working, answers, signal }: { working: Promise<unknown>; answers: () => number; signal: AbortSignal },
): Promise<number> {
  const random = seededRandom(seed)
  const failed = working.then(() => new Promise<never>(() => {}))
  failed.catch(() => {})
  const restarts = [
    { at: killForMs / 3, mode: 'fast' },
    { at: (2 * killForMs) / 3, mode: 'immediate' },
  ] as const
  const restarted = Promise.all(
    restarts.map(async ({ at, mode }) => {
      await delay(at, undefined, { signal })
      await postgres.restart(mode)
    }),
  )
  restarted.catch(() => {})
  const start = performance.now()
  let kills = 0
  for (let tick = 1; tick * killEveryMs <= killForMs || answers() < leastAnswers; tick++) {
    await Promise.race([failed, delay(Math.max(start + tick * killEveryMs - performance.now(), 0))])
    if (fleet.killOne(random)) kills++
  }
  await restarted
  return kills
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

function told(outcomes: Outcomes): string {
  return [...outcomes].map(([what, times]) => `${what} ${times}`).join(', ')
}
