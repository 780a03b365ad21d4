import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../helpers/ask.ts'
import { assertWhole } from '../helpers/data-folder.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { halfAnUpload, sandboxUpload } from '../helpers/half-an-upload.ts'
import { connectRaw } from '../helpers/raw-connection.ts'
import { startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const { path, headers } = sandboxUpload
const clean = { code: 0, signal: null }

/** Far below the drain limit of 30 s that holds unless a test says otherwise. */
const soonMs = 10_000

const options = { timeout: 60_000 }

function draining(title: string, check: (data: string) => Promise<void>): void {
  test(title, options, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-drain-'))
    try {
      await check(join(folder, 'data'))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

async function refusesConnections(url: string): Promise<void> {
  await waitFor('connections to be refused', async () => {
    try {
      const connection = await connectRaw(url)
      connection.reset()
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? true : undefined
    }
  })
}

async function uploadSettles(data: string, location: string | undefined): Promise<void> {
  await using server = await startServerProcess(data)
  const status = await waitFor('the upload', async () => {
    const { body } = await ask(server.url, { path: `${path}/operations/${location}`, headers })
    const polled = JSON.parse(body) as { status: string }
    return polled.status === 'InProgress' ? undefined : polled.status
  })
  assert.equal(status, 'Succeeded')
  assert.deepEqual(await server.kill('SIGTERM'), clean)
  assertWhole(data)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  draining(
    `told to stop by ${signal}, it answers the running upload, refuses new connections and ends with 0`,
    async (data) => {
      await using server = await startServerProcess(data)
      await using upload = await halfAnUpload(server.url)
      const exit = server.kill(signal)
      await server.says('finishing')
      await refusesConnections(server.url)
      const stopped = performance.now()
      upload.finish()
      const answer = await upload.connection.until('\r\n\r\n')
      assert.match(answer, /^HTTP\/1\.1 202 /)
      // The client keeps its side open, as one that reuses connections does; the server does not wait for it.
      assert.deepEqual(await exit, clean)
      assert.ok(performance.now() - stopped < soonMs)
      await uploadSettles(data, /\r\nlocation: (\S+)/i.exec(answer)?.[1])
    },
  )
}

draining('while it stops, it says on open connections that it is not ready', async (data) => {
  await using server = await startServerProcess(data)
  await using upload = await halfAnUpload(server.url)
  await using probe = await connectRaw(server.url)
  probe.send('GET /readyz HTTP/1.1\r\nHost: x\r\n')
  await delay(200)
  const exit = server.kill('SIGTERM')
  await server.says('finishing')
  probe.send('\r\n')
  assert.match(await probe.closed(), /^HTTP\/1\.1 503 /)
  upload.finish()
  assert.match(await upload.connection.until('\r\n\r\n'), /^HTTP\/1\.1 202 /)
  assert.deepEqual(await exit, clean)
})

draining('connections on which nothing runs do not keep it from ending', async (data) => {
  await using server = await startServerProcess(data)
  await using silent = await connectRaw(server.url)
  await using kept = await connectRaw(server.url)
  kept.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await kept.until('"ok"')
  await using events = await connectRaw(server.url)
  events.send('GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n\r\n')
  await events.until('account.created')
  await using refused = await connectRaw(server.url)
  refused.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`)
  await refused.until(/HTTP\/1\.1 4\d\d /)
  const started = performance.now()
  assert.deepEqual(await server.kill('SIGTERM'), clean)
  assert.ok(performance.now() - started < soonMs)
  for (const connection of [silent, kept, events, refused]) await connection.closed()
})

draining(
  'an upload that goes on beyond the drain limit is cut off, and nothing of it is kept',
  async (data) => {
    await using server = await startServerProcess(data, { flags: { drainMs: '700' } })
    await using upload = await halfAnUpload(server.url)
    const started = performance.now()
    assert.deepEqual(await server.kill('SIGTERM'), clean)
    const took = performance.now() - started
    assert.ok(took > 600 && took < soonMs, `after ${took} ms`)
    assert.equal(await upload.connection.closed(), '')
    await using again = await startServerProcess(data)
    assert.deepEqual(await again.kill('SIGTERM'), clean)
    assertWhole(data)
  },
)

draining('an inspection that goes on beyond the drain limit is done after the next start', async (data) => {
  const entries = Array.from({ length: 40 }, (_each, index) => ({
    name: `data-${index}.bin`,
    content: Buffer.alloc(1_000_000, index),
  }))
  const bytes = buildExtension({ entries })
  let location: string | undefined
  {
    await using server = await startServerProcess(data, { flags: { drainMs: '0' } })
    const answer = await ask(server.url, { method: 'POST', path, headers, body: bytes })
    assert.equal(answer.status, 202)
    location = answer.headers.location
    const started = performance.now()
    assert.deepEqual(await server.kill('SIGTERM'), clean)
    assert.ok(performance.now() - started < soonMs)
  }
  await uploadSettles(data, location)
})

draining('told to stop a second time, it ends at once', async (data) => {
  await using server = await startServerProcess(data)
  await using _upload = await halfAnUpload(server.url)
  const exit = server.kill('SIGTERM')
  await server.says('finishing')
  await delay(1000)
  const again = performance.now()
  void server.kill('SIGINT')
  assert.deepEqual(await exit, { code: 1, signal: null })
  assert.ok(performance.now() - again < 5000)
})

draining('a signal that arrives twice at once, as one Ctrl-C does, is one', async (data) => {
  await using server = await startServerProcess(data)
  await using upload = await halfAnUpload(server.url)
  void server.kill('SIGINT')
  await server.says('finishing')
  const exit = server.kill('SIGINT')
  await delay(100)
  upload.finish()
  assert.match(await upload.connection.until('\r\n\r\n'), /^HTTP\/1\.1 202 /)
  assert.deepEqual(await exit, clean)
})

draining('a second server on the same folder is refused and does not disturb the first', async (data) => {
  await using server = await startServerProcess(data)
  await using upload = await halfAnUpload(server.url)
  await assert.rejects(startServerProcess(data), /ended with 1 .*\n.*another server uses the folder/)
  upload.finish()
  const answer = await upload.connection.until('\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 202 /)
  assert.deepEqual(await server.kill('SIGTERM'), clean)
  await uploadSettles(data, /\r\nlocation: (\S+)/i.exec(answer)?.[1])
})

draining('a port that is taken and a folder that cannot be are said in one line', async (data) => {
  await using server = await startServerProcess(data)
  const { port } = new URL(server.url)
  await assert.rejects(
    startServerProcess(`${data}-2`, { flags: { port } }),
    /slipway serve: .*EADDRINUSE.*\n$/,
  )
  await assert.rejects(
    startServerProcess('/dev/null/nowhere'),
    /ended with 1 .*\nslipway serve: ENOTDIR.*\n$/,
  )
})

draining('a server whose log nobody reads any more goes on serving', async (data) => {
  await using server = await startServerProcess(data)
  server.deafen()
  for (let time = 0; time < 5; time++) {
    assert.equal((await ask(server.url, { path: '/readyz' })).status, 200)
    await delay(20)
  }
  assert.deepEqual(await server.kill('SIGTERM'), clean)
})
