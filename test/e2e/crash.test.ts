import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { assertWhole, query } from '../helpers/data-folder.ts'
import { type Moment, type Publisher, releaseVersions, type Unsteady } from '../helpers/publisher.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { spawnServer, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** CRASH_SEED=n runs another history; the same one is run again with the seed that a failure names. */
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const clientId = '22222222-2222-2222-2222-222222222222'
const key = 'crash-key'
const token = 'crash-token'

/** Short, but long enough to be killed in. */
const flags = { steps: 'edge.InReview=90,edge.WaitingToPublish=60', log: 'error' } as const

interface Kill {
  readonly after: Moment | 'spawn'
  /** Milliseconds after it at most; 0 is in the same turn of the event loop. */
  readonly within: number
}

/** Where a server is killed; `spawn` is while it starts, with everybody's work waiting for it. */
const kills: readonly Kill[] = [
  { after: 'upload half sent', within: 0 },
  { after: 'upload half sent', within: 15 },
  { after: 'upload accepted', within: 0 },
  { after: 'upload accepted', within: 40 },
  { after: 'upload accepted', within: 150 },
  { after: 'upload settled', within: 0 },
  { after: 'publish accepted', within: 0 },
  { after: 'publish accepted', within: 15 },
  { after: 'publish settled', within: 0 },
  { after: 'publish settled', within: 80 },
  { after: 'publish settled', within: 160 },
  { after: 'released', within: 0 },
  { after: 'spawn', within: 600 },
]

const roundsOfKills = 2

test('killed again and again, all that was acknowledged comes to its end, once', {
  timeout: 240_000,
}, async (t) => {
  const lanes = [1, 2].map(async (lane) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-crash-'))
    try {
      t.diagnostic(await runLane(folder, lane))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
  try {
    await Promise.all(lanes)
  } catch (error) {
    t.diagnostic(`run it again with CRASH_SEED=${seed}`)
    throw error
  } finally {
    await Promise.allSettled(lanes)
  }
})

/**
 * A data folder, four publishers that release without end, and a server that is killed for every kill of the plan.
 * @returns what happened, as a line
 */
async function runLane(folder: string, lane: number): Promise<string> {
  const random = seededRandom(seed * 10 + lane)
  const productIds = [1, 2, 3, 4].map((number) => `${lane}${number}000000-0000-4000-8000-000000000000`)
  const data = join(folder, 'data')
  const options = { flags: { ...flags, seed: await writeSeed(folder, productIds) } }

  let current = Promise.withResolvers<string>()
  let address: string | undefined
  let notice: ((moment: Moment) => void) | undefined
  const server: Unsteady = {
    headers: { authorization: `ApiKey ${key}`, 'x-clientid': clientId, token },
    address: () => current.promise,
    isCurrent: (other) => other === address,
    reached: (moment) => notice?.(moment),
  }
  let over = false
  const publishers = productIds.map((productId): Publisher => ({ productId, released: [], acknowledged: [] }))
  const working = Promise.all(
    publishers.map((publisher, index) =>
      releaseVersions(publisher, server, seededRandom(seed + 100 * lane + index), () => over),
    ),
  )
  // A publisher that fails ends the lane at once, whatever it waits for.
  const failed = working.then(() => new Promise<never>(() => {}))
  failed.catch(() => {})

  const plan = shuffled(Array.from({ length: roundsOfKills }, () => kills).flat(), random)
  let starting: ReturnType<typeof spawnServer> | undefined
  try {
    for (const { after, within } of plan) {
      starting = spawnServer(data, options)
      const wait = within === 0 ? 0 : 1 + random.below(within)
      if (after === 'spawn') {
        await delay(wait)
        await starting.kill()
        continue
      }
      const running = await Promise.race([starting.listening, failed])
      let killing = false
      const kill = () => {
        killing = true
        void running.kill()
      }
      notice = (moment) => {
        if (moment !== after) return
        notice = undefined
        if (wait === 0) kill()
        else setTimeout(kill, wait)
      }
      address = running.url
      current.resolve(running.url)
      await Promise.race([running.exit, failed, overdue(after)])
      assert.ok(killing, `the server ended by itself:\n${running.errors()}`)
      address = undefined
      current = Promise.withResolvers()
    }
  } catch (error) {
    await starting?.kill()
    // So that the publishers end, too.
    current = Promise.withResolvers()
    current.promise.catch(() => {})
    current.reject(error)
    throw new Error(`lane ${lane}: ${(error as Error).message}\n${starting?.errors()}`, { cause: error })
  }

  await using last = await startServerProcess(data, options)
  address = last.url
  over = true
  current.resolve(last.url)
  await working
  for (const { path, settled } of publishers.flatMap(({ acknowledged }) => acknowledged)) {
    const answer = await fetch(`${last.url}${path}`, { headers: { ...server.headers } })
    assert.equal(await answer.text(), settled, `${path} is not what it was`)
  }
  assert.deepEqual(await last.kill('SIGTERM'), { code: 0, signal: null })
  assertWhole(data)
  for (const { productId, released } of publishers) assertReleases(data, productId, released)
  const versions = publishers.map(({ released }) => released.length)
  const operations = publishers.map(({ acknowledged }) => acknowledged.length)
  return `seed ${seed}, lane ${lane}: ${plan.length} kills; of each product ${operations} operations, ${versions} releases`
}

/** Every version came out, each once, in order, and the last one is what customers have. */
function assertReleases(data: string, productId: string, released: readonly string[]): void {
  assert.ok(released.length > 0, `${productId} released nothing`)
  assert.deepEqual(
    released,
    released.map((_version, index) => `1.0.${index + 1}`),
  )
  const published = query(
    data,
    `select json_extract(package.facts, '$.version') as version, submission.phase from event
      join submission on submission.id = event.submissionId
      join submissionPackage on submissionPackage.submissionId = submission.id
      join package on package.id = submissionPackage.packageId
      where event.type = 'submission.published' and event.productId = ? order by event.seq`,
    productId,
  )
  assert.deepEqual(
    published.map(({ version }) => version),
    released,
  )
  assert.deepEqual(
    published.map(({ phase }) => phase),
    released.map((_version, index) => (index === released.length - 1 ? 'live' : 'past')),
  )
}

for (const [moment, hasCome] of [
  ['has made its database', (data: string) => rows(data, 'select 1') > 0],
  ['has made its tables', (data: string) => rows(data, 'select count(*) from account') > 0],
  ['plants its seed', (data: string) => rows(data, 'select 1 from account') > 0],
] as const) {
  test(`killed when it ${moment} at its first start, it has all of the seed at the next`, {
    timeout: 120_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-crash-'))
    try {
      const data = join(folder, 'data')
      const ids = Array.from({ length: 100 }, (_each, index) => String(index).padStart(12, '0'))
      const productIds = ids.map((id) => `00000000-0000-4000-8000-${id}`)
      const options = { flags: { seed: await writeSeed(folder, productIds) } }
      const starting = spawnServer(data, options)
      await waitFor(moment, () => (hasCome(data) ? true : undefined), { everyMs: 1 })
      await starting.kill()
      await using server = await startServerProcess(data, options)
      const answer = await fetch(`${server.url}/api/v1/products?limit=200`, {
        headers: { authorization: `Bearer ${token}` },
      })
      assert.equal(answer.status, 200)
      const { items } = (await answer.json()) as { items: { id: string }[] }
      assert.deepEqual(items.map(({ id }) => id).sort(), productIds)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

/** How many rows an unfinished database has to show; 0 also while it cannot be asked. */
function rows(data: string, sql: string): number {
  try {
    return query(data, sql).length
  } catch {
    return 0
  }
}

async function writeSeed(folder: string, productIds: readonly string[]): Promise<string> {
  const path = join(folder, 'seed.json')
  await mkdir(folder, { recursive: true })
  const account = {
    id: 'publisher',
    name: 'Publisher',
    credentials: [
      { kind: 'api_key', clientId, secret: key },
      { kind: 'token', clientId, secret: token, role: 'operator' },
    ],
    products: productIds.map((id) => ({ store: 'edge', kind: 'extension', id, name: id, published: {} })),
  }
  await writeFile(path, JSON.stringify({ accounts: [account] }))
  return path
}

function shuffled<T>(list: readonly T[], random: ReturnType<typeof seededRandom>): T[] {
  const shuffling = [...list]
  for (let index = shuffling.length - 1; index > 0; index--) {
    const other = random.below(index + 1)
    const [one, two] = [shuffling[index], shuffling[other]]
    if (one !== undefined && two !== undefined) [shuffling[index], shuffling[other]] = [two, one]
  }
  return shuffling
}

async function overdue(moment: string): Promise<never> {
  await delay(40_000, undefined, { ref: false })
  throw new Error(`nothing was killed: no '${moment}' within 40 s`)
}
