import * as events from '../storage/events.ts'
import type { Context, Tx } from './context.ts'
import type { Event, Product, Submission } from './types.ts'

type Recorded = Pick<Event, 'accountId' | 'type'> &
  Partial<Pick<Event, 'store' | 'productId' | 'submissionId' | 'data'>>

/** Appends an event in the transaction of the change it tells of; its position is decided as that ends. */
export async function record(context: Context, tx: Tx, event: Recorded): Promise<void> {
  events.append(tx, {
    store: null,
    productId: null,
    submissionId: null,
    data: {},
    at: context.clock.now(),
    ...event,
  })
  tx.afterCommit(context.signal.raise)
}

/** What an event says of where it happened. */
export function at(subject: Product | Submission): Pick<Event, 'accountId' | 'store' | 'productId'> {
  const productId = 'productId' in subject ? subject.productId : subject.id
  return { accountId: subject.accountId, store: subject.store, productId }
}
