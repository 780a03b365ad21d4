import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { createProgram } from '../src/cli/program.ts'
import { settings } from '../src/config.ts'
import { emptyDatabase, migratedDatabase, withoutPostgres } from './helpers/postgres.ts'
import { startServerProcess } from './helpers/server-process.ts'
import { startServer } from './helpers/start-server.ts'

/** Holds docs/operations.md, the Dockerfile and compose.yaml to what the program really is. */

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/operations.md')
const run = promisify(execFile)

/** Fenced text under a heading, up to the next heading of any level. */
function blocksUnder(heading: string, language = 'sh'): string[] {
  const section = page.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`))
  assert.ok(section, `docs/operations.md has no section '${heading}'`)
  const fenced = [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
  return fenced.filter((block) => block[1] === language).map((block) => block[2] ?? '')
}

/** Runs a block as it stands, with this Node's Slipway for `npx slipway` and other places for its folders. */
async function execute(block: string, places: readonly [string, string][], env: { [name: string]: string }) {
  const slipway = `'${process.execPath}' '${join(root, 'src/main.ts')}'`
  const script = places.reduce((text, [from, to]) => text.replaceAll(from, to), block)
  const { DATABASE_URL: _ofOtherTests, ...inherited } = process.env
  return run('bash', ['-euc', script.replaceAll('npx slipway', slipway)], { env: { ...inherited, ...env } })
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-operations-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('the table of settings is that of the program', () => {
  const rows = Object.values(settings).map(({ env, says, default: fallback }) => {
    const shown = fallback === '' ? '' : `\`${fallback.replace(homedir(), '~')}\``
    return `| \`${env}\` | ${shown} | ${says.replaceAll('|', '\\|')} |`
  })
  const table = ['| variable | default | what it does |', '|---|---|---|', ...rows].join('\n')
  const written = /\| variable \|[\s\S]*?\n(?=\n)/.exec(page)?.[0].trim()
  assert.equal(written, table)
})

test('every metric that is named is exported, and every one that is exported is named', async () => {
  await using server = await startServer()
  const { body } = await server.http.inject('/metrics')
  const exported = [...body.matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1])
  const listed = [...page.matchAll(/^\| `(slipway_\w+)` \|/gm)].map((match) => match[1])
  assert.deepEqual(listed.sort(), exported.sort())
  const [rules = ''] = blocksUnder('What to watch', 'yaml')
  const used = [...rules.matchAll(/\b(slipway_\w+?)(?:_count|_bucket)?\b/g)].map((match) => match[1])
  assert.deepEqual(
    used.filter((name) => !exported.includes(name)),
    [],
  )
  assert.deepEqual(
    exported.filter((name) => !used.includes(name)),
    [],
    'a metric without a rule',
  )
})

test('every command that is named is one', () => {
  const names = createProgram().commands.map((command) => command.name())
  const texts = [page, read('Dockerfile')]
  const named = texts.flatMap((text) =>
    [...text.matchAll(/(?:npx |`)slipway ([a-z]+)/g)].map((match) => match[1]),
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter((name) => !names.includes(name ?? '')),
    [],
  )
})

test('backup, check, restore and upgrade of the embedded mode run as they are written', {
  timeout: 60_000,
}, async (t) => {
  const folder = await temporaryFolder(t)
  const places: [string, string][] = [
    ['/var/lib', folder],
    ['/backups', folder],
  ]
  await using server = await startServerProcess(join(folder, 'slipway'), { flags: { log: 'error' } })
  const blocks = [...blocksUnder('Embedded'), ...blocksUnder('Upgrading')]
  assert.equal(blocks.length, 4)
  for (const block of blocks) await execute(block, places, {})
  await using restored = await startServerProcess(join(folder, 'slipway-restored'), {
    flags: { log: 'error' },
  })

  const authorization = { headers: { authorization: 'Bearer sandbox-token' } }
  const own = await (await fetch(`${restored.url}/api/v1/credentials`, authorization)).json()
  const { id: CREDENTIAL } = (own as { items: { id: string; kind: string }[] }).items.find(
    ({ kind }) => kind === 'api_key',
  ) as { id: string }
  const keys = blocksUnder('Keys').join('')
  const { stdout } = await execute(keys, places, { CREDENTIAL, SLIPWAY_URL: restored.url })
  assert.ok(stdout.includes(`${CREDENTIAL} is revoked`), stdout)
  await server.kill('SIGTERM')
})

test('dump and restore of PostgreSQL run as they are written, and a server goes on from it', {
  timeout: 60_000,
}, async (t) => {
  const missing =
    (await withoutPostgres('docs/operations.md, backup of PostgreSQL')) ?? (await withoutTools())
  if (missing) return t.skip(missing)
  const folder = await temporaryFolder(t)
  await using database = await migratedDatabase()
  await using empty = await emptyDatabase()
  const [dump = '', restore = ''] = blocksUnder('Distributed')
  const places: [string, string][] = [['slipway.dump', join(folder, 'slipway.dump')]]
  const flags = { log: 'error' } as const
  await using server = await startServerProcess(join(folder, 'data'), {
    flags: { ...flags, database: database.url },
  })
  await execute(dump, places, { DATABASE_URL: database.url })
  await server.kill('SIGTERM')
  await execute(restore, places, { DATABASE_URL: empty.url })
  await using restored = await startServerProcess(join(folder, 'data'), {
    flags: { ...flags, database: empty.url },
  })
  const answer = await fetch(`${restored.url}/api/v1/products`, {
    headers: { authorization: 'Bearer sandbox-token' },
  })
  assert.match(await answer.text(), /33333333-3333-3333-3333-333333333333/)
  await restored.kill('SIGTERM')
})

async function withoutTools(): Promise<string | undefined> {
  try {
    await run('pg_dump', ['--version'])
    return undefined
  } catch {
    const reason = 'SKIPPED: docs/operations.md, backup of PostgreSQL: there is no pg_dump here'
    process.stderr.write(`\n*** ${reason} ***\n\n`)
    return reason
  }
}

const dockerfile = read('Dockerfile')

test('what the image is made of is there, is not ignored, and is all that the program imports', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  )
  assert.deepEqual([...new Set(copied)].sort(), ['bin', 'package-lock.json', 'package.json', 'src'])
  const ignored = read('.dockerignore').split('\n')
  assert.equal(ignored[0], '*')
  for (const path of copied) {
    assert.ok(existsSync(join(root, path)), path)
    assert.ok(ignored.includes(`!${path}`), path)
  }
})

test('the health check of the image passes for a server that lives, and for no other', async (t) => {
  const folder = await temporaryFolder(t)
  const [, command = ''] = /^HEALTHCHECK .*\\\n {2}CMD (\[.*\])$/m.exec(dockerfile) ?? []
  const [program, ...args] = JSON.parse(command) as string[]
  assert.equal(program, 'node')
  await using server = await startServerProcess(folder, { flags: { log: 'error' } })
  const check = () =>
    run(process.execPath, args, { env: { SLIPWAY_PORT: new URL(server.url).port } }).then(
      () => 0,
      ({ code }) => code as number,
    )
  assert.equal(await check(), 0)
  await server.kill('SIGKILL')
  assert.equal(await check(), 1)
})

const compose = read('compose.yaml')

test('compose.yaml sets what there is to set and runs commands that there are', () => {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env))
  const names = [...compose.matchAll(/^ +((?:SLIPWAY|DATABASE|AZURE|AWS)_[A-Z_]+):/gm)].map(
    (match) => match[1] ?? '',
  )
  assert.ok(names.includes('DATABASE_URL') && names.includes('SLIPWAY_BLOBS'))
  const foreign = names.filter((name) => !known.has(name))
  assert.deepEqual(foreign, ['AZURE_STORAGE_CONNECTION_STRING'])
  const commands = [...compose.matchAll(/^ {4}command: \[([a-z]+)\]$/gm)].map((match) => match[1] ?? '')
  assert.deepEqual(commands.sort(), ['migrate', 'serve', 'worker'])
  const there = createProgram().commands.map((command) => command.name())
  assert.deepEqual(
    commands.filter((name) => !there.includes(name)),
    [],
  )
})

test('the settings of compose.yaml are usable', () => {
  const [, url = ''] = /^ {4}SLIPWAY_BLOBS: (\S+)$/m.exec(compose) ?? []
  const [, AZURE_STORAGE_CONNECTION_STRING = ''] =
    /^ {4}AZURE_STORAGE_CONNECTION_STRING: (\S+)$/m.exec(compose) ?? []
  const place = settings.blobs.read(url, { AZURE_STORAGE_CONNECTION_STRING })
  assert.ok(place.kind === 'azure')
  assert.equal(place.endpoint, 'http://azurite:10000/devstoreaccount1')
  assert.equal(place.publicEndpoint, 'http://127.0.0.1:10000/devstoreaccount1')
  const [, postgres = ''] = /^ {4}DATABASE_URL: (\S+)$/m.exec(compose) ?? []
  assert.equal(
    settings.database.read(postgres.replace(/\$\{\w+:-(\w+)\}/, '$1'), {})?.slice(0, 23),
    'postgres://slipway:slip',
  )
})

test('the image runs as nobody special, and compose.yaml publishes on loopback only', () => {
  assert.match(dockerfile, /^USER node$/m)
  const ports = [...compose.matchAll(/ports: \["([^"]+)"\]/g)].map((match) => match[1] ?? '')
  assert.equal(ports.length, 2)
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
})
