import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { amazonClient } from '../../test/helpers/amazon-client.ts'
import { buildPng } from '../../test/helpers/media-builder.ts'
import {
  goThrough,
  type Json,
  microsoftClient,
  pathOf,
  seededStore,
} from '../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../test/helpers/msix-builder.ts'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import { sharedInspector } from '../../test/helpers/shared-inspector.ts'
import { startServer, type TestServer } from '../../test/helpers/start-server.ts'
import { buildZip } from '../../test/helpers/zip-builder.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { diskBlobs } from '../blobs/disk.ts'

const submissions = `applications/${seededStore.appId}/submissions`
const dayMs = 24 * 60 * 60 * 1000

/** The store of blobs under the test's hands: what happens between its steps can be chosen. */
interface Handled extends BlobStore {
  beforeRemove: () => Promise<void>
  afterPut: () => Promise<void>
}

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function start(): Promise<{ server: TestServer; blobs: Handled }> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-collect-'))
  folders.push(folder)
  const disk = diskBlobs(folder)
  const blobs: Handled = {
    ...disk,
    beforeRemove: async () => {},
    afterPut: async () => {},
    async put(source, limits) {
      const blob = await disk.put(source, limits)
      await blobs.afterPut()
      return blob
    },
    async remove(sha256, unless) {
      await blobs.beforeRemove()
      return disk.remove(sha256, unless)
    },
  }
  return { server: await startServer({}, { inspector: sharedInspector, blobs }), blobs }
}

let turns = 0

/** As if everything were a day old by the clock on the wall. */
async function collect({ engine }: TestServer) {
  const now = turns++
  const collected = await engine.collectAbandoned({ now, until: now + 1, youngerThanMs: 0 })
  assert.ok(collected)
  return collected
}

/** All bytes that are kept, by name. */
async function kept(blobs: BlobStore): Promise<string[]> {
  const all: string[] = []
  for (let from: string | null = null; ; ) {
    const page = await blobs.list(from)
    all.push(...page.kept.map(({ name }) => name))
    from = page.next
    if (from === null) return all.sort()
  }
}

function nameOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

const noLimit = { maxBytes: Number.MAX_SAFE_INTEGER }

async function published(
  server: TestServer,
  upload: (url: string, zip: Uint8Array) => Promise<void>,
): Promise<Json> {
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', submissions)
  draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  await upload(draft.fileUploadUrl, buildZip({ 'app.msix': buildMsix() }))
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const end = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(end.status, 'Published', JSON.stringify(end.statusDetails))
  return end
}

test('bytes that nothing names are removed once they are old, and those that anything names are not', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  await published(server, async (url, zip) => void (await client.upload(url, zip)))
  const named = await kept(blobs)
  const left = await blobs.put(once(Buffer.from('bytes of a crash before their row')), noLimit)
  const composed = await blobs.compose([left])

  const now = Date.now()
  const early = await server.engine.collectAbandoned({ now, until: now })
  assert.deepEqual(early, { blobs: 0, directUploads: 0, blocks: 0, uploads: 0 })
  assert.equal((await kept(blobs)).length, named.length + 2)

  turns = now + 1
  assert.equal((await collect(server)).blobs, 2)
  assert.deepEqual(await kept(blobs), named)
  assert.equal(await blobs.size(composed.sha256), undefined)
  assert.equal((await collect(server)).blobs, 0)
})

test('a composed upload keeps its blocks; those that no list names go after a week, what was unpacked after a month', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  let zipBytes = new Uint8Array()
  const ids = ['MDAw', 'MDAx']
  await published(server, async (url, zip) => {
    zipBytes = new Uint8Array(zip)
    const put = (more: string, body: string | Uint8Array) =>
      client.upload(`${url}&${more}`, body as Uint8Array)
    for (const [index, id] of ids.entries()) {
      const half = Math.ceil(zip.length / 2)
      await put(`comp=block&blockid=${id}`, zip.subarray(index * half, (index + 1) * half))
    }
    await put('comp=block&blockid=OTk5', Buffer.from('never named'))
    const list = ids.map((id) => `<Latest>${id}</Latest>`).join('')
    const listed = await client.ask('PUT', pathOf(`${url}&comp=blocklist`), `<BlockList>${list}</BlockList>`)
    assert.equal(listed.status, 201, listed.text)
    // Sent after the list, and of no use to anybody.
    assert.equal((await put('comp=block&blockid=OTk5', Buffer.from('too late'))).status, 201)
  })
  const half = Math.ceil(zipBytes.length / 2)
  const halves = [zipBytes.subarray(0, half), zipBytes.subarray(half)].map(nameOf)
  const [late, forgotten] = ['too late', 'never named'].map((text) => nameOf(Buffer.from(text)))

  assert.deepEqual(await collect(server), { blobs: 1, directUploads: 0, blocks: 0, uploads: 0 })
  const first = await kept(blobs)
  for (const name of [...halves, late]) assert.ok(first.includes(name ?? ''), name)
  assert.ok(!first.includes(forgotten ?? ''))

  server.clock.advance(8 * dayMs)
  assert.deepEqual(await collect(server), { blobs: 1, directUploads: 0, blocks: 1, uploads: 0 })
  assert.ok(!(await kept(blobs)).includes(late ?? ''))

  server.clock.advance(31 * dayMs)
  const last = await collect(server)
  assert.equal(last.uploads, 1)
  // The list goes first, and the parts that only it named with the next turn.
  await collect(server)
  const end = await kept(blobs)
  for (const name of halves) assert.ok(!end.includes(name))
  assert.deepEqual(end, [nameOf(buildMsix())])
})

test('an image stays as long as any document of its product names it', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await amazonClient(server)
  const edit = await client.open()
  const slot = `${edit}/listings/en-US/small-icons`
  const [first, second] = [buildPng(114, 114), buildPng(114, 114, { transparency: 'channel' })]
  const put = (bytes: Uint8Array) => client.write(200, 'POST', `${slot}/upload`, bytes, slot)
  await put(first)
  await collect(server)
  assert.deepEqual(await kept(blobs), [nameOf(first)])
  // A single one is replaced.
  await put(second)
  assert.equal((await collect(server)).blobs, 1)
  assert.deepEqual(await kept(blobs), [nameOf(second)])
  await client.write(204, 'DELETE', edit)
  assert.equal((await collect(server)).blobs, 1)
  assert.deepEqual(await kept(blobs), [])
})

test('what was put for a draft goes when the draft is deleted', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', submissions)
  const zip = buildZip({ 'app.msix': buildMsix() })
  assert.equal((await client.upload(draft.fileUploadUrl, zip)).status, 201)
  await collect(server)
  assert.deepEqual(await kept(blobs), [nameOf(zip)])
  await client.want(204, 'DELETE', `${submissions}/${draft.id}`)
  assert.equal((await collect(server)).blobs, 1)
  assert.deepEqual(await kept(blobs), [])
  assert.equal((await client.upload(draft.fileUploadUrl, zip)).status, 404)
})

test('bytes that are put again while they are being removed are refused, and kept the next time', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  const { fileUploadUrl } = await client.want(201, 'POST', submissions)
  const zip = buildZip({ 'app.msix': buildMsix() })
  await blobs.put(once(zip), noLimit)
  const statuses: number[] = []
  blobs.beforeRemove = async () => void statuses.push((await client.upload(fileUploadUrl, zip)).status)
  assert.equal((await collect(server)).blobs, 1)
  assert.deepEqual(statuses, [500])
  assert.deepEqual(await kept(blobs), [])

  assert.equal((await client.upload(fileUploadUrl, zip)).status, 201)
  assert.equal((await collect(server)).blobs, 0)
  assert.deepEqual(await kept(blobs), [nameOf(zip)])
})

test('bytes that were removed between their put and their row are not named by it', async () => {
  const { server, blobs } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  const { fileUploadUrl } = await client.want(201, 'POST', submissions)
  const zip = buildZip({ 'app.msix': buildMsix() })
  blobs.afterPut = async () => {
    blobs.afterPut = async () => {}
    assert.equal((await collect(server)).blobs, 1)
  }
  assert.equal((await client.upload(fileUploadUrl, zip)).status, 500)
  assert.equal((await client.upload(fileUploadUrl, zip)).status, 201)
  assert.deepEqual(await kept(blobs), [nameOf(zip)])
  await collect(server)
  assert.deepEqual(await kept(blobs), [nameOf(zip)])
})

test('whatever is collected while the same bytes are put: what was acknowledged is there', async () => {
  const { server } = await start()
  await using _server = server
  const client = await microsoftClient(server)
  const { fileUploadUrl } = await client.want(201, 'POST', submissions)
  const random = seededRandom(11)
  const contents = ['one', 'two', 'three'].map((text) => Buffer.from(text))
  const seen = new Map<number, number>()
  // Of two that meet one has the turn.
  const anyTurn = () => server.engine.collectAbandoned({ now: turns++, until: 0, youngerThanMs: 0 })
  for (let round = 0; round < 40; round++) {
    const put = async () => {
      const bytes = contents[random.below(contents.length)] ?? Buffer.from('one')
      const { status } = await client.upload(fileUploadUrl, bytes)
      seen.set(status, (seen.get(status) ?? 0) + 1)
    }
    await Promise.all([put(), anyTurn(), put(), anyTurn(), put()])
    const fetched = await client.ask('GET', pathOf(fileUploadUrl))
    if (seen.has(201)) assert.equal(fetched.status, 200, fetched.text)
    if (seen.has(201)) assert.ok(contents.some((bytes) => bytes.toString() === fetched.text))
  }
  assert.deepEqual(new Set([...seen.keys(), 201, 500]), new Set([201, 500]))
  assert.ok((seen.get(201) ?? 0) > 20, JSON.stringify([...seen]))
})

test('a removal that a crash cut off is taken up by the next turn', async () => {
  const { server, blobs } = await start()
  await using _server = server
  await blobs.put(once(Buffer.from('left')), noLimit)
  blobs.beforeRemove = async () => {
    throw new Error('the process ends here')
  }
  await assert.rejects(collect(server), /ends here/)
  assert.equal(await server.engine.collectAbandoned({ now: turns, until: turns }), undefined)
  turns += 60 * 60 * 1000
  assert.equal((await kept(blobs)).length, 1)
  blobs.beforeRemove = async () => {}
  assert.equal((await collect(server)).blobs, 1)
  assert.deepEqual(await kept(blobs), [])
})

test('one process at a time has the turn', async () => {
  const { server } = await start()
  await using _server = server
  const collectAt = (now: number, until: number) => server.engine.collectAbandoned({ now, until })
  const results = await Promise.all([collectAt(1000, 2000), collectAt(1000, 2000), collectAt(1999, 3000)])
  assert.equal(results.filter((result) => result !== undefined).length, 1)
  assert.ok(await collectAt(3000, 4000))
})
