import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeSigner } from '../helpers/cab-signer.ts'
import { assertWhole, query } from '../helpers/data-folder.ts'
import { type DriverPublisher, releaseDrivers, type UnsteadyServer } from '../helpers/driver-publisher.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { spawnServer, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** CRASH_SEED=n kills in another order, at other moments. */
const seed = Number(process.env.CRASH_SEED ?? 20_260_101)

const tenantId = '11111111-1111-1111-1111-111111111111'
const clientId = '22222222-2222-2222-2222-222222222222'
const receiverId = '27691110'

/** Every step of every workflow, a little longer than a poll takes. */
const flags = { pace: '0.15', steps: 'hardware.microsoftApproval=40', log: 'error' } as const

/** Where a server is killed, and how many milliseconds later at most; 0 is in the same turn of the event loop. */
const kills: readonly (readonly [moment: string, within: number])[] = [
  ['submissions acknowledged', 0],
  ['half of a body sent', 0],
  ['block 0 put', 0],
  ['block 1 put', 0],
  ['upload acknowledged', 0],
  ['commit acknowledged', 0],
  ['packageInfoValidation', 40],
  ['preparation', 0],
  ['scanning', 0],
  ['validation', 0],
  ['catalogCreation', 0],
  ['signing', 0],
  ['finalizeIngestion', 0],
  ['a package is being signed', 0],
  ['a package is being signed', 30],
  ['finalizeIngestion completed', 0],
  ['shippingLabels acknowledged', 0],
  ['preProcessShippingLabel', 25],
  ['microsoftApproval', 0],
  ['finalizePublishing', 20],
  ['processSharing', 10],
  ['finalizeSharing', 20],
]

test('killed at every stage of a driver and its label, all that was acknowledged comes to its end, once', {
  timeout: 120_000,
}, async (t) => {
  const random = seededRandom(seed)
  const plan = kills
    .map((kill) => ({ kill, turn: random.below(1 << 30) }))
    .sort((one, other) => one.turn - other.turn)
  const lanes = [0, 1].map(async (lane) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-hardware-'))
    try {
      const own = plan.filter((_kill, index) => index % 2 === lane).map(({ kill }) => kill)
      t.diagnostic(await runLane(folder, lane, own))
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
 * A data folder, two publishers that release without end, and a server that is killed at whichever moment of the
 * plan comes first, until each has come.
 * @returns what happened, as a line
 */
async function runLane(folder: string, lane: number, plan: readonly (typeof kills)[number][]) {
  const random = seededRandom(seed + lane)
  const data = join(folder, 'data')
  const options = { flags: { ...flags, seed: await writeSeed(folder) } }
  const left = [...plan]
  let current = Promise.withResolvers<string>()
  let address: string | undefined
  let notice: (moment: string) => void = () => {}
  let token: Promise<string> | undefined
  const server: UnsteadyServer = {
    address: () => current.promise,
    isCurrent: (other) => other === address,
    reached: (moment) => notice(moment),
    authorization: () => (token ??= tokenFrom(server, 'author-secret')),
  }
  const signer = await makeSigner({ algorithm: 'ecdsa' })
  const publishers = ['one', 'two'].map(
    (name): DriverPublisher => ({ name: `${lane}-${name}`, signer, receiverId, releases: [] }),
  )
  let over = false
  const working = Promise.all(publishers.map((each) => releaseDrivers(each, server, () => over)))
  // A publisher that fails ends the lane at once, whatever it waits for.
  const failed = working.then(() => new Promise<never>(() => {}))
  failed.catch(() => {})

  let starting: ReturnType<typeof spawnServer> | undefined
  try {
    while (left.length > 0) {
      starting = spawnServer(data, options)
      const running = await Promise.race([starting.listening, failed])
      let killing = false
      const kill = () => {
        killing = true
        // From now on a broken connection is no failure.
        address = undefined
        current = Promise.withResolvers()
        void running.kill()
      }
      notice = (moment) => {
        const index = left.findIndex(([awaited]) => awaited === moment)
        if (index < 0) return
        const [[, within] = ['', 0]] = left.splice(index, 1)
        notice = () => {}
        if (within === 0) kill()
        else setTimeout(kill, 1 + random.below(within))
      }
      const signing = setInterval(() => {
        if (isSigning(data)) notice('a package is being signed')
      }, 4)
      address = running.url
      current.resolve(running.url)
      await Promise.race([running.exit, failed, overdue(left)]).finally(() => clearInterval(signing))
      assert.ok(killing, `the server ended by itself:\n${running.errors()}`)
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
  await waitFor('the end of all work', () => (isAtRest(data) ? true : undefined))
  assert.deepEqual(await last.kill('SIGTERM'), { code: 0, signal: null })
  assertWhole(data)
  for (const { releases } of publishers) for (const release of releases) assertReleased(data, release)
  assertNothingTwice(data)
  const counts = publishers.map(({ releases }) => releases.length)
  return `seed ${seed}, lane ${lane}: ${plan.length} kills, ${counts} drivers released`
}

async function tokenFrom(server: UnsteadyServer, secret: string): Promise<string> {
  const resource = 'https://manage.devcenter.microsoft.com'
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, resource }
  for (;;) {
    const address = await server.address()
    try {
      const body = new URLSearchParams(fields)
      const answer = await fetch(`${address}/${tenantId}/oauth2/token`, { method: 'POST', body })
      return `Bearer ${((await answer.json()) as { access_token: string }).access_token}`
    } catch (error) {
      if (server.isCurrent(address)) throw error
    }
  }
}

async function writeSeed(folder: string): Promise<string> {
  const path = join(folder, 'seed.json')
  await mkdir(folder, { recursive: true })
  const author = {
    id: 'author',
    name: 'Author',
    credentials: [{ kind: 'secret', tenantId, clientId, secret: 'author-secret' }],
    products: [],
  }
  const receiver = { id: receiverId, name: 'Receiver', credentials: [], products: [] }
  await writeFile(path, JSON.stringify({ accounts: [author, receiver] }))
  return path
}

/** Files are made in folders of their own. */
function isSigning(data: string): boolean {
  const scratch = join(data, 'blobs/tmp')
  return readdirSync(scratch).some((name) => existsSync(join(scratch, name, 'made')))
}

function isAtRest(data: string): boolean {
  return query(data, 'select id from job').length === 0
}

type Release = DriverPublisher['releases'][number]

/** It is live with the files that were shown as its end came, and whoever it was shared with has it once. */
function assertReleased(data: string, { name, productId, submissionId, labelId, ...release }: Release): void {
  const ends = query(
    data,
    `select id, step, phase, (select count(*) from event where submissionId = submission.id
      and type = 'submission.published') as published
      from submission where productId = ? order by id = ? desc`,
    productId,
    submissionId,
  )
  const end = { step: 'completed', phase: 'live', published: 1 }
  assert.deepEqual(
    ends.map((row) => ({ ...row })),
    [
      { id: submissionId, ...end },
      { id: labelId, ...end },
    ],
    name,
  )
  assert.deepEqual(signedOf(data, submissionId), [release.signedPackage], name)
  const received = query(
    data,
    `select submission.id from submission join product on product.id = submission.productId
      where product.accountId = ? and product.parentId = ? and submission.clonedFrom = ?`,
    receiverId,
    productId,
    submissionId,
  )
  assert.equal(received.length, release.destination === 'anotherPartner' ? 1 : 0, name)
  for (const { id } of received) assert.deepEqual(signedOf(data, String(id)), [release.signedPackage], name)
}

function signedOf(data: string, submissionId: string): unknown[] {
  const sql = "select blob from upload where submissionId = ? and purpose = 'signedPackage'"
  return query(data, sql, submissionId).map(({ blob }) => blob)
}

/** Also of what nobody was told: every name once, and every file of a submission. */
function assertNothingTwice(data: string): void {
  const twice = (table: string, columns: string) =>
    query(data, `select ${columns}, count(*) as times from ${table} group by ${columns} having times > 1`)
  assert.deepEqual(twice('product', 'accountId, name'), [])
  assert.deepEqual(twice('submission', 'productId, lifecycle'), [])
  assert.deepEqual(twice('upload', 'submissionId, purpose'), [])
}

async function overdue(left: readonly (typeof kills)[number][]): Promise<never> {
  await delay(30_000, undefined, { ref: false })
  throw new Error(`nothing was killed within 30 s: none of ${left.map(([moment]) => moment)} came`)
}
