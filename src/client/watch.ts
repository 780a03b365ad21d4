import type { Event } from '../api/schema.ts'
import { SlipwayError } from './error.ts'
import { readMessages } from './server-sent-events.ts'
import type { Ask } from './transport.ts'

export interface Watch {
  /** Position to start after; 0, the beginning, when absent. */
  readonly after?: number
  readonly productId?: string
  readonly submissionId?: string
  /** Ends the watch. */
  readonly signal?: AbortSignal
}

const firstRetryMs = 250
const longestRetryMs = 10_000

/**
 * Follows events over as many connections as it takes: after one that broke off it goes on behind the last
 * event that arrived. It gives up when the server refuses, or cannot be reached the very first time.
 */
export async function* watchEvents(ask: Ask, { after = 0, signal, ...filter }: Watch): AsyncGenerator<Event> {
  let position = after
  let connected = false
  let retryMs = firstRetryMs
  while (!signal?.aborted) {
    try {
      const { body } = await ask('GET', ['events', 'stream'], {
        query: { after: position, ...filter },
        headers: { accept: 'text/event-stream' },
        ...(signal === undefined ? {} : { signal }),
      })
      connected = true
      if (!body) throw new SlipwayError('unreadable', 'the server answered without a stream')
      for await (const { data } of readMessages(body)) {
        const event = JSON.parse(data) as Event
        yield event
        position = event.seq
        retryMs = firstRetryMs
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!connected || !isPassing(error)) throw error
    }
    await pause(retryMs, signal)
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }
}

/** Broken connections and failing servers pass; refusals stay. */
function isPassing(error: unknown): boolean {
  // What fetch throws when a connection breaks while it is read.
  if (error instanceof TypeError) return true
  if (!(error instanceof SlipwayError)) return false
  return error.code === 'unreachable' || error.status >= 500 || error.status === 429
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  const wake = () => resolve()
  signal?.addEventListener('abort', wake)
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', wake)
  })
}
