import { randomInt } from 'node:crypto'
import { sql } from 'kysely'
import type { Subject } from '../engine/types.ts'
import type { Tx } from './database.ts'
import type { JobRow } from './schema.ts'

/** Versions of a job begin anywhere, so that one is never taken for that of an earlier job of the same subject. */
const firstVersions = 2 ** 30

/**
 * One job a subject: asking again moves its time and makes a running attempt run once more.
 * @returns the version that this asking made
 */
export async function enqueue(tx: Tx, subject: Subject, runAt: number): Promise<number> {
  const fresh = { runAt, accountId: subject.accountId, attempts: 0, lastError: null }
  const { version } = await tx.db
    .insertInto('job')
    .values({ kind: subject.kind, id: subject.id, version: randomInt(firstVersions), ...fresh })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'id'])
        .doUpdateSet((eb) => ({ version: eb('job.version', '+', 1), ...fresh })),
    )
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

export async function get(tx: Tx, kind: Subject['kind'], id: string): Promise<JobRow | undefined> {
  return tx.db.selectFrom('job').selectAll().where('kind', '=', kind).where('id', '=', id).executeTakeFirst()
}

/** Due jobs, the longest due first. */
export async function due(tx: Tx, now: number, limit: number): Promise<JobRow[]> {
  return tx.db
    .selectFrom('job')
    .selectAll()
    .where('runAt', '<=', now)
    .orderBy('runAt')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/**
 * Due jobs in the order in which accounts take turns: the first of every account, then the second of every account, and
 * so on. Costs a look at every account that has jobs, however many jobs that are.
 */
export async function turns(tx: Tx, now: number, limit: number): Promise<JobRow[]> {
  const { rows } = await sql<JobRow>`
    with recursive account(id) as (
      select min("accountId") from job
      union all
      select (select min("accountId") from job where "accountId" > account.id) from account
      where account.id is not null
    )
    select job.* from account cross join job
    where (job.kind, job.id) in (
      select waiting.kind, waiting.id from job as waiting
      where waiting."accountId" = account.id and waiting."runAt" <= ${now}
      order by waiting."runAt", waiting.id limit ${limit}
    )
    order by row_number() over (partition by job."accountId" order by job."runAt", job.id), job."runAt", job.id
    limit ${limit}
  `.execute(tx.db)
  return rows
}

/** When the next job after `now` is due; undefined when there is none. */
export async function nextRunAt(tx: Tx, now: number): Promise<number | undefined> {
  const row = await tx.db
    .selectFrom('job')
    .select('runAt')
    .where('runAt', '>', now)
    .orderBy('runAt')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : Number(row.runAt)
}

/** Removes the job unless it was enqueued again meanwhile. */
export async function finish(tx: Tx, job: JobRow): Promise<void> {
  await tx.db
    .deleteFrom('job')
    .where('kind', '=', job.kind)
    .where('id', '=', job.id)
    .where('version', '=', job.version)
    .execute()
}

export interface Postponement {
  readonly runAt: number
  readonly attempts: number
  readonly error: string
}

/**
 * Puts it off after a failure, as a new version, unless it was enqueued again meanwhile.
 * @returns the new version; undefined when another asking came first
 */
export async function postpone(
  tx: Tx,
  job: JobRow,
  { runAt, attempts, error }: Postponement,
): Promise<number | undefined> {
  const row = await tx.db
    .updateTable('job')
    .set({ runAt, attempts, lastError: error, version: job.version + 1 })
    .where('kind', '=', job.kind)
    .where('id', '=', job.id)
    .where('version', '=', job.version)
    .returning('version')
    .executeTakeFirst()
  return row?.version
}

export async function count(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
