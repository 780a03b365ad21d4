import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrations } from '../../src/storage/migrations/index.ts'
import { assertSawAll, followEvents } from '../helpers/event-reader.ts'
import { startFleet } from '../helpers/fleet.ts'
import { type Outcomes, patientClient } from '../helpers/patient-client.ts'
import { emptyDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { asking, assertWholeInstallation, eventsOf } from '../helpers/whole-installation.ts'
import { account, native } from './chaos-lane.ts'
import { startLanes } from './chaos-lanes.ts'
import { chaosSeed } from './chaos-seed.ts'

const skip = await withoutPostgres('processes that are replaced one after the other')

const lanesOfStore = 2

test('started together on an empty database and then replaced twice, one after the other, they lose no request and no job', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-rolling-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await using made = await emptyDatabase()
  await writeFile(join(folder, 'seed.json'), JSON.stringify(chaosSeed(lanesOfStore)))
  const data = join(folder, 'data')
  await using fleet = startFleet(
    [
      { role: 'serve' },
      { role: 'serve', env: { SLIPWAY_JOBS: '0' } },
      { role: 'worker' },
      { role: 'worker' },
    ],
    {
      DATABASE_URL: made.url,
      SLIPWAY_DATA: data,
      SLIPWAY_SEED: join(folder, 'seed.json'),
      SLIPWAY_LOG: 'error',
      SLIPWAY_PACE: '0.3',
    },
  )
  await fleet.steady()
  await asking(made.url, async (query) => {
    const ran = await query('select name from migration order by name')
    assert.deepEqual(
      ran.map(({ name }) => name),
      migrations.map(({ name }) => name),
    )
    assert.deepEqual(
      await query('select id from account'),
      [{ id: account.id }],
      'the seed was not planted once',
    )
  })

  const outcomes: Outcomes = new Map()
  const ending = new AbortController()
  const surroundings = { addresses: fleet.addresses, outcomes, signal: ending.signal }
  const sender = (number: number) => patientClient({ ...surroundings, random: seededRandom(number) })
  let rolling = true
  const reader = followEvents(sender(1000), native)
  const lanes = startLanes(lanesOfStore, 1, sender, (begun) => begun >= 3 && !rolling)
  try {
    const before = fleet.addresses()
    await Promise.race([lanes.working, fleet.roll()])
    await Promise.race([lanes.working, fleet.roll()])
    rolling = false
    assert.equal(fleet.addresses().filter((address) => before.includes(address)).length, 0)
    await lanes.working
    await reader.finish()
    t.diagnostic(`${lanes.begun()} submissions, ${outcomes.get('answered')} answers`)
    assert.deepEqual([...outcomes.keys()], ['answered'], 'a request was lost')
    await lanes.assertAcknowledged(sender(2000))
    assert.deepEqual(fleet.failures, [])
    await fleet.stop()
    await asking(made.url, async (query) => {
      await assertWholeInstallation(query, join(data, 'blobs'))
      await assertSawAll(reader, query, account.id)
      lanes.assertEnds(await eventsOf(query))
    })
  } finally {
    ending.abort()
  }
})
