import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'

/** Between attempts to have a session, and in it what was announced. */
const againMs = 250

/**
 * One session that holds advisory locks for as long as this process lives: one for every set of workers, by which
 * others know that it is alive, and one for every subject that it performs, so that nobody else performs it. PostgreSQL
 * ends the session with the process, however that ends. A session that was cut off, as by a restart of PostgreSQL, is
 * replaced, and announces again what it had announced; subjects in work then are not held any more.
 */
export interface Presence extends AsyncDisposable {
  /** Resolves when others know, or at once when there is no session now; then they will. */
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
  /** Those of them that the present session holds. */
  const locked = new Set<string>()
  const held = new Set<string>()
  let session: Promise<PoolClient> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let keeping = false
  let over = false

  function begin(): Promise<PoolClient> {
    if (over) throw new Error('this process has withdrawn')
    session ??= open().catch((error: unknown) => {
      session = undefined
      throw error
    })
    return session
  }

  async function open(): Promise<PoolClient> {
    const client = await pool.connect()
    try {
      await client.query(noticeTheDead)
    } catch (error) {
      client.release(true)
      throw error
    }
    client.once('error', (error) => {
      session = undefined
      locked.clear()
      client.release(true)
      if (over) return
      onError(error)
      void keep()
    })
    return client
  }

  /** One question after another: a connection takes no second one meanwhile. */
  function ask<T>(question: (client: PoolClient) => Promise<T>): Promise<T> {
    const answer = turn.then(async () => question(await begin()))
    turn = answer.catch(() => {})
    return answer
  }

  async function lockAnnounced(): Promise<void> {
    await ask(async (client) => {
      for (const id of announced) if (!locked.has(id) && (await tryLock(client, id))) locked.add(id)
    })
  }

  /** A session that was cut off may have its locks for a while yet, so that the next one has to try again. */
  async function keep(): Promise<void> {
    if (keeping) return
    keeping = true
    while (!over && [...announced].some((id) => !locked.has(id))) {
      await lockAnnounced().catch(() => {})
      await delay(againMs, undefined, { ref: false })
    }
    keeping = false
  }

  async function unlock(name: string): Promise<void> {
    // What a session that ended held is unlocked already.
    if (session)
      await ask((client) => client.query(`select pg_advisory_unlock(${key})`, [name])).catch(() => {})
  }

  return {
    async announce(id) {
      announced.add(id)
      await lockAnnounced().catch(() => {})
      void keep()
    },
    async withdraw(id) {
      announced.delete(id)
      if (locked.delete(id)) await unlock(id)
    },
    async hold(subject) {
      if (held.has(subject)) return false
      held.add(subject)
      let mine = false
      try {
        mine = await ask((client) => tryLock(client, subject))
        return mine
      } finally {
        if (!mine) held.delete(subject)
      }
    },
    async letGo(subject) {
      await unlock(subject)
      held.delete(subject)
    },
    async [Symbol.asyncDispose]() {
      over = true
      const client = await session?.catch(() => undefined)
      if (session) client?.release(true)
    },
  }
}

/** Where the network is cut PostgreSQL shall not wait two hours before it ends the session. */
const noticeTheDead =
  'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'

const key = 'hashtextextended($1, 0)'

async function tryLock(client: PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(`select pg_try_advisory_lock(${key}) as mine`, [
    name,
  ])
  return rows[0]?.mine === true
}
