import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { appendFile, chown, mkdir, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A PostgreSQL of the test's own: one that may be restarted without disturbing anybody. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly url: string
  /** `fast` ends its sessions and closes in order; `immediate` is a crash, with recovery at the next start. */
  restart(mode: 'fast' | 'immediate'): Promise<void>
}

/**
 * Why tests that restart a PostgreSQL cannot run here, said once and loudly; undefined when they can.
 * @throws where its programs are not installed and `CI=true`, as they must not be passed over there
 */
export async function withoutPrivatePostgres(what: string): Promise<string | undefined> {
  if ((await programs()) !== undefined) return undefined
  const reason = `SKIPPED: ${what}: initdb and pg_ctl are not installed (apt install postgresql)`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`\n*** ${reason} ***\n\n`)
  return reason
}

/** Makes a cluster in a temporary folder and starts it; it ends with this process, however that ends. */
export async function privatePostgres(): Promise<PrivatePostgres> {
  const bin = await programs()
  if (bin === undefined) throw new Error('initdb and pg_ctl are not installed')
  const owner = await ownerOfClusters()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-postgres-'))
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o700 })
  if (owner) for (const each of [folder, data]) await chown(each, owner.uid, owner.gid)
  const call = (program: string, ...more: string[]) =>
    run(join(bin, program), ['-D', data, ...more], { ...owner, cwd: folder })

  await call('initdb', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync')
  const port = await freePort()
  await appendFile(join(data, 'postgresql.conf'), settings(port))
  const guard = spawn('sh', ['-c', guarding, join(bin, 'pg_ctl'), data, folder], {
    ...owner,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const log = join(folder, 'log')
  try {
    await call('pg_ctl', '-w', '-l', log, 'start')
  } catch (error) {
    await end(guard)
    throw error
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    restart: async (mode) => void (await call('pg_ctl', '-w', '-l', log, '-m', mode, 'restart')),
    [Symbol.asyncDispose]: () => end(guard),
  }
}

/** Its input ends when the test does, or is killed; then nothing of the cluster stays behind. */
const guarding = 'read -r _; "$0" -D "$1" -m immediate -w stop; rm -rf "$2"'

async function end(guard: ChildProcess): Promise<void> {
  const ended = once(guard, 'exit')
  guard.stdin?.end()
  await ended
}

const settings = (port: number) => `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = ${port}
max_connections = 200
shared_buffers = 64MB
`

async function programs(): Promise<string | undefined> {
  const told = await run('pg_config', ['--bindir']).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  )
  const known = globSync('/usr/lib/postgresql/*/bin').sort().reverse()
  return [...told, ...known].find((bin) => ['initdb', 'pg_ctl'].every((name) => existsSync(join(bin, name))))
}

/** PostgreSQL does not run as root; its own user then owns the cluster. */
async function ownerOfClusters(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const idOf = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}

/** Below those the kernel gives to whoever asks for any: nobody takes it while PostgreSQL is away. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}
