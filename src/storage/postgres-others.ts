import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg, { type Pool } from 'pg'
import type { Others } from './database.ts'

const channel = 'slipway_events'

/** What happens within this time is told with one message: PostgreSQL hands messages out one transaction at a time. */
const gatherMs = 10

/** How often to look without having been told: a message may be lost with a connection. */
const lookMs = 5_000

const reconnectMs = 500

/**
 * The other processes on a PostgreSQL, told by NOTIFY after the commit and not in it, where it would make commits
 * wait for each other. Hearing takes a connection of its own, made anew when it breaks.
 */
export function openOthers(url: string, pool: Pool): Others & AsyncDisposable {
  const self = randomUUID()
  const closing = new AbortController()
  let telling: NodeJS.Timeout | undefined
  let hearing: Promise<void> | undefined

  async function notify(): Promise<void> {
    telling = undefined
    // Nobody waits for this, and whoever missed it looks by itself.
    await pool.query('select pg_notify($1, $2)', [channel, self]).catch(() => {})
  }

  return {
    tell() {
      telling ??= setTimeout(notify, gatherMs)
    },
    hear(listener) {
      hearing ??= hear({ url, self, listener, closed: closing.signal })
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      if (telling) {
        clearTimeout(telling)
        await notify()
      }
      await hearing
    },
  }
}

interface Hearing {
  readonly url: string
  /** What this process itself says is heard here already. */
  readonly self: string
  readonly listener: () => void
  readonly closed: AbortSignal
}

async function hear({ url, self, listener, closed }: Hearing): Promise<void> {
  const looking = setInterval(listener, lookMs)
  while (!closed.aborted) {
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: 'slipway events',
    })
    client.on('error', () => {})
    client.on('notification', ({ payload }) => {
      if (payload !== self) listener()
    })
    try {
      await client.connect()
      const ended = once(client, 'end', { signal: closed })
      // Heard below; it may come while this waits for something else.
      ended.catch(() => {})
      await client.query(`listen ${channel}`)
      // For what was told while nobody listened.
      listener()
      await ended
    } catch {
      // Broken or closed: either way the next turn of the loop knows.
    }
    await client.end().catch(() => {})
    await delay(reconnectMs, undefined, { signal: closed }).catch(() => {})
  }
  clearInterval(looking)
}
