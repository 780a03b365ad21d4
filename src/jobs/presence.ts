import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'

/** Between attempts to have a session again. */
const againMs = 250

/**
 * One session that holds advisory locks for as long as this process lives: one for every set of workers, by which
 * others know that it is alive, and one for every subject that it performs, so that nobody else performs it. PostgreSQL
 * ends the session with the process, however that ends. A session that was cut off, as by a restart of PostgreSQL, is
 * replaced, and announces again what it had announced; subjects in work then are not held any more.
 */
export interface Presence extends AsyncDisposable {
  announce(id: string): Promise<void>
  withdraw(id: string): Promise<void>
  /**
   * @returns whether the subject is this process's to perform now
   * @throws when there is no session
   */
  hold(subject: string): Promise<boolean>
  letGo(subject: string): Promise<void>
}

export function createPresence(pool: Pool, onError: (error: unknown) => void): Presence {
  const announced = new Set<string>()
  const held = new Set<string>()
  let session: Promise<PoolClient> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let over = false

  function begin(): Promise<PoolClient> {
    session ??= connect().catch((error: unknown) => {
      session = undefined
      throw error
    })
    return session
  }

  async function connect(): Promise<PoolClient> {
    const client = await pool.connect()
    const lost = (error: unknown) => {
      client.off('error', lost)
      session = undefined
      client.release(true)
      if (over) return
      onError(error)
      void restore()
    }
    client.on('error', lost)
    for (const id of announced) await lock(client, id)
    return client
  }

  /** One question after another: a connection takes no second one meanwhile. */
  function ask<T>(question: (client: PoolClient) => Promise<T>): Promise<T> {
    const answer = turn.then(async () => question(await begin()))
    turn = answer.catch(() => {})
    return answer
  }

  async function restore(): Promise<void> {
    while (!over && announced.size > 0) {
      try {
        await begin()
        return
      } catch {
        await delay(againMs, undefined, { ref: false })
      }
    }
  }

  return {
    async announce(id) {
      announced.add(id)
      await ask((client) => lock(client, id)).catch(() => restore())
    },
    async withdraw(id) {
      announced.delete(id)
      if (session) await ask((client) => unlock(client, id))
    },
    async hold(subject) {
      if (held.has(subject)) return false
      held.add(subject)
      try {
        if (await ask((client) => tryLock(client, subject))) return true
      } catch (error) {
        held.delete(subject)
        throw error
      }
      held.delete(subject)
      return false
    },
    async letGo(subject) {
      try {
        if (session) await ask((client) => unlock(client, subject))
      } finally {
        held.delete(subject)
      }
    },
    async [Symbol.asyncDispose]() {
      over = true
      const client = await session?.catch(() => undefined)
      session = undefined
      client?.release(true)
    },
  }
}

const key = 'hashtextextended($1, 0)'

async function tryLock(client: PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(`select pg_try_advisory_lock(${key}) as mine`, [
    name,
  ])
  return rows[0]?.mine === true
}

async function lock(client: PoolClient, name: string): Promise<void> {
  await client.query(`select pg_advisory_lock(${key})`, [name])
}

/** What a session that ended held is unlocked already. */
async function unlock(client: PoolClient, name: string): Promise<void> {
  await client.query(`select pg_advisory_unlock(${key})`, [name]).catch(() => {})
}
