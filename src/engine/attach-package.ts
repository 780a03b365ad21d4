import * as operations from '../storage/operations.ts'
import * as packages from '../storage/packages.ts'
import { type Context, specOf } from './context.ts'
import type { Edit, SubmissionAddress } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
import { keepFile } from './keep-file.ts'
import { admitted, type Draft, decide, newPackage, openTo, type PutResult } from './put-into-submission.ts'
import { at, record } from './record.ts'
import type { Actor, Operation, Package } from './types.ts'

export interface SendAhead extends SubmissionAddress {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly maxBytes: number
  /** Its ending chooses the format. */
  readonly fileName: string
}

/**
 * Takes a package whose inspection no client could wait for; {@link attachPackage} puts it into a draft later. The
 * bytes are durable when the promise resolves, and the operation it names inspects them.
 * @throws EngineError `not_found`, `forbidden`, `conflict` (the address), `wrong_state`, `too_large`, `invalid` (no
 * bytes)
 */
export async function sendAhead(
  context: Context,
  actor: Actor,
  { bytes, maxBytes, fileName, ...address }: SendAhead,
): Promise<Operation> {
  await admitted(context, actor, address, () => {})
  const file = await keepFile(context, actor, { bytes, maxBytes })
  if (file.size === 0) throw new EngineError('invalid', 'The body is empty. Send the package as the body.')
  return context.database.write(async (tx) => {
    const { submission, product } = await openTo(context, tx, actor, address)
    await holdBlob(context, tx, file.sha256)
    const pack = newPackage(context, submission, fileName, file)
    const id = specOf(context, product.store).mintId('operation', context.random)
    const ordinal = await packages.nextOrdinal(tx, product.id)
    await record(context, tx, {
      ...at(product),
      type: 'operation.started',
      data: { operationId: id, kind: 'inspection', packageId: pack.id, sha256: file.sha256, size: file.size },
    })
    await packages.insert(tx, { ...pack, ordinal })
    const operation: Operation = {
      id,
      productId: product.id,
      accountId: product.accountId,
      store: product.store,
      kind: 'inspection',
      status: 'in_progress',
      packageId: pack.id,
      submissionId: null,
      refusal: null,
      findings: [],
      notes: '',
      createdAt: pack.createdAt,
      updatedAt: pack.createdAt,
    }
    await operations.insert(tx, operation)
    await context.jobs.enqueue(tx, { kind: 'operation', id, accountId: product.accountId }, pack.createdAt)
    return operation
  })
}

export interface AttachPackage<T> extends SubmissionAddress {
  /** What {@link sendAhead} returned, for this product; of any of its submissions. */
  readonly operationId: string
  /** Decides on the new content: pure, and throws to refuse, an operation that has not settled among others. */
  readonly edit: (draft: Draft, sent: { readonly operation: Operation; readonly pack: Package }) => Edit<T>
}

/**
 * Puts a package that was sent ahead where a pure decision of the store says.
 * @throws EngineError `not_found` (with target `operation` for what was never sent for this product), `forbidden`,
 * `conflict` (the address), `wrong_state`; what `edit` throws
 */
export async function attachPackage<T>(
  context: Context,
  actor: Actor,
  { operationId, edit, ...address }: AttachPackage<T>,
): PutResult<T> {
  return context.database.write(async (tx) => {
    const draft = await openTo(context, tx, actor, address)
    const operation = await operations.get(tx, operationId)
    const pack = await packages.get(tx, operation?.packageId ?? '')
    if (operation?.kind !== 'inspection' || operation.productId !== draft.product.id || !pack) {
      throw new EngineError('not_found', 'no such upload', { target: 'operation' })
    }
    return decide(context, tx, draft, edit(draft, { operation, pack }))
  })
}
