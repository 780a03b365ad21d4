import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Json, Send } from './patient-client.ts'
import type { Query } from './whole-installation.ts'

export interface EventReader {
  /** What it has been given so far, in the order in which it came. */
  readonly seen: readonly Json[]
  /** Reads on until there is nothing more, and ends. */
  finish(): Promise<void>
}

/** Follows the events of an account by cursor, page by page, as somebody does who must not miss any. */
export function followEvents(send: Send, headers: { readonly [name: string]: string }): EventReader {
  const seen: Json[] = []
  let over = false
  const read = async () => {
    for (;;) {
      // Asked before the page: what came until then is on it.
      const last = over
      const after = seen.at(-1)?.seq ?? 0
      const { status, text, json } = await send('GET', `/api/v1/events?after=${after}&limit=50`, { headers })
      if (status !== 200) throw new Error(`events: ${status} ${text}`)
      seen.push(...json.items)
      if (json.items.length > 0) continue
      if (last) return
      await delay(20)
    }
  }
  const reading = read()
  reading.catch(() => {})
  return {
    seen,
    finish() {
      over = true
      return reading
    },
  }
}

/** Holds what a reader was given to the events that are there: all of them, each once, in their order. */
export async function assertSawAll({ seen }: EventReader, query: Query, accountId: string): Promise<void> {
  const rows = await query(
    `select seq, type, "submissionId" from event where "accountId" = '${accountId}' order by seq`,
  )
  const line = ({ seq, type, submissionId }: Json) => `${seq} ${type} ${submissionId}`
  assert.deepEqual(seen.map(line), rows.map(line), 'the reader saw other events than there are')
}
