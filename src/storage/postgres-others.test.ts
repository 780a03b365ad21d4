import { test } from 'node:test'
import { sql } from 'kysely'
import { event, prepare, product } from '../../test/conformance/database-records.ts'
import { emptyDatabase, withoutPostgres } from '../../test/helpers/postgres.ts'
import { waitFor } from '../../test/helpers/wait-for.ts'
import { createEventSignal } from '../engine/event-signal.ts'
import type { Database } from './database.ts'
import * as events from './events.ts'
import { openPostgres } from './postgres.ts'

const skip = await withoutPostgres('processes that tell each other of events')

test('a process hears of what another committed, also after its connection broke', {
  skip,
  timeout: 30_000,
}, async () => {
  await using made = await emptyDatabase()
  await using one = openPostgres(made.url)
  await using other = openPostgres(made.url)
  await prepare(one)
  const signal = createEventSignal(one.others)
  const signalThere = createEventSignal(other.others)
  let heard = 0
  using _listening = signalThere.listen(() => void heard++)
  const listener = () => listenerOf(one)
  const first = await waitFor('a connection that listens', listener)

  const append = () =>
    one.write(async (tx) => {
      events.append(tx, event({ accountId: product.accountId }))
      tx.afterCommit(signal.raise)
    })
  const isHeard = async () => {
    const before = heard
    await append()
    // Sooner than a look that nobody asked for.
    await waitFor('word of the event', () => (heard > before ? true : undefined), { timeoutMs: 3000 })
  }
  await isHeard()

  await one.read(({ db }) => sql`select pg_terminate_backend(${first})`.execute(db))
  await waitFor('another connection', async () => {
    const pid = await listener()
    return pid === first ? undefined : pid
  })
  await isHeard()
})

async function listenerOf(database: Database): Promise<number | undefined> {
  const { rows } = await database.read(({ db }) =>
    sql<{ pid: number }>`select pid from pg_stat_activity
      where application_name = 'slipway events' and datname = current_database() and query like 'listen%'
      and state = 'idle'`.execute(db),
  )
  return rows[0]?.pid
}
