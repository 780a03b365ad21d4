import type { Tx } from './database.ts'
import type { JobRow } from './schema.ts'

/** One job a subject: asking again moves its time and makes a running attempt run once more. */
export async function enqueue(tx: Tx, kind: string, id: string, runAt: number): Promise<void> {
  await tx.db
    .insertInto('job')
    .values({ kind, id, runAt, version: 1, attempts: 0, lastError: null })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'id']).doUpdateSet((eb) => ({
        runAt,
        version: eb('job.version', '+', 1),
        attempts: 0,
        lastError: null,
      })),
    )
    .execute()
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

/** Puts it off after a failure, unless it was enqueued again meanwhile. */
export async function postpone(
  tx: Tx,
  job: JobRow,
  runAt: number,
  attempts: number,
  error: string,
): Promise<void> {
  await tx.db
    .updateTable('job')
    .set({ runAt, attempts, lastError: error })
    .where('kind', '=', job.kind)
    .where('id', '=', job.id)
    .where('version', '=', job.version)
    .execute()
}

export async function count(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
