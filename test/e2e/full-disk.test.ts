import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../helpers/ask.ts'
import { assertWhole } from '../helpers/data-folder.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { type ServerProcess, slipway, startServerProcess } from '../helpers/server-process.ts'
import { smallDisk } from '../helpers/small-disk.ts'
import { waitFor } from '../helpers/wait-for.ts'

const productId = '33333333-3333-3333-3333-333333333333'
const submissions = `/v1/products/${productId}/submissions`
const packages = `${submissions}/draft/package`
const key = { authorization: 'ApiKey sandbox-api-key', 'x-clientid': '22222222-2222-2222-2222-222222222222' }
const zip = { ...key, 'content-type': 'application/zip' }
const token = { authorization: 'Bearer sandbox-token' }

const mebibyte = 1024 ** 2
const options = { timeout: 60_000 }

/** An extension of at least so many bytes that do not compress. */
function extension(version: string, bytes: number): Uint8Array {
  const content = Buffer.alloc(bytes)
  for (let offset = 0, state = 1; offset + 4 <= bytes; offset += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    content.writeInt32LE(state, offset)
  }
  return buildExtension({ version, entries: [{ name: 'data.bin', content, method: 'stored' }] })
}

function post(server: ServerProcess, path: string, body: Uint8Array) {
  return ask(server.url, { method: 'POST', path, headers: path === packages ? zip : key, body })
}

async function settled(server: ServerProcess, path: string): Promise<string> {
  return waitFor(path, async () => {
    const { body } = await ask(server.url, { path, headers: key })
    const { status } = JSON.parse(body) as { status: string }
    return status === 'InProgress' ? undefined : status
  })
}

async function upload(server: ServerProcess, bytes: Uint8Array): Promise<string> {
  const { status, headers } = await post(server, packages, bytes)
  assert.equal(status, 202)
  return settled(server, `${packages}/operations/${headers.location}`)
}

/** Phase and version of every submission, the oldest first. */
async function shown(server: ServerProcess): Promise<string[]> {
  const { body } = await ask(server.url, {
    path: `/api/v1/products/${productId}/submissions`,
    headers: token,
  })
  const { items } = JSON.parse(body) as { items: { phase: string; summary: { version: string | null } }[] }
  return items.map(({ phase, summary }) => `${phase} ${summary.version}`)
}

async function publishAndWait(server: ServerProcess, version: string): Promise<void> {
  const { status, headers } = await post(server, submissions, Buffer.alloc(0))
  assert.equal(status, 202)
  assert.equal(await settled(server, `${submissions}/operations/${headers.location}`), 'Succeeded')
  await waitFor(`${version} in the store`, async () =>
    (await shown(server)).includes(`live ${version}`) ? true : undefined,
  )
}

test(
  'an upload that finds the disk full is answered 507, and everything is as it was until there is room',
  options,
  async (t) => {
    const disk = await smallDisk(24 * mebibyte)
    if (typeof disk === 'string') return t.skip(disk)
    await using small = disk
    const data = join(small.folder, 'data')
    await using server = await startServerProcess(data, { flags: { pace: '0' } })
    assert.equal(await upload(server, extension('1.0.0', 1000)), 'Succeeded')
    const before = await shown(server)

    await small.fill(2 * mebibyte)
    const large = extension('2.0.0', 6 * mebibyte)
    for (let time = 0; time < 3; time++) {
      assert.equal((await post(server, packages, large)).status, 507)
      assert.deepEqual(await readdir(join(data, 'blobs', 'tmp')), [])
    }
    assert.deepEqual(await shown(server), before)
    assert.equal((await ask(server.url, { path: '/readyz' })).status, 200)

    await small.makeRoom()
    await publishAndWait(server, '1.0.0')
    assert.equal(await upload(server, large), 'Succeeded')
    await publishAndWait(server, '2.0.0')
    assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
    assertWhole(data)
  },
)

test(
  'a database that finds the disk full refuses with 507, and accepted work waits for room',
  options,
  async (t) => {
    const disk = await smallDisk(24 * mebibyte)
    if (typeof disk === 'string') return t.skip(disk)
    await using small = disk
    const data = join(small.folder, 'data')
    const flags = { pace: '0' }
    const first = await startServerProcess(data, { flags })
    assert.equal(await upload(first, extension('1.0.0', 1000)), 'Succeeded')
    await first.kill('SIGTERM')

    // The first inspection takes the start of a thread: the disk is full before its outcome can be written.
    await using server = await startServerProcess(data, { flags })
    const waiting = await post(server, packages, extension('2.0.0', 4 * mebibyte))
    assert.equal(waiting.status, 202)
    await small.fill(0)
    const operation = `${packages}/operations/${waiting.headers.location}`

    const notes = Buffer.alloc(300_000, 'n')
    assert.equal((await post(server, submissions, notes)).status, 507)
    assert.equal((await post(server, packages, extension('3.0.0', 1000))).status, 507)
    await delay(2500)
    assert.equal((await ask(server.url, { path: operation, headers: key })).status, 202)
    assert.deepEqual((await shown(server)).at(-1), 'draft 1.0.0')
    assert.equal((await ask(server.url, { path: '/readyz' })).status, 200)
    const complaints = server.errors().match(/a job failed/g)?.length ?? 0
    assert.ok(complaints >= 1 && complaints < 30, `${complaints} lines in the log`)

    await small.makeRoom()
    assert.equal(await settled(server, operation), 'Succeeded')
    await publishAndWait(server, '2.0.0')
    assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
    assertWhole(data)
  },
)

test(
  'a server killed on a full disk starts on it again and goes on once there is room',
  options,
  async (t) => {
    const disk = await smallDisk(24 * mebibyte)
    if (typeof disk === 'string') return t.skip(disk)
    await using small = disk
    const data = join(small.folder, 'data')
    const flags = { pace: '0' }
    let operation: string
    {
      await using server = await startServerProcess(data, { flags })
      assert.equal(await upload(server, extension('1.0.0', 1000)), 'Succeeded')
      const waiting = await post(server, packages, extension('2.0.0', 4 * mebibyte))
      operation = `${packages}/operations/${waiting.headers.location}`
      await small.fill(0)
      await server.kill('SIGKILL')
    }
    await small.makeRoom()
    await small.fill(200_000)
    await using server = await startServerProcess(data, { flags })
    assert.equal(await settled(server, operation), 'Succeeded')
    await small.makeRoom()
    await publishAndWait(server, '2.0.0')
  },
)

test(
  'a package larger than the process may write is answered 507, and the server goes on',
  options,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-full-'))
    try {
      // Blocks of 512 or 1024 bytes, as the shell has it: 4 or 8 MiB.
      const command = ['/bin/sh', '-c', 'ulimit -f 8192; exec "$0" "$@"', ...slipway] as const
      await using server = await startServerProcess(join(folder, 'data'), { flags: { pace: '0' }, command })
      assert.equal(await upload(server, extension('1.0.0', 1000)), 'Succeeded')
      assert.equal((await post(server, packages, extension('2.0.0', 12 * mebibyte))).status, 507)
      assert.deepEqual(await readdir(join(folder, 'data', 'blobs', 'tmp')), [])
      assert.equal(await upload(server, extension('2.0.0', 2 * mebibyte)), 'Succeeded')
      await publishAndWait(server, '2.0.0')
      assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
