import { BlobTooLarge } from '../blobs/blob-store.ts'
import * as operations from '../storage/operations.ts'
import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import { type Context, specOf } from './context.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
import { at, record } from './record.ts'
import type { Actor, Operation, Package, Product } from './types.ts'

export interface UploadPackage {
  readonly store: string
  readonly productId: string
  /** The client's name for it, or a stable one of the store's. */
  readonly fileName: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Takes a package for the product's draft. The bytes are durable before the operation exists; the draft
 * changes when the operation succeeds.
 * @throws EngineError `not_found`, `too_large`, `invalid` (no bytes), `no_space`
 */
export async function uploadPackage(
  context: Context,
  actor: Actor,
  { store, productId, fileName, bytes }: UploadPackage,
): Promise<Operation> {
  const spec = specOf(context, store)
  const product = await ownProduct(context, actor, store, productId)
  const blob = await receive(context, bytes, spec.uploadBytes)
  if (blob.size === 0) throw new EngineError('invalid', 'the body is empty; send the package as the body')
  return context.database.write(async (tx) => {
    await holdBlob(context, tx, blob.sha256)
    const now = context.clock.now()
    const operationId = spec.mintId('operation', context.random)
    const packageId = spec.mintId('package', context.random)
    const ordinal = await packages.nextOrdinal(tx, product.id)
    await record(context, tx, {
      ...at(product),
      type: 'operation.started',
      data: { operationId, kind: 'upload', packageId, sha256: blob.sha256, size: blob.size },
    })
    const pack: Package = {
      id: packageId,
      productId: product.id,
      fileName,
      blob: blob.sha256,
      size: blob.size,
      inspectedAt: null,
      format: null,
      sound: false,
      facts: {},
      findings: [],
      ordinal,
      createdAt: now,
    }
    await packages.insert(tx, pack)
    const operation: Operation = {
      id: operationId,
      productId: product.id,
      accountId: product.accountId,
      store: product.store,
      kind: 'upload',
      status: 'in_progress',
      packageId,
      submissionId: null,
      refusal: null,
      findings: [],
      notes: '',
      createdAt: now,
      updatedAt: now,
    }
    await operations.insert(tx, operation)
    await context.jobs.enqueue(
      tx,
      { kind: 'operation', id: operation.id, accountId: operation.accountId },
      now,
    )
    return operation
  })
}

/** @throws EngineError `not_found` for what is not this account's, as for what does not exist */
export async function ownProduct(
  context: Context,
  actor: Actor,
  store: string,
  productId: string,
): Promise<Product> {
  const id = specOf(context, store).readId('product', productId)
  const product =
    id === undefined ? undefined : await context.database.read((tx) => products.find(tx, actor.accountId, id))
  if (!product || product.store !== store) {
    throw new EngineError('not_found', 'no such product', { target: 'product' })
  }
  return product
}

async function receive(context: Context, bytes: AsyncIterable<Uint8Array>, maxBytes: number) {
  try {
    return await context.blobs.put(bytes, { maxBytes })
  } catch (cause) {
    if (cause instanceof BlobTooLarge) {
      throw new EngineError('too_large', `the package is larger than ${maxBytes} bytes`, { cause })
    }
    throw cause
  }
}
