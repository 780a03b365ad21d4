import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { diskBlobs } from '../../src/blobs/disk.ts'
import { assertWhole, query } from '../helpers/data-folder.ts'
import { type Publisher, releaseVersions } from '../helpers/publisher.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { slipway, spawnServer, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const clientId = '22222222-2222-2222-2222-222222222222'
const headers = { authorization: 'ApiKey backup-key', 'x-clientid': clientId, token: 'backup-token' }
const productIds = [1, 2, 3].map((number) => `${number}0000000-0000-4000-8000-000000000000`)

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-backup-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

interface Command {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; out: string; err: string }>
}

const { DATABASE_URL: _ofOtherTests, ...environment } = process.env

interface Surroundings {
  readonly env: { readonly [name: string]: string }
}

const usual: Surroundings = { env: {} }

function start(t: TestContext, { env }: Surroundings, ...args: string[]): Command {
  const [node, ...program] = slipway
  const child = spawn(node, [...program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, ...env },
  })
  t.after(() => child.kill('SIGKILL'))
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  return { child, ended: said.then(async ([out, err]) => ({ code: await code, out, err })) }
}

async function run(t: TestContext, ...args: string[]): Promise<string> {
  const { code, out, err } = await start(t, usual, ...args).ended
  assert.equal(code, 0, err)
  return out
}

async function writeSeed(folder: string): Promise<string> {
  const path = join(folder, 'seed.json')
  const account = {
    id: 'publisher',
    name: 'Publisher',
    credentials: [
      { kind: 'api_key', clientId, secret: 'backup-key' },
      { kind: 'token', clientId, secret: headers.token, role: 'operator' },
    ],
    products: productIds.map((id) => ({ store: 'edge', kind: 'extension', id, name: id, published: {} })),
  }
  await writeFile(path, JSON.stringify({ accounts: [account] }))
  return path
}

const flags = { steps: 'edge.InReview=90,edge.WaitingToPublish=60', log: 'error' }

test('a backup made while publishers release holds all that was acknowledged before, and a server goes on from it', {
  timeout: 120_000,
}, async (t) => {
  const folder = await temporaryFolder(t)
  const [data, backup, restored] = ['data', 'backup', 'restored'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const seed = await writeSeed(folder)
  await using server = await startServerProcess(data, { flags: { ...flags, seed } })
  const publishers = productIds.map((productId): Publisher => ({ productId, released: [], acknowledged: [] }))
  let over = false
  const steady = { headers, address: async () => server.url, isCurrent: () => true, reached: () => {} }
  const working = Promise.all(
    publishers.map((publisher, index) => releaseVersions(publisher, steady, seededRandom(index), () => over)),
  )
  working.catch(() => {})
  const released = () => publishers.map((publisher) => publisher.released.length)
  await waitFor('releases before the backup', () => released().every((count) => count >= 2) || undefined)
  const before = structuredClone(publishers)
  const told = JSON.parse(await run(t, 'backup', backup, '--data', data, '--json')) as { files: number }
  const during = publishers.map(({ acknowledged }) => acknowledged.length)
  over = true
  await working
  assert.ok(
    during.some((count, index) => count > (before[index]?.acknowledged.length ?? 0)),
    'nothing was uploaded during the backup',
  )
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })

  assert.match(await run(t, 'restore', backup, '--data', restored), /restored as of 20\d\d-/)
  await using second = await startServerProcess(restored, { flags: { ...flags, seed } })
  for (const { path, settled } of before.flatMap(({ acknowledged }) => acknowledged)) {
    const answer = await fetch(`${second.url}${path}`, { headers })
    assert.ok(answer.ok, `${path}: ${answer.status}`)
    if (settled !== undefined) assert.equal(await answer.text(), settled)
  }
  await waitFor('the work that the backup caught half done', async () => {
    const metrics = await (await fetch(`${second.url}/metrics`)).text()
    return /^slipway_jobs 0$/m.test(metrics) || undefined
  })
  assert.deepEqual(await second.kill('SIGTERM'), { code: 0, signal: null })
  assertWhole(restored)
  for (const { productId, released: versions } of before) {
    const published = publishedVersions(restored, productId)
    assert.deepEqual(published.slice(0, versions.length), versions)
    assert.deepEqual(
      published,
      published.map((_version, index) => `1.0.${index + 1}`),
    )
  }
  const packages = query(restored, 'select distinct blob from package').map(({ blob }) => String(blob))
  assert.ok(packages.length >= 6 && told.files >= packages.length)
  for (const name of packages) {
    const path = join('blobs', name.slice(0, 2), name.slice(2))
    assert.ok(readFileSync(join(restored, path)).equals(readFileSync(join(data, path))), name)
  }
})

function publishedVersions(data: string, productId: string): unknown[] {
  const rows = query(
    data,
    `select json_extract(package.facts, '$.version') as version from event
      join submissionPackage on submissionPackage.submissionId = event.submissionId
      join package on package.id = submissionPackage.packageId
      where event.type = 'submission.published' and event.productId = ? order by event.seq`,
    productId,
  )
  return rows.map(({ version }) => version)
}

/** A data folder with so many packages that to copy it takes a while. */
async function manyPackages(folder: string): Promise<string> {
  const data = join(folder, 'data')
  const server = await startServerProcess(data, { flags: { log: 'error' } })
  await server.kill('SIGTERM')
  const blobs = diskBlobs(join(data, 'blobs'))
  const bytes = randomBytes(200_000)
  for (let number = 0; number < 300; number++) {
    bytes.writeUInt32LE(number)
    await blobs.put([bytes] as unknown as AsyncIterable<Uint8Array>, { maxBytes: 1e6 })
  }
  return data
}

/** Waits until packages are being copied below a folder, and ends the process in the middle of that. */
async function endWhileCopying({ child, ended }: Command, folder: string, signal: 'SIGKILL' | 'SIGINT') {
  const blobs = join(folder, 'blobs')
  await waitFor(
    'packages being copied',
    () => {
      assert.equal(child.exitCode, null, 'it ended before it could be killed')
      return (existsSync(blobs) && readdirSync(blobs, { recursive: true }).length > 0) || undefined
    },
    { everyMs: 1 },
  )
  child.kill(signal)
  return ended
}

test('a backup that is killed has no name, and one that is interrupted leaves nothing', {
  timeout: 120_000,
}, async (t) => {
  const folder = await temporaryFolder(t)
  const data = await manyPackages(folder)
  const backup = join(folder, 'backup')
  const interrupted = await endWhileCopying(
    start(t, usual, 'backup', backup, '--data', data),
    `${backup}.unfinished`,
    'SIGINT',
  )
  assert.deepEqual(
    { ...interrupted },
    {
      code: 1,
      out: '',
      err: 'slipway backup: interrupted; nothing was left behind\n',
    },
  )
  assert.deepEqual(readdirSync(folder), ['data'])

  await endWhileCopying(start(t, usual, 'backup', backup, '--data', data), `${backup}.unfinished`, 'SIGKILL')
  assert.deepEqual(readdirSync(folder).sort(), ['backup.unfinished', 'data'])
  const half = await start(t, usual, 'restore', `${backup}.unfinished`, '--data', join(folder, 'restored'))
    .ended
  assert.equal(half.code, 1)
  assert.match(half.err, /is no backup: it has no backup\.json/)
  const again = await start(t, usual, 'backup', backup, '--data', data).ended
  assert.equal(again.code, 1)
  assert.match(again.err, /was cut off\. In the second case remove it/)
  await rm(`${backup}.unfinished`, { recursive: true })
  assert.match(await run(t, 'backup', backup, '--data', data), /300 files of packages, 57\.2 MiB/)
})

test('no server starts on half a restore, and running it again makes it whole', {
  timeout: 120_000,
}, async (t) => {
  const folder = await temporaryFolder(t)
  const data = await manyPackages(folder)
  const [backup, restored] = [join(folder, 'backup'), join(folder, 'restored')]
  await run(t, 'backup', backup, '--data', data)
  await endWhileCopying(start(t, usual, 'restore', backup, '--data', restored), restored, 'SIGKILL')
  const starting = spawnServer(restored, { flags })
  await assert.rejects(starting.listening, /is half a restore: run slipway restore into it again/)
  const migrating = await start(t, usual, 'migrate', '--data', restored).ended
  assert.equal(migrating.code, 2)
  assert.match(migrating.err, /^slipway migrate: what is in the folder .* is half a restore/)
  const copying = await start(t, usual, 'backup', `${backup}2`, '--data', restored).ended
  assert.equal(copying.code, 1)

  await run(t, 'restore', backup, '--data', restored)
  const files = (below: string) =>
    readdirSync(join(below, 'blobs'), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
  assert.equal(files(restored).length, 300)
  await using server = await startServerProcess(restored, { flags })
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
})

test('a restore does not touch the folder of a server that runs', async (t) => {
  const folder = await temporaryFolder(t)
  const data = join(folder, 'data')
  await using _server = await startServerProcess(data, { flags })
  await run(t, 'backup', join(folder, 'backup'), '--data', data)
  const onto = await start(t, usual, 'restore', join(folder, 'backup'), '--data', data).ended
  assert.equal(onto.code, 1)
  assert.match(onto.err, /is not empty, and a restore never overwrites/)
})

test('neither command touches a folder that has not both the database and the packages', async (t) => {
  const folder = await temporaryFolder(t)
  const elsewhere: readonly { readonly [name: string]: string }[] = [
    { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
    { SLIPWAY_BLOBS: 's3://packages?region=eu-west-1' },
  ]
  for (const command of ['backup', 'restore']) {
    for (const env of elsewhere) {
      const { code, err } = await start(t, { env }, command, join(folder, 'x'), '--data', folder).ended
      assert.match(err, new RegExp(`${Object.keys(env)[0]} is set: .*docs/operations\\.md`))
      assert.equal(code, 1)
    }
  }
  assert.deepEqual(readdirSync(folder), [])
})
