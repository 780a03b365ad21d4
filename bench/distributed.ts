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
import { benchDatabase } from './bench-database.ts'
import { growth } from './grown.ts'
import { few, grownReads, many, serveOn } from './grown-reads.ts'
import { postgresRequests } from './postgres-requests.ts'
import { type Report, type Row, times } from './row.ts'
import { storageReads } from './storage-reads.ts'

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
  const data = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  for (const { url } of [small, made]) await (await serveOn({ data, url }))[Symbol.asyncDispose]()
  await grow(small.url, 0, few)
  await using database = openPostgres(made.url)
  await using beside = openPostgres(small.url)
  await grow(made.url, 0, queued)
  const drained = await drains(made.url, database)
  await grow(made.url, queued, many)
  const rows: Row[] = [
    ...drained,
    await claimRow({ url: small.url, database: beside }, { url: made.url, database }),
    ...(await grownReads('PostgreSQL', { data, url: small.url }, { data, url: made.url })),
    ...(await storageReads('PostgreSQL', beside, database)),
  ]
  await rm(data, { recursive: true, force: true })
  return rows
}

async function onSqlite(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  try {
    const [small, grown] = [join(folder, 'small'), join(folder, 'grown')]
    await growFile(small, 0, few)
    await growFile(grown, 0, many)
    const rows = await grownReads('SQLite', { data: small }, { data: grown })
    await using beside = openSqlite(join(small, 'slipway.db'))
    await using database = openSqlite(join(grown, 'slipway.db'))
    return [...rows, ...(await storageReads('SQLite', beside, database))]
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

async function growFile(folder: string, from: number, to: number): Promise<void> {
  // Its first start makes and seeds the database.
  await (await serveOn({ data: folder }))[Symbol.asyncDispose]()
  const file = new DatabaseSync(join(folder, 'slipway.db'))
  file.exec('pragma foreign_keys = off; pragma synchronous = off; begin')
  for (const statement of growth('sqlite', from, to)) file.exec(statement)
  file.exec('commit; pragma wal_checkpoint(truncate)')
  file.close()
}

interface Queued {
  readonly url: string
  readonly database: Database
}

/** In turn, so that both meet the same machine; the best of several rounds. */
async function claimRow(small: Queued, grown: Queued): Promise<Row> {
  const rounds: [fewer: number, more: number][] = []
  for (let round = 0; round < 7; round++) rounds.push([await claimMs(small), await claimMs(grown)])
  const [one, other] = [0, 1].map((side) => Math.min(...rounds.map((both) => both[side] ?? Number.NaN)))
  return {
    what: `a job from claim to end at ${many} submissions against ${few}: ${other?.toFixed(2)} ms, ${one?.toFixed(2)} ms`,
    value: times((other ?? Number.NaN) / (one ?? Number.NaN)),
    bar: 'at most 1.3 ×',
  }
}

/** Milliseconds from one job's claim to the next one's, where performing it takes none. */
async function claimMs({ url, database }: Queued): Promise<number> {
  await using jobs = await queue(url, database)
  await ask(database, jobs, 500)
  const start = performance.now()
  jobs.start({ perform: async () => {}, giveUp: async () => {} })
  await jobs.settle()
  return (performance.now() - start) / 500
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
        await jobs.enqueue(tx, { kind: 'submission', id: `s${id}`, accountId: 'sandbox' }, systemClock.now())
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
