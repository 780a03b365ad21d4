import * as operations from '../storage/operations.ts'
import { type Context, specOf } from './context.ts'
import { at, record } from './record.ts'
import type { Actor, Operation } from './types.ts'
import { ownProduct } from './upload-package.ts'

export interface PublishDraft {
  readonly store: string
  readonly productId: string
  /** Notes for certification; empty when the client has none. */
  readonly notes: string
}

/**
 * Asks for the product's draft to be submitted. Everything that speaks against it is said by the operation,
 * never here.
 * @throws EngineError `not_found`
 */
export async function publishDraft(context: Context, actor: Actor, input: PublishDraft): Promise<Operation> {
  const product = await ownProduct(context, actor, input.store, input.productId)
  return context.database.write(async (tx) => {
    const now = context.clock.now()
    const operation: Operation = {
      id: specOf(context, input.store).mintId('operation', context.random),
      productId: product.id,
      accountId: product.accountId,
      store: product.store,
      kind: 'publish',
      status: 'in_progress',
      packageId: null,
      submissionId: null,
      refusal: null,
      findings: [],
      notes: input.notes,
      createdAt: now,
      updatedAt: now,
    }
    await operations.insert(tx, operation)
    await record(context, tx, {
      ...at(product),
      type: 'operation.started',
      data: { operationId: operation.id, kind: 'publish' },
    })
    await context.jobs.enqueue(
      tx,
      { kind: 'operation', id: operation.id, accountId: operation.accountId },
      now,
    )
    return operation
  })
}
