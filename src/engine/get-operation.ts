import * as operations from '../storage/operations.ts'
import { type Context, specOf } from './context.ts'
import { EngineError } from './errors.ts'
import type { Actor, Operation, OperationKind } from './types.ts'

export interface GetOperation {
  readonly store: string
  readonly productId: string
  readonly operationId: string
  readonly kind: OperationKind
}

/**
 * An operation of one product and one kind.
 * @throws EngineError `not_found`, also for an operation of another product, kind or account
 */
export async function getOperation(context: Context, actor: Actor, wanted: GetOperation): Promise<Operation> {
  const spec = specOf(context, wanted.store)
  const id = spec.readId('operation', wanted.operationId)
  const productId = spec.readId('product', wanted.productId)
  const operation = id === undefined ? undefined : await context.database.read((tx) => operations.get(tx, id))
  if (
    !operation ||
    operation.accountId !== actor.accountId ||
    operation.store !== wanted.store ||
    operation.productId !== productId ||
    operation.kind !== wanted.kind
  ) {
    throw new EngineError('not_found', 'no such operation', { target: 'operation' })
  }
  return operation
}
