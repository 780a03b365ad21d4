import type { Kysely } from 'kysely'
import type { Database, Tx } from './database.ts'
import type { Schema } from './schema.ts'
import type { Connection } from './sqlite-connection.ts'
import { type TransactionEffects, transactionEffects } from './transaction-effects.ts'
import { whenUnlocked } from './when-unlocked.ts'

/** Writes that share a transaction; more would make the first of them wait too long for the last. */
const mostTogether = 32

interface Write {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A write whose work is done and which only waits for the commit. */
interface Worked {
  readonly write: Write
  readonly result: unknown
  readonly effects: TransactionEffects
}

/**
 * Writes that are there at the same time share one transaction and so one wait for the disk, each with a savepoint
 * of its own: what one of them throws undoes that one alone. They run one after the other, in the order they came.
 * When the transaction as a whole fails, as on a full disk, its writes are done again one by one, so that each
 * has the outcome it would have had by itself.
 *
 * @param onCommit called after every commit, before any of its writes is said to be done
 */
export function groupCommits(writer: Connection, onCommit: () => void): Database['write'] {
  const { connection } = writer
  const waiting: Write[] = []
  const alone: Write[] = []
  let running = false

  async function run(): Promise<void> {
    if (running) return
    running = true
    // Whatever came in this turn of the event loop comes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0 || alone.length > 0) {
      const group = alone.length > 0 ? alone.splice(0, 1) : waiting.splice(0, mostTogether)
      await writer.db
        .connection()
        .execute((db) => commitTogether(db, group))
        .catch((error) => {
          for (const write of group) write.reject(error)
        })
    }
    running = false
  }

  async function commitTogether(db: Kysely<Schema>, group: readonly Write[]): Promise<void> {
    await whenUnlocked(() => connection.exec('begin immediate'))
    const worked: Worked[] = []
    for (const [index, write] of group.entries()) {
      const done = await work(db, write)
      if (done) worked.push(done)
      // SQLite has undone all of it, as it does on a full disk.
      if (!connection.isTransaction) return repeat(worked, group.slice(index + 1))
    }
    try {
      connection.exec('commit')
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback')
      const [only, other] = worked
      if (only && !other) only.write.reject(error)
      else repeat(worked, [])
      return
    }
    onCommit()
    for (const { write, result, effects } of worked) {
      try {
        effects.committed()
        write.resolve(result)
      } catch (error) {
        write.reject(error)
      }
    }
  }

  function repeat(worked: readonly Worked[], untried: readonly Write[]): void {
    alone.push(...worked.map(({ write }) => write), ...untried)
  }

  /** @returns undefined when it failed, and was told so */
  async function work(db: Kysely<Schema>, write: Write): Promise<Worked | undefined> {
    const effects = transactionEffects()
    // Whoever writes is alone already.
    const tx: Tx = { ...effects, db, rows: writer.rows, queueBehind: async () => {} }
    connection.exec('savepoint one')
    try {
      const result = await write.work(tx)
      await effects.finish()
      connection.exec('release one')
      return { write, result, effects }
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback to one; release one')
      write.reject(error)
      return undefined
    }
  }

  return <T>(work: (tx: Tx) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ work, resolve: resolve as (result: unknown) => void, reject })
      void run()
    })
}
