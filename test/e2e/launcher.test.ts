import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { test } from 'node:test'
import { buildExtension } from '../helpers/extension-builder.ts'
import { halfAnUpload } from '../helpers/half-an-upload.ts'
import { connectRaw } from '../helpers/raw-connection.ts'
import { startServerProcess } from '../helpers/server-process.ts'
import { waitFor } from '../helpers/wait-for.ts'

const root = resolve(import.meta.dirname, '../..')
const launcher = join(root, 'bin/slipway.js')

/** A Node of the machine's own that cannot run the program itself, or why there is none. */
function olderNode(): string | { skip: string } {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
  const found = folders.map((folder) => join(folder, 'node')).filter((file) => existsSync(file))
  for (const node of found) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout
    if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return node
  }
  return {
    skip: `no Node older than 24 on PATH: that bin/slipway.js hands over to a newer one was not checked`,
  }
}

const older = olderNode()
const node = typeof older === 'string' ? older : process.execPath
const options = { timeout: 60_000, ...(typeof older === 'string' ? {} : older) }

function run(...args: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(node, [launcher, ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, signal, stdout, stderr }
}

async function inFolder(check: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-launcher-'))
  try {
    await check(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('under an older Node it runs all the same, and says its version', options, async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  assert.deepEqual(run('--version'), { status: 0, signal: null, stdout: `${version}\n`, stderr: '' })
})

test('under an older Node exit codes, output and errors come through', options, () =>
  inFolder(async (folder) => {
    const sound = join(folder, 'sound.zip')
    const unsound = join(folder, 'unsound.zip')
    await writeFile(sound, buildExtension())
    await writeFile(unsound, 'no archive')
    const inspected = run('inspect', '--json', sound)
    assert.equal(inspected.status, 0)
    assert.equal(JSON.parse(inspected.stdout).sound, true)
    assert.equal(run('inspect', unsound).status, 1)
    const missing = run('inspect', join(folder, 'missing.zip'))
    assert.equal(missing.status, 2)
    assert.match(missing.stderr, /missing\.zip/)
    assert.equal(run('no-such-command').status, 2)
    assert.equal(run('serve', '--port', 'nowhere').status, 2)
  }),
)

test('under an older Node SIGTERM reaches the server, which drains', options, () =>
  inFolder(async (folder) => {
    await using server = await startServerProcess(join(folder, 'data'), { command: [node, launcher] })
    await using upload = await halfAnUpload(server.url)
    const exit = server.kill('SIGTERM')
    await server.says('finishing')
    upload.finish()
    assert.match(await upload.connection.until('\r\n\r\n'), /^HTTP\/1\.1 202 /)
    assert.deepEqual(await exit, { code: 0, signal: null })
    await assert.rejects(connectRaw(server.url), { code: 'ECONNREFUSED' })
  }),
)

test('under an older Node one Ctrl-C, which the whole process group gets, drains as well', options, () =>
  inFolder(async (folder) => {
    await using server = await startServerProcess(join(folder, 'data'), {
      command: [node, launcher],
      detached: true,
    })
    await using upload = await halfAnUpload(server.url)
    process.kill(-server.pid, 'SIGINT')
    await server.says('finishing')
    upload.finish()
    assert.match(await upload.connection.until('\r\n\r\n'), /^HTTP\/1\.1 202 /)
    assert.deepEqual(await server.exit, { code: 0, signal: null })
  }),
)

test('under an older Node the server ends when its launcher is killed', options, () =>
  inFolder(async (folder) => {
    await using server = await startServerProcess(join(folder, 'data'), { command: [node, launcher] })
    assert.deepEqual(await server.kill('SIGKILL'), { code: null, signal: 'SIGKILL' })
    await waitFor('the server to end', async () => {
      const connection = await connectRaw(server.url).catch((error: NodeJS.ErrnoException) => error.code)
      if (typeof connection === 'string') return connection
      connection?.reset()
      return undefined
    })
  }),
)
