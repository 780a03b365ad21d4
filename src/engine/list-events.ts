import * as events from '../storage/events.ts'
import type { Context } from './context.ts'
import type { Actor, Event } from './types.ts'

export interface EventPage {
  /** Position to start after; 0 for the beginning. */
  readonly after: number
  readonly limit: number
  readonly productId?: string
  readonly submissionId?: string
}

/** The account's events in their total order. */
export async function listEvents(context: Context, actor: Actor, page: EventPage): Promise<Event[]> {
  const { after, ...rest } = page
  return context.database.read((tx) => events.after(tx, actor.accountId, { seq: after, ...rest }))
}

/** Yields the account's events after a position, and then those that happen, until aborted. */
export async function* watchEvents(
  context: Context,
  actor: Actor,
  page: Omit<EventPage, 'limit'>,
  abort: AbortSignal,
): AsyncGenerator<Event> {
  let after = page.after
  while (!abort.aborted) {
    const raised = nextRaise(context, abort)
    const found = await listEvents(context, actor, { ...page, after, limit: 100 })
    for (const event of found) {
      yield event
      after = event.seq
    }
    if (found.length > 0) raised.cancel()
    else await raised.promise
  }
}

function nextRaise(context: Context, abort: AbortSignal): { promise: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const listening = context.signal.listen(resolve)
  const cancel = () => resolve()
  abort.addEventListener('abort', cancel, { once: true })
  const settled = promise.finally(() => {
    listening[Symbol.dispose]()
    abort.removeEventListener('abort', cancel)
  })
  return { promise: settled, cancel }
}
