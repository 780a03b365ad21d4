import type { Readable } from 'node:stream'
import { type Blob, BlobTooLarge } from '../blobs/blob-store.ts'
import * as submissions from '../storage/submissions.ts'
import * as table from '../storage/uploads.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import { record } from './record.ts'
import type { Upload } from './types.ts'

export interface PutUpload {
  readonly uploadId: string
  readonly bytes: AsyncIterable<Uint8Array>
  /** Refuse when something was put before. */
  readonly onlyNew?: boolean
}

/**
 * Puts the bytes behind a signed URL; whoever calls has checked the signature. The bytes are durable when the
 * promise resolves. What is put after the submission was handed in is taken and changes nothing.
 * @throws EngineError `not_found`, `conflict` (something is there already), `too_large`
 */
export async function putUpload(context: Context, { uploadId, bytes, onlyNew }: PutUpload): Promise<Upload> {
  const known = await knownUpload(context, uploadId)
  if (onlyNew && known.blob !== null) throw exists()
  const blob = await keep(context, known, bytes)
  return context.database.write(async (tx) => {
    const upload = await table.get(tx, uploadId)
    if (!upload) throw gone()
    if (onlyNew && upload.blob !== null) throw exists()
    return bind(context, tx, upload, blob)
  })
}

export interface PutBlock {
  readonly uploadId: string
  /** The client's name of the block. */
  readonly blockId: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Puts one block; it counts for nothing until a list names it, and is durable when the promise resolves.
 * @throws EngineError `not_found`, `too_large`
 */
export async function putBlock(context: Context, { uploadId, blockId, bytes }: PutBlock): Promise<void> {
  const upload = await knownUpload(context, uploadId)
  const { sha256, size } = await keep(context, upload, bytes)
  await context.database.write((tx) => table.stageBlock(tx, { uploadId, blockId, blob: sha256, size }))
}

export interface BlockName {
  readonly blockId: string
  /** `latest`: the one sent last, else the one an earlier list named. */
  readonly from: 'latest' | 'committed' | 'uncommitted'
}

export interface PutBlockList {
  readonly uploadId: string
  readonly blocks: readonly BlockName[]
  readonly onlyNew?: boolean
}

/**
 * Makes the upload of its blocks, in the order of the list; blocks it does not name are forgotten.
 * @throws EngineError `not_found`, `conflict` (something is there already), `invalid` with target `block` (a
 * block nobody sent), `too_large`
 */
export async function putBlockList(
  context: Context,
  { uploadId, blocks, onlyNew }: PutBlockList,
): Promise<Upload> {
  return context.database.write(async (tx) => {
    const upload = await table.get(tx, uploadId)
    if (!upload) throw gone()
    if (onlyNew && upload.blob !== null) throw exists()
    const staged = await table.blocks(tx, uploadId)
    const named = blocks.map(({ blockId, from }) => {
      const ones = staged.filter((block) => block.blockId === blockId)
      const latest = ones.find((block) => block.committed === 0)
      const committed = ones.find((block) => block.committed === 1)
      const chosen =
        from === 'committed' ? committed : from === 'uncommitted' ? latest : (latest ?? committed)
      if (!chosen) throw new EngineError('invalid', `nobody sent block ${blockId}`, { target: 'block' })
      return chosen
    })
    const total = named.reduce((sum, block) => sum + block.size, 0)
    const { uploadBytes } = specOf(context, upload.store)
    if (total > uploadBytes) throw new EngineError('too_large', `more than ${uploadBytes} bytes`)
    const parts = named.map(({ blob, size }) => ({ sha256: blob, size }))
    const whole = await context.blobs.compose(parts)
    await table.commitBlocks(
      tx,
      uploadId,
      named.map(({ blockId, blob, size }) => ({ uploadId, blockId, blob, size })),
    )
    return bind(context, tx, upload, whole)
  })
}

/** The blocks of an upload: those a list named, and those that were sent since. */
export async function listBlocks(
  context: Context,
  uploadId: string,
): Promise<{
  committed: { blockId: string; size: number }[]
  uncommitted: { blockId: string; size: number }[]
}> {
  await knownUpload(context, uploadId)
  const staged = await context.database.read((tx) => table.blocks(tx, uploadId))
  const of = (committed: number) =>
    staged
      .filter((block) => block.committed === committed)
      .map(({ blockId, size }) => ({ blockId, size: Number(size) }))
  return { committed: of(1), uncommitted: of(0) }
}

export interface FoundUpload {
  readonly upload: Upload
  /** The bytes from `start` to `end`, both included, or all. */
  stream(range?: { start: number; end: number }): Readable
}

/**
 * What is behind a signed URL, to be fetched.
 * @throws EngineError `not_found` also when nothing was put yet
 */
export async function readUpload(context: Context, uploadId: string): Promise<FoundUpload> {
  const upload = await knownUpload(context, uploadId)
  const { blob } = upload
  if (blob === null) throw gone()
  return { upload, stream: (range) => context.blobs.stream(blob, range) }
}

async function knownUpload(context: Context, id: string): Promise<Upload> {
  const upload = await context.database.read((tx) => table.get(tx, id))
  if (!upload) throw gone()
  return upload
}

async function keep(context: Context, upload: Upload, bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
  const { uploadBytes } = specOf(context, upload.store)
  try {
    return await context.blobs.put(bytes, { maxBytes: uploadBytes })
  } catch (cause) {
    if (cause instanceof BlobTooLarge) throw new EngineError('too_large', cause.message, { cause })
    throw cause
  }
}

async function bind(context: Context, tx: Tx, upload: Upload, blob: Blob): Promise<Upload> {
  const bound = { ...upload, blob: blob.sha256, size: blob.size, updatedAt: context.clock.now() }
  const submission = upload.submissionId === null ? undefined : await submissions.get(tx, upload.submissionId)
  if (submission?.phase !== 'draft') return bound
  await table.setBytes(tx, upload.id, { blob: blob.sha256, size: blob.size, at: bound.updatedAt })
  await record(context, tx, {
    accountId: upload.accountId,
    store: upload.store,
    productId: submission.productId,
    submissionId: submission.id,
    type: 'upload.put',
    data: { uploadId: upload.id, purpose: upload.purpose, sha256: blob.sha256, size: blob.size },
  })
  return bound
}

function gone(): EngineError {
  return new EngineError('not_found', 'no such upload', { target: 'upload' })
}

function exists(): EngineError {
  return new EngineError('conflict', 'something was put here already', { target: 'upload' })
}
