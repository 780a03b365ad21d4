import { randomUUID } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Tx } from './database.ts'
import type { JobRow } from './schema.ts'

/**
 * A job of graphile-worker: a worker is to look at one of our jobs as it was asked for in one version. Our job says what
 * is due and when, as it does in SQLite; the look brings it to some worker at that time. Every version of a job has a
 * look of its own until it has been performed, and a look at a version that is no more does nothing.
 */
export interface Look {
  readonly kind: string
  readonly id: string
  readonly version: number
}

/** What graphile-worker calls the kind of job. */
export const task = 'look'

/** What waits for its turn (smaller is sooner): what clients poll in seconds before what takes minutes. */
const operationWaits = 10_000
const submissionWaits = 10_001

/** graphile-worker shall not give up; we count attempts ourselves. */
const mostClaims = 32_767

/** Whoever asks: the first time, again because it was too early, because the clock was moved, or because none was found. */
type Reason = 'asked' | 'again' | 'moved' | 'found'

/**
 * Asks for a look in a while, as part of the transaction. Neither this nor what it does inside reads rows that others
 * write, so that serializable transactions that ask at the same time do not undo each other: `unsafe_dedupe` only
 * inserts, where the other modes look for a job with the key first.
 */
export async function ask(
  tx: Tx,
  look: Look,
  afterMs: number,
  reason: 'asked' | 'again' = 'asked',
): Promise<void> {
  const { kind, id, version } = look
  const key = reason === 'asked' ? keyOf(reason, kind, id, version) : sql`${`again ${randomUUID()}`}`
  await sql`select 1 from ${addJob(sql`${kind}`, sql`${id}`, sql`${version}::int`, key, afterMs)}`.execute(
    tx.db,
  )
}

/** Asks at once for looks at all that became due between two times of a clock that was moved. */
export async function askForMoved(tx: Tx, after: number, until: number): Promise<void> {
  await sql`select count(*) from job cross join lateral ${addJobOfRow('moved')} as added
    where job."runAt" > ${after} and job."runAt" <= ${until}`.execute(tx.db)
}

/** Asks for looks at what has long been due and has none, as after a restore of the data alone. */
export async function askForLost(tx: Tx, dueBefore: number): Promise<void> {
  const key = keyOf('asked', sql`job.kind`, sql`job.id`, sql`job.version`)
  await sql`select count(*) from job cross join lateral ${addJobOfRow('found')} as added
    where job."runAt" <= ${dueBefore}
    and not exists (select from graphile_worker.jobs as asked where asked.key = ${key})`.execute(tx.db)
}

/**
 * Accounts take turns: moves the first looks of every account forward, the first of each before the second of each.
 * @param each how many of an account's jobs are given a turn
 */
export async function takeTurns(tx: Tx, now: number, each: number): Promise<void> {
  const key = keyOf('asked', sql`waiting.kind`, sql`waiting.id`, sql`waiting.version`)
  await sql`
    with recursive account(id) as (
      select min("accountId") from job
      union all
      select (select min("accountId") from job where "accountId" > account.id) from account
      where account.id is not null
    ),
    turn as (
      select ${key} as key, row_number() over (partition by account.id order by waiting."runAt", waiting.id) as nth
      from account cross join lateral (
        select * from job where job."accountId" = account.id and job."runAt" <= ${now}
        order by job."runAt", job.id limit ${each}
      ) as waiting
    ),
    moved as (
      select turn.nth::int as nth, array_agg(asked.id) as ids
      from turn join graphile_worker.jobs as asked on asked.key = turn.key
      where asked.locked_at is null and asked.priority > turn.nth
      group by turn.nth
    )
    select count(*) from moved
    cross join lateral graphile_worker.reschedule_jobs(moved.ids, priority => moved.nth) as sooner`.execute(
    tx.db,
  )
}

export async function addRunner(tx: Tx, id: string): Promise<void> {
  await tx.db
    .insertInto('jobRunner')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Runners whose sessions hold no lock: they died, or have lost their connection and are about to have a new one. */
export async function absentRunners(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from "jobRunner"
    where pg_try_advisory_xact_lock(hashtextextended(id, 0))`.execute(tx.db)
  return rows.map(({ id }) => id)
}

/** Gives what runners had claimed to others, and forgets the runners. */
export async function buryRunners(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`with unlocked as (select graphile_worker.force_unlock_workers(${ids}::text[]))
    select count(*) from unlocked`.execute(tx.db)
  await tx.db.deleteFrom('jobRunner').where('id', 'in', ids).execute()
}

function addJobOfRow(reason: Reason): RawBuilder<unknown> {
  const [kind, id, version] = [sql`job.kind`, sql`job.id`, sql`job.version`]
  return addJob(kind, id, version, keyOf(reason, kind, id, version), 0)
}

type Part = RawBuilder<unknown>

function addJob(kind: Part, id: Part, version: Part, key: Part, afterMs: number): Part {
  return sql`graphile_worker.add_job(
    ${task},
    payload => json_build_object('kind', ${kind}::text, 'id', ${id}::text, 'version', ${version}),
    run_at => now() + ${afterMs}::float8 * interval '1 millisecond',
    max_attempts => ${mostClaims},
    job_key => ${key}::text,
    priority => case ${kind}::text when 'operation' then ${operationWaits}::int else ${submissionWaits}::int end,
    job_key_mode => 'unsafe_dedupe'
  )`
}

function keyOf(reason: Reason, kind: Part | string, id: Part | string, version: Part | number): Part {
  return sql`concat_ws(' ', ${reason}::text, ${kind}::text, ${id}::text, ${version}::text)`
}

export function lookAt({ kind, id, version }: JobRow): Look {
  return { kind, id, version }
}
