import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { account, native } from '../distributed/chaos-lane.ts'
import { startLanes } from '../distributed/chaos-lanes.ts'
import { chaosSeed } from '../distributed/chaos-seed.ts'
import { assertWhole, query } from '../helpers/data-folder.ts'
import { assertSawAll, followEvents } from '../helpers/event-reader.ts'
import { startFleet } from '../helpers/fleet.ts'
import { type Outcomes, patientClient } from '../helpers/patient-client.ts'
import { memoryOf } from '../helpers/processes.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { eventsOf, type Query } from '../helpers/whole-installation.ts'
import { progress } from './progress.ts'

/** SOAK_MINUTES=n goes on for longer or less; CRASH_SEED=n kills at other moments. */
const minutes = Number(process.env.SOAK_MINUTES ?? 10)
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const lanesOfStore = 2

/** Killed in the first two thirds; the server of the last third is the one whose memory counts. */
const killForMs = (minutes * 60_000 * 2) / 3
const calmForMs = (minutes * 60_000) / 3
const killEveryMs = 5000

/** How much more in the last quarter of the calm than in its second: what no collection explains. */
const mostGrowth = 1.2

test(`${minutes} minutes of four stores' traffic on one server that is killed again and again: nothing is lost, and memory stays`, {
  timeout: minutes * 60_000 + 600_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-soak-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'seed.json'), JSON.stringify(chaosSeed(lanesOfStore)))
  const data = join(folder, 'data')
  await using fleet = startFleet([{ role: 'serve' }], {
    SLIPWAY_DATA: data,
    SLIPWAY_SEED: join(folder, 'seed.json'),
    SLIPWAY_LOG: 'error',
    SLIPWAY_PACE: '0.2',
  })
  const outcomes: Outcomes = new Map()
  const ending = new AbortController()
  const surroundings = { addresses: fleet.addresses, outcomes, signal: ending.signal }
  const sender = (number: number) => patientClient({ ...surroundings, random: seededRandom(seed + number) })
  let goingOn = true
  const reader = followEvents(sender(1000), native)
  const lanes = startLanes(lanesOfStore, seed, sender, () => !goingOn)
  const failed = lanes.working.then(() => new Promise<never>(() => {}))
  failed.catch(() => {})
  const show = (what: string) =>
    progress(`${what}: ${lanes.begun()} submissions, ${outcomes.get('answered') ?? 0} answers`)
  try {
    const random = seededRandom(seed)
    let kills = 0
    for (const start = performance.now(); performance.now() - start < killForMs; ) {
      await Promise.race([failed, delay(killEveryMs / 2 + random.below(killEveryMs))])
      if (fleet.killOne(random)) kills++
      show(`${kills} kills`)
    }
    await fleet.steady()
    const memory: number[] = []
    for (const start = performance.now(); performance.now() - start < calmForMs; ) {
      await Promise.race([failed, delay(500)])
      memory.push(memoryOf(fleet.pids()[0] ?? 0, 'now'))
      show(`${memory.at(-1)?.toFixed(0)} MiB`)
    }
    goingOn = false
    await lanes.working
    await reader.finish()
    progress('')
    const quarter = (number: number) =>
      median(memory.slice((memory.length * (number - 1)) / 4, (memory.length * number) / 4))
    t.diagnostic(
      `seed ${seed}: ${kills} kills, ${lanes.begun()} submissions, ${[...outcomes].join(' ')}; memory by quarters of the calm ${[1, 2, 3, 4].map((each) => quarter(each).toFixed(0)).join(', ')} MiB`,
    )
    assert.ok(kills > 0 && lanes.begun() > 4 * lanesOfStore, 'hardly anything happened')
    await lanes.assertAcknowledged(sender(2000))
    assert.deepEqual(fleet.failures, [])
    await fleet.stop()
    assertWhole(data)
    const asked: Query = async (sql) => query(data, sql) as Awaited<ReturnType<Query>>
    await assertSawAll(reader, asked, account.id)
    lanes.assertEnds(await eventsOf(asked))
    assert.ok(quarter(4) <= quarter(2) * mostGrowth, `from ${quarter(2)} to ${quarter(4)} MiB`)
  } finally {
    ending.abort()
  }
})

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN
}
