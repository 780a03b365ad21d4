import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { assertSawAll, followEvents } from '../helpers/event-reader.ts'
import { type Fleet, startFleet } from '../helpers/fleet.ts'
import { type Outcomes, patientClient } from '../helpers/patient-client.ts'
import { type PrivatePostgres, privatePostgres, withoutPrivatePostgres } from '../helpers/private-postgres.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { asking, assertWholeInstallation, eventsOf } from '../helpers/whole-installation.ts'
import { account, native } from './chaos-lane.ts'
import { startLanes } from './chaos-lanes.ts'
import { chaosSeed } from './chaos-seed.ts'

/** CRASH_SEED=n runs another history. */
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const skip = await withoutPrivatePostgres('processes that are killed on a PostgreSQL that restarts')

const lanesOfStore = 10
const submissionsOfLane = 5
const killEveryMs = 300
const killForMs = 30_000

/** So much has to happen between the kills that they mean something. */
const leastAnswers = 100

test('2 servers and 3 workers, one killed every 300 ms, and PostgreSQL restarted twice: all that was acknowledged is there, and ends well, once', {
  skip,
  timeout: 300_000,
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
  const reader = followEvents(sender(1000), native)
  await fleet.steady()
  const isOver = (begun: number) => begun >= submissionsOfLane && !killing
  const lanes = startLanes(lanesOfStore, seed, sender, isOver)
  const start = performance.now()
  try {
    const kills = await strike(fleet, postgres, { working: lanes.working, answers, signal })
    killing = false
    const seconds = Math.round((performance.now() - start) / 1000)
    const answered = answers()
    await fleet.steady()
    await lanes.working
    await reader.finish()
    t.diagnostic(
      `seed ${seed}: ${kills} kills in ${seconds} s between ${answered} answers, ${lanes.begun()} submissions, ${reader.seen.length} events; of requests ${told(outcomes)}`,
    )
    assert.ok(lanes.begun() >= 200, `${lanes.begun()} submissions`)

    await lanes.assertAcknowledged(sender(2000))
    assert.deepEqual(fleet.failures, [])
    await fleet.stop()
    await asking(postgres.url, async (query) => {
      await assertWholeInstallation(query, join(data, 'blobs'))
      await assertSawAll(reader, query, account.id)
      lanes.assertEnds(await eventsOf(query))
    })
  } catch (error) {
    t.diagnostic(`run it again with CRASH_SEED=${seed}; of requests ${told(outcomes)}`)
    t.diagnostic(fleet.log().slice(-4000))
    throw error
  } finally {
    ending.abort()
  }
})

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

function told(outcomes: Outcomes): string {
  return [...outcomes].map(([what, times]) => `${what} ${times}`).join(', ')
}
