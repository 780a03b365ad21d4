import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { ask } from '../helpers/ask.ts'
import { buildExtension } from '../helpers/extension-builder.ts'
import { sandboxUpload } from '../helpers/half-an-upload.ts'
import { emptyDatabase, withoutPostgres } from '../helpers/postgres.ts'
import { slipway, startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const skip = await withoutPostgres('slipway worker beside slipway serve')
const [command, ...main] = slipway

function startWorker(env: { readonly [name: string]: string }) {
  const child = spawn(command, [...main, 'worker', '--log', 'error'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return {
    ended,
    errors: () => errors,
    lines: createInterface({ input: child.stdout }),
    kill(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('a worker without a database that others share says so and ends with 2', {
  timeout: 30_000,
}, async () => {
  await using worker = startWorker({})
  assert.equal(await worker.ended, 2)
  assert.match(worker.errors(), /DATABASE_URL/)
})

test('a worker that would perform nothing says so and ends with 2', { timeout: 30_000 }, async () => {
  await using worker = startWorker({ DATABASE_URL: 'postgres://127.0.0.1:1/none', SLIPWAY_JOBS: '0' })
  assert.equal(await worker.ended, 2)
  assert.match(worker.errors(), /SLIPWAY_JOBS/)
})

test('what a server leaves to others is performed by a worker, which drains when told to stop', {
  skip,
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-worker-'))
  try {
    await using made = await emptyDatabase()
    const data = join(folder, 'data')
    const env = { DATABASE_URL: made.url, SLIPWAY_DATA: data }
    await using server = await startServerProcess(data, { env: { ...env, SLIPWAY_JOBS: '0' } })
    const { path, headers } = sandboxUpload
    const { headers: answered } = await ask(server.url, {
      method: 'POST',
      path,
      headers,
      body: buildExtension(),
    })
    const location = String(answered.location)
    const status = async () => {
      const { body } = await ask(server.url, { path: `${path}/operations/${location}`, headers })
      return (JSON.parse(body) as { status: string }).status
    }
    assert.equal(await status(), 'InProgress')
    await using worker = startWorker(env)
    await once(worker.lines, 'line')
    assert.equal(
      await waitFor('the upload', async () => {
        const now = await status()
        return now === 'InProgress' ? undefined : now
      }),
      'Succeeded',
    )
    assert.equal(await worker.kill(), 0)
  } finally {
    await rm(folder, { recursive: true })
  }
})
