import { insertFile } from '../storage/blob-names.ts'
import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import { type Context, lifecycleOf, specOf, type Tx } from './context.ts'
import { addressed, type Edit, type SubmissionAddress, saveContent } from './edit-submission.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
import { inspectPackage } from './inspect-package.ts'
import { type KeptFile, keepFile } from './keep-file.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { at, record } from './record.ts'
import type { Actor, Package, Product, Submission } from './types.ts'

/** A submission that takes uploads now, as a decision about one gets to see it. */
export interface Draft {
  readonly product: Product
  readonly submission: Submission
  readonly packages: readonly Package[]
}

interface Put extends SubmissionAddress {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly maxBytes: number
  /** Looked at before the first byte is taken: throws to refuse. What it lets in is decided again by `edit`. */
  readonly admit: (draft: Draft) => void
}

export interface PutPackage<T> extends Put {
  /** Its ending chooses the format. */
  readonly fileName: string
  /** Decides on the new content once the package was inspected: pure, and throws to refuse, which keeps nothing. */
  readonly edit: (draft: Draft, pack: Package) => Edit<T>
}

export interface PutFile<T> extends Put {
  /** Decides on the new content once the bytes are durable: pure, and throws to refuse. */
  readonly edit: (draft: Draft, file: KeptFile) => Edit<T>
}

/** @returns the submission as the edit left it, and what the edit handed back */
export type PutResult<T> = Promise<{ submission: Submission; result: T }>

/**
 * Takes a package, inspects it, and puts it where a pure decision of the store says; all in one call of the client.
 * @throws EngineError `not_found`, `forbidden`, `conflict` (the address), `wrong_state`, `too_large`, `invalid` (no
 * bytes); InspectionFailed when there is no verdict; what `admit` and `edit` throw
 */
export async function putPackage<T>(
  context: Context,
  actor: Actor,
  { bytes, maxBytes, admit, fileName, edit, ...address }: PutPackage<T>,
): PutResult<T> {
  const { submission } = await admitted(context, actor, address, admit)
  const file = await keepFile(context, actor, { bytes, maxBytes })
  if (file.size === 0) throw new EngineError('invalid', 'The body is empty. Send the package as the body.')
  const pack = newPackage(context, submission, fileName, file)
  const inspected = await inspectPackage(context, pack)
  return context.database.write(async (tx) => {
    const draft = await openTo(context, tx, actor, address)
    const kept = await insertPackage(context, tx, draft.submission, inspected)
    return decide(context, tx, draft, edit(draft, kept))
  })
}

/**
 * Takes bytes that the content will name by their hash, and changes the content by a pure decision of the store.
 * @throws EngineError as {@link putPackage}; what `admit` and `edit` throw
 */
export async function putFile<T>(
  context: Context,
  actor: Actor,
  { bytes, maxBytes, admit, edit, ...address }: PutFile<T>,
): PutResult<T> {
  await admitted(context, actor, address, admit)
  const file = await keepFile(context, actor, { bytes, maxBytes })
  return context.database.write(async (tx) => {
    const draft = await openTo(context, tx, actor, address)
    await holdBlob(context, tx, file.sha256)
    await insertFile(tx, file.sha256, draft.product.id)
    return decide(context, tx, draft, edit(draft, file))
  })
}

/** Whether the bytes are welcome, asked before they are taken: most refusals need not wait for them. */
export async function admitted(
  context: Context,
  actor: Actor,
  address: SubmissionAddress,
  admit: (draft: Draft) => void,
): Promise<Draft> {
  const draft = await context.database.read((tx) => openTo(context, tx, actor, address))
  admit(draft)
  return draft
}

/** @throws EngineError `wrong_state` when it takes no uploads now, and as {@link addressed} */
export async function openTo(
  context: Context,
  tx: Tx,
  actor: Actor,
  address: SubmissionAddress,
): Promise<Draft> {
  const submission = await addressed(tx, actor, address)
  if (!effectOf(stepOf(lifecycleOf(context, submission), submission.step), 'upload')) {
    throw new EngineError('wrong_state', `the submission is ${submission.step}`, { target: 'step' })
  }
  const product = await products.get(tx, submission.productId)
  if (!product) throw new EngineError('internal', `submission ${submission.id} has no product`)
  return { product, submission, packages: await packages.ofSubmission(tx, submission.id) }
}

export async function decide<T>(
  context: Context,
  tx: Tx,
  { submission }: Draft,
  { content, result }: Edit<T>,
): PutResult<T> {
  return { submission: await saveContent(context, tx, submission, content), result }
}

/** A package of bytes that were kept, not inspected yet and in no table. */
export function newPackage(
  context: Context,
  { store, productId }: Pick<Submission, 'store' | 'productId'>,
  fileName: string,
  { sha256, size }: KeptFile,
): Package {
  return {
    id: specOf(context, store).mintId('package', context.random),
    productId,
    fileName,
    blob: sha256,
    size,
    inspectedAt: null,
    format: null,
    sound: false,
    facts: {},
    findings: [],
    ordinal: 0,
    createdAt: context.clock.now(),
  }
}

async function insertPackage(
  context: Context,
  tx: Tx,
  submission: Submission,
  pack: Package,
): Promise<Package> {
  await holdBlob(context, tx, pack.blob)
  const ordinal = await packages.nextOrdinal(tx, pack.productId)
  await record(context, tx, {
    ...at(submission),
    submissionId: submission.id,
    type: 'package.inspected',
    data: { packageId: pack.id, sound: pack.sound, findings: pack.findings },
  })
  const kept = { ...pack, ordinal }
  await packages.insert(tx, kept)
  return kept
}
