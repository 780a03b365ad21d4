/** The distributed mode's bars: workers that share the work, claims and reads that a million submissions do not slow. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { systemClock } from '../src/engine/clock.ts'
import { postgresJobs } from '../src/jobs/postgres.ts'
import type { Database } from '../src/storage/database.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { openSqlite } from '../src/storage/sqlite.ts'
import * as submissions from '../src/storage/submissions.ts'
import { benchDatabase } from './bench-database.ts'
import { at, growth, productOf } from './grown.ts'
import { postgresRequests } from './postgres-requests.ts'
import { median, type Report, type Row, times } from './row.ts'

const few = 1000
const many = 1_000_000
const queued = 10_000

export async function distributed(): Promise<Report> {
  return {
    name: 'distributed',
    rows: [...(await onPostgres()), ...(await postgresRequests()), ...(await onSqlite())],
  }
}

async function onPostgres(): Promise<Row[]> {
  await using small = await benchDatabase('small')
  await using made = await benchDatabase('grown')
  if (!small || !made)
    return [{ what: 'everything on PostgreSQL: none is reachable', value: 'skipped', bar: '' }]
  await using beside = openPostgres(small.url)
  await beside.migrate()
  await grow(small.url, 0, few)
  await using database = openPostgres(made.url)
  await database.migrate()
  await grow(made.url, 0, few)
  const claimsOfFew = await claimMs(made.url, database)
  await grow(made.url, few, queued)
  const drained = await drains(made.url, database)
  await grow(made.url, queued, many)
  const claimsOfMany = await claimMs(made.url, database)
  return [
    ...drained,
    {
      what: `a job from claim to end at ${many} submissions against ${few}: ${claimsOfMany.toFixed(2)} ms, ${claimsOfFew.toFixed(2)} ms`,
      value: times(claimsOfMany / claimsOfFew),
      bar: 'at most 1.3 ×',
    },
    ...(await readRows('PostgreSQL', beside, database)),
  ]
}

async function onSqlite(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const [smallPath, path] = [join(folder, 'small.db'), join(folder, 'grown.db')]
  try {
    await using beside = openSqlite(smallPath)
    await beside.migrate()
    growFile(smallPath, 0, few)
    await using database = openSqlite(path)
    await database.migrate()
    growFile(path, 0, many)
    return await readRows('SQLite', beside, database)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function grow(url: string, from: number, to: number): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const statement of growth('postgres', from, to)) await client.query(statement)
  await client.query('vacuum')
  await client.query('checkpoint')
  await client.end()
}

function growFile(path: string, from: number, to: number): void {
  const file = new DatabaseSync(path)
  file.exec('pragma foreign_keys = off; pragma synchronous = off; begin')
  for (const statement of growth('sqlite', from, to)) file.exec(statement)
  file.exec('commit; pragma wal_checkpoint(truncate)')
  file.close()
}

/** Milliseconds from one job's claim to the next one's, where performing it takes none; the best of several rounds. */
async function claimMs(url: string, database: Database): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) {
    await using jobs = await queue(url, database)
    await ask(database, jobs, 500)
    const start = performance.now()
    jobs.start({ perform: async () => {}, giveUp: async () => {} })
    await jobs.settle()
    rounds.push((performance.now() - start) / 500)
  }
  return Math.min(...rounds)
}

function queue(url: string, database: Database, concurrency = 1) {
  const onError = (_subject: unknown, error: unknown) => console.error(error)
  return postgresJobs({ url, database, clock: systemClock, concurrency, onError })
}

type Queue = Awaited<ReturnType<typeof queue>>

async function ask(database: Database, jobs: Queue, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    await database.write(async (tx) => {
      for (let id = from; id < Math.min(from + 500, count); id++) {
        await jobs.enqueue(tx, { kind: 'submission', id: `s${id}`, accountId: 'contoso' }, systemClock.now())
      }
    })
  }
}

async function drains(url: string, database: Database): Promise<Row[]> {
  const rates: number[] = []
  for (const workers of [1, 2, 4]) rates.push(await drainRate(url, database, workers))
  const [one = Number.NaN, two = Number.NaN, four = Number.NaN] = rates
  const shown = rates.map((rate) => rate.toFixed(0)).join(', ')
  return [
    {
      what: `2 workers of ${queued} queued jobs against 1 (jobs/s of 1, 2, 4: ${shown})`,
      value: times(two / one),
      bar: 'at least 1.7 ×',
    },
    { what: '4 workers against 1', value: times(four / one), bar: 'at least 3 ×' },
  ]
}

const worker = fileURLToPath(new URL('./waiting-worker.ts', import.meta.url))
const windowMs = 12_000

/** Jobs a second out of a full queue: draining it whole with one worker would take minutes and say the same. */
async function drainRate(url: string, database: Database, workers: number): Promise<number> {
  await using jobs = await queue(url, database, 0)
  await ask(database, jobs, queued)
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [worker, url], { stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  try {
    const waiting = () =>
      database.read(async (tx) =>
        Number(
          (
            await tx.db
              .selectFrom('job')
              .select(({ fn }) => fn.countAll<number>().as('n'))
              .executeTakeFirstOrThrow()
          ).n,
        ),
      )
    while ((await waiting()) > queued - 20 * workers) await sleep(20)
    await sleep(500)
    const [from, start] = [await waiting(), performance.now()]
    await sleep(windowMs)
    return (from - (await waiting())) / ((performance.now() - start) / 1000)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
    await database.write(async (tx) => void (await tx.db.deleteFrom('job').execute()))
    const client = new pg.Client(url)
    await client.connect()
    await client.query('truncate graphile_worker._private_jobs')
    await client.end()
  }
}

type Read = (database: Database, size: number) => Promise<unknown>

const readById: Read = (database, size) =>
  database.read((tx) => submissions.get(tx, `s${Math.floor(Math.random() * size)}`))

const readByProduct: Read = (database, size) =>
  database.read((tx) =>
    submissions.list(tx, productOf(Math.random() * size), { after: { createdAt: at, id: '' }, limit: 20 }),
  )

async function readRows(name: string, small: Database, grown: Database): Promise<Row[]> {
  return [
    await readRow(`${name}: p99 of get by id`, small, grown, readById),
    await readRow(`${name}: p99 of list by product`, small, grown, readByProduct),
  ]
}

/** In turn, so that both meet the same machine; the first rounds warm up. */
async function readRow(what: string, small: Database, grown: Database, read: Read): Promise<Row> {
  const rounds: { fewer: number; more: number }[] = []
  for (let round = 0; round < 11; round++) {
    rounds.push({ fewer: await p99(() => read(small, few)), more: await p99(() => read(grown, many)) })
  }
  const counted = rounds.slice(4)
  const [one, other] = [median(counted.map(({ fewer }) => fewer)), median(counted.map(({ more }) => more))]
  return {
    what: `${what} at ${many} submissions against ${few}: ${other.toFixed(3)} ms, ${one.toFixed(3)} ms`,
    value: times(median(counted.map(({ fewer, more }) => more / fewer))),
    bar: 'at most 1.5 ×',
  }
}

async function p99(read: () => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let time = 0; time < 2000; time++) {
    const start = performance.now()
    await read()
    taken.push(performance.now() - start)
  }
  taken.sort((one, other) => one - other)
  return taken[Math.floor(taken.length * 0.99)] ?? Number.NaN
}
