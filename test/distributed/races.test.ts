import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { apiRoot, scope } from '../helpers/amazon-client.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { type Fleet, startFleet } from '../helpers/fleet.ts'
import { attestation, hardwareRoot } from '../helpers/hardware-client.ts'
import { type Json, patientClient, type Reply, type Send, type Sending } from '../helpers/patient-client.ts'
import { emptyDatabase, type TestDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { asking } from '../helpers/whole-installation.ts'
import { account, want } from './chaos-lane.ts'
import { amazonIds, appIds, chaosSeed, edgeIds } from './chaos-seed.ts'

const skip = await withoutPostgres('two clients at the same submission through two processes')

const rounds = 24

/** Nothing goes on by itself from where a race leaves it. */
const steps = ['edge.InReview', 'microsoft.CommitStarted', 'amazon.REVIEW', 'hardware.packageInfoValidation']
  .map((step) => `${step}=3600000`)
  .join(',')

let folder: string
let made: TestDatabase
let fleet: Fleet

/** One client for each process, which takes the first answer it gets: that is what must not be a 5xx. */
let one: Send
let other: Send

before(async () => {
  if (skip !== undefined) return
  folder = await mkdtemp(join(tmpdir(), 'slipway-races-'))
  await writeFile(join(folder, 'seed.json'), JSON.stringify(chaosSeed(rounds)))
  made = await emptyDatabase()
  fleet = startFleet([{ role: 'serve' }, { role: 'serve' }], {
    DATABASE_URL: made.url,
    SLIPWAY_DATA: join(folder, 'data'),
    SLIPWAY_SEED: join(folder, 'seed.json'),
    SLIPWAY_STEPS: steps,
    SLIPWAY_LOG: 'error',
  })
  await fleet.steady()
  const [first = '', second = ''] = fleet.addresses()
  one = strict(first)
  other = strict(second)
})

after(async () => {
  if (skip !== undefined) return
  await fleet.stop()
  await made[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function strict(address: string): Send {
  const outcomes = new Map<string, number>()
  const send = patientClient({ addresses: () => [address], random: seededRandom(1), outcomes })
  return async (...request) => {
    const reply = await send(...request)
    assert.deepEqual(
      [...outcomes.keys()],
      ['answered'],
      `${request[0]} ${request[1]} was not answered at once`,
    )
    return reply
  }
}

type Request = [method: string, path: string, sending?: Sending]

/** Sends both at the same time, each through a process of its own; who goes first alternates. */
async function race(round: number, left: Request, right: Request): Promise<[Reply, Reply]> {
  const [a, b] = round % 2 === 0 ? [one, other] : [other, one]
  if (round % 4 < 2) return Promise.all([a(...left), b(...right)])
  const [second, first] = await Promise.all([b(...right), a(...left)])
  return [first, second]
}

const isDone = ({ status }: Reply) => status < 300

/** @returns whether the first one won; fails unless one of them did and the other was refused with one of these */
function winner([left, right]: [Reply, Reply], ...refusals: readonly number[]): boolean {
  const said = `${left.status} ${left.text} / ${right.status} ${right.text}`
  assert.notEqual(isDone(left), isDone(right), `not one winner: ${said}`)
  const loser = isDone(left) ? right : left
  assert.ok(refusals.includes(loser.status), said)
  return isDone(left)
}

function tally(wins: readonly boolean[]): string {
  return `the first won ${wins.filter(Boolean).length} of ${wins.length}`
}

const racing = { skip: skip ?? false, timeout: 120_000 }

async function tokenOf(path: string, fields: Record<string, string>): Promise<{ authorization: string }> {
  const reply = await one('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }).toString(),
  })
  return { authorization: `Bearer ${want(reply, 200).access_token}` }
}

const entra = () =>
  tokenOf(`/${account.tenantId}/oauth2/token`, {
    client_id: account.clientId,
    client_secret: account.secret,
    resource: 'https://manage.devcenter.microsoft.com',
  })

test(
  'Microsoft: of two creations, commits, deletions one is done; of two PUTs one stays, whole',
  racing,
  async (t) => {
    const headers = await entra()
    const commits: boolean[] = []
    const puts: boolean[] = []
    for (const [round, appId] of appIds(rounds).entries()) {
      const submissions = `/v1.0/my/applications/${appId}/submissions`
      const creation: Request = ['POST', submissions, { headers }]
      const created = await race(round, creation, creation)
      const { id, ...document } = (winner(created, 409) ? created[0] : created[1]).json
      const path = `${submissions}/${id}`
      const put = (name: string): Request => {
        const body = structuredClone({ id, ...document })
        body.notesForCertification = name
        body.listings['en-us'].baseListing.title = name
        return ['PUT', path, { headers, body }]
      }
      const read = async () => {
        const { notesForCertification, listings, status } = want(await one('GET', path, { headers }), 200)
        assert.equal(listings['en-us'].baseListing.title, notesForCertification, 'half of each')
        return { name: notesForCertification as string, status: status as string }
      }

      for (const reply of await race(round, put('left'), put('right'))) want(reply, 200)
      assert.match((await read()).name, /^(left|right)$/)

      const commit: Request = ['POST', `${path}/commit`, { headers }]
      if (round % 3 === 0) {
        const [last, committed] = await race(round, put('last'), commit)
        want(committed, 202)
        want(last, 200, 409)
        puts.push(isDone(last))
        const { name, status } = await read()
        assert.equal(
          name === 'last',
          isDone(last),
          'a PUT that was refused is there, or one that was not is gone',
        )
        assert.equal(status, 'CommitStarted')
      } else if (round % 3 === 1) {
        const isCommitted = winner(await race(round, commit, ['DELETE', path, { headers }]), 404, 409)
        commits.push(isCommitted)
        const { status, json } = await other('GET', path, { headers })
        assert.deepEqual([status, json?.status], isCommitted ? [200, 'CommitStarted'] : [404, undefined])
      } else {
        winner(await race(round, commit, commit), 409)
        assert.equal((await read()).status, 'CommitStarted')
      }
    }
    t.diagnostic(`commit against delete: ${tally(commits)}; PUT against commit: ${tally(puts)}`)
  },
)

test(
  'Amazon: of two writes with one tag, of a write and a commit, of a commit and a deletion one is done',
  racing,
  async (t) => {
    const fields = { client_id: account.amazonClient, client_secret: account.secret, scope }
    const headers = await tokenOf('/auth/o2/token', fields)
    const commits: boolean[] = []
    for (const [round, appId] of amazonIds(rounds).entries()) {
      const edits = `${apiRoot}/${appId}/edits`
      const creation: Request = ['POST', edits, { headers }]
      const created = await race(round, creation, creation)
      const edit = `${edits}/${(winner(created, 409) ? created[0] : created[1]).json.id}`
      const listing = `${edit}/listings/en-US`
      const read = async (path: string) => {
        const reply = await one('GET', path, { headers })
        return { json: want(reply, 200), tagged: { ...headers, 'if-match': reply.headers.get('etag') ?? '' } }
      }
      const notes = (shown: { json: Json; tagged: object }, text: string): Request => [
        'PUT',
        listing,
        { headers: { ...headers, ...shown.tagged }, body: { ...shown.json, recentChanges: text } },
      ]

      const shown = await read(listing)
      const isLeft = winner(await race(round, notes(shown, 'left'), notes(shown, 'right')), 412)
      assert.equal((await read(listing)).json.recentChanges, isLeft ? 'left' : 'right')

      const { tagged } = await read(edit)
      const commit: Request = ['POST', `${edit}/commit`, { headers: tagged }]
      const rival: Request[] = [
        notes(await read(listing), 'late'),
        ['DELETE', edit, { headers: tagged }],
        commit,
      ]
      const isCommitted = winner(await race(round, commit, rival[round % 3] ?? commit), 404, 412)
      const { status, json } = await other('GET', edit, { headers })
      if (round % 3 === 2) assert.deepEqual([status, json.status], [200, 'REVIEW'])
      else commits.push(isCommitted)
      if (round % 3 === 1)
        assert.deepEqual([status, json.status], isCommitted ? [200, 'REVIEW'] : [404, undefined])
      if (round % 3 === 0) {
        assert.equal(json.status, isCommitted ? 'REVIEW' : 'IN_PROGRESS')
        const { recentChanges } = (await read(listing)).json
        assert.equal(recentChanges === 'late', !isCommitted)
      }
    }
    t.diagnostic(`commit against a write or a deletion: ${tally(commits)}`)
  },
)

test('Hardware: of two submissions of a product, and of two commits, one is done', racing, async () => {
  const headers = await entra()
  for (let round = 0; round < rounds; round++) {
    const body = { ...attestation, productName: `Contoso device ${round}` }
    const { id } = want(await one('POST', `${hardwareRoot}/products`, { headers, body }), 201)
    const submissions = `${hardwareRoot}/products/${id}/submissions`
    const creation: Request = ['POST', submissions, { headers, body: { name: 'first', type: 'initial' } }]
    const created = await race(round, creation, creation)
    const path = `${submissions}/${(winner(created, 400, 409) ? created[0] : created[1]).json.id}`
    const commit: Request = ['POST', `${path}/commit`, { headers }]
    winner(await race(round, commit, commit), 400, 405, 409)
    assert.equal(want(await other('GET', path, { headers }), 200).commitStatus, 'commitStarted')
  }
})

test(
  'Edge: of two publishes of a draft one is in review, and the other says why it is not',
  racing,
  async () => {
    const headers = { authorization: `ApiKey ${account.edgeKey}`, 'x-clientid': account.clientId }
    for (const [round, productId] of edgeIds(rounds).entries()) {
      const path = `/v1/products/${productId}/submissions`
      const settled = (at: string, reply: Reply) =>
        waitFor(at, async () => {
          const polled = await one('GET', `${at}/operations/${reply.headers.get('location')}`, { headers })
          const operation = want(polled, 200, 202)
          return operation.status === 'InProgress' ? undefined : operation
        })
      const type = { 'content-type': 'application/zip' }
      const body = buildExtension({ version: '1.1' })
      const upload = await one('POST', `${path}/draft/package`, { headers: { ...headers, ...type }, body })
      assert.equal((await settled(`${path}/draft/package`, upload)).status, 'Succeeded')

      const publish: Request = ['POST', path, { headers }]
      const both = await race(round, publish, publish)
      for (const reply of both) want(reply, 202)
      const ends = await Promise.all(both.map((reply) => settled(path, reply)))
      assert.deepEqual(ends.map(({ status }) => status).sort(), ['Failed', 'Succeeded'])
      const { errorCode } = ends.find(({ status }) => status === 'Failed')
      assert.ok(['InProgressSubmission', 'NoModulesUpdated'].includes(errorCode), errorCode)
    }
  },
)

test('after all of it no submission took a step twice', racing, async () => {
  await asking(made.url, async (query) => {
    const twice = await query(`select "submissionId", data::json ->> 'to' as step, count(*) from event
      where type = 'submission.moved' group by 1, 2 having count(*) > 1`)
    assert.deepEqual(twice, [])
    const [{ moved } = { moved: '0' }] = await query(
      "select count(*) as moved from event where type = 'submission.moved'",
    )
    assert.ok(Number(moved) >= 2 * rounds, `${moved} steps`)
  })
})
