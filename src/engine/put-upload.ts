import type { Readable } from 'node:stream'
import { type Blob, BlobTooLarge } from '../blobs/blob-store.ts'
import { insertParts } from '../storage/blob-names.ts'
import type { UploadBlockRow } from '../storage/schema.ts'
import * as submissions from '../storage/submissions.ts'
import * as table from '../storage/uploads.ts'
import { bindUpload } from './bind-upload.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
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
  await context.database.write(async (tx) => {
    await holdBlob(context, tx, sha256)
    await table.stageBlock(tx, { uploadId, blockId, blob: sha256, size, at: context.clock.now() })
  })
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
  for (;;) {
    const known = await knownUpload(context, uploadId)
    if (onlyNew && known.blob !== null) throw exists()
    const chosen = chooseBlocks(await context.database.read((tx) => table.blocks(tx, uploadId)), blocks)
    const total = chosen.reduce((sum, block) => sum + block.size, 0)
    const { uploadBytes } = specOf(context, known.store)
    if (total > uploadBytes) throw new EngineError('too_large', `more than ${uploadBytes} bytes`)
    const whole = await context.blobs.compose(chosen.map(({ blob, size }) => ({ sha256: blob, size })))
    const upload = await context.database.write(async (tx) => {
      const upload = await table.get(tx, uploadId)
      if (!upload) throw gone()
      if (onlyNew && upload.blob !== null) throw exists()
      // Blocks that were sent again meanwhile are others: then the list means those.
      if (!areSame(chosen, chooseBlocks(await table.blocks(tx, uploadId), blocks))) return undefined
      await insertParts(
        tx,
        whole.sha256,
        chosen.map(({ blob }) => blob),
      )
      await table.commitBlocks(tx, uploadId, chosen)
      return bind(context, tx, upload, whole)
    })
    if (upload) return upload
  }
}

/** @throws EngineError `invalid` with target `block` */
function chooseBlocks(staged: readonly UploadBlockRow[], wanted: readonly BlockName[]): UploadBlockRow[] {
  const byId = Map.groupBy(staged, ({ blockId }) => blockId)
  return wanted.map(({ blockId, from }) => {
    const ones = byId.get(blockId) ?? []
    const latest = ones.find(({ committed }) => committed === 0)
    const committed = ones.find((block) => block.committed === 1)
    const chosen = from === 'committed' ? committed : from === 'uncommitted' ? latest : (latest ?? committed)
    if (!chosen) throw new EngineError('invalid', `nobody sent block ${blockId}`, { target: 'block' })
    return chosen
  })
}

function areSame(some: readonly UploadBlockRow[], others: readonly UploadBlockRow[]): boolean {
  return some.length === others.length && some.every(({ blob }, index) => blob === others[index]?.blob)
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

/** What comes after the submission was handed in is answered as if it were kept. */
async function bind(context: Context, tx: Tx, upload: Upload, blob: Blob): Promise<Upload> {
  const submission = upload.submissionId === null ? undefined : await submissions.get(tx, upload.submissionId)
  if (submission?.phase === 'draft') return bindUpload(context, tx, submission, upload, blob)
  return { ...upload, blob: blob.sha256, size: blob.size, updatedAt: context.clock.now() }
}

function gone(): EngineError {
  return new EngineError('not_found', 'no such upload', { target: 'upload' })
}

function exists(): EngineError {
  return new EngineError('conflict', 'something was put here already', { target: 'upload' })
}
