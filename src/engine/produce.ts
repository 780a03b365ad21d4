import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Blob } from '../blobs/blob-store.ts'
import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { EngineError } from './errors.ts'
import { holdBlob } from './hold-blob.ts'
import { mintUuid } from './random.ts'
import { signingKeys } from './signing-keys.ts'
import type { Artefact } from './store-spec.ts'
import type { Submission, Upload } from './types.ts'

/**
 * Makes the files that the store's spec wants of a submission. Changes nothing but the blobs; outside any
 * transaction. What was made already is not made again.
 * @throws InspectionFailed when a maker crashed or took too long
 */
export async function produce(context: Context, submission: Submission): Promise<Upload[]> {
  const wanted = await missingArtefacts(context, submission)
  const made: Upload[] = []
  for (const artefact of wanted) made.push(await produceOne(context, submission, artefact))
  return made
}

/** Stores what was made, in the transaction of the outcome it belongs to. */
export async function storeProduced(context: Context, tx: Tx, made: readonly Upload[]): Promise<void> {
  for (const upload of made) {
    await holdBlob(context, tx, upload.blob ?? '')
    await uploads.insert(tx, upload)
  }
}

/** Makes what a failed submission has to be fetched, once; a call for any other does nothing. */
export async function produceReport(context: Context, id: string): Promise<void> {
  const submission = await context.database.read((tx) => submissions.get(tx, id))
  if (submission?.phase !== 'failed') return
  const made = await produce(context, submission)
  if (made.length === 0) return
  await context.database.write(async (tx) => {
    const known = new Set((await uploads.allOfSubmission(tx, id)).map(({ purpose }) => purpose))
    await storeProduced(
      context,
      tx,
      made.filter(({ purpose }) => !known.has(purpose)),
    )
  })
}

async function missingArtefacts(context: Context, submission: Submission): Promise<Artefact[]> {
  const spec = specOf(context, submission.store)
  if (!spec.artefacts) return []
  const { product, own, known } = await context.database.read(async (tx) => ({
    product: await products.get(tx, submission.productId),
    own: await packages.ofSubmission(tx, submission.id),
    known: await uploads.allOfSubmission(tx, submission.id),
  }))
  if (!product) throw new EngineError('internal', `submission ${submission.id} has no product`)
  const purposes = new Set(known.map(({ purpose }) => purpose))
  const all = spec.artefacts({ product, submission, packages: own })
  return all.filter(({ purpose }) => !purposes.has(purpose))
}

async function produceOne(
  context: Context,
  submission: Submission,
  { purpose, fileName, contentType, content }: Artefact,
): Promise<Upload> {
  const { sha256, size } = await bytesOf(context, content)
  const now = context.clock.now()
  return {
    id: mintUuid(context.random),
    accountId: submission.accountId,
    store: submission.store,
    submissionId: submission.id,
    purpose,
    fileName,
    contentType,
    blob: sha256,
    size,
    createdAt: now,
    updatedAt: now,
  }
}

const unlimited = { maxBytes: Number.MAX_SAFE_INTEGER }

async function bytesOf(context: Context, content: Artefact['content']): Promise<Blob> {
  if ('text' in content) return context.blobs.put(oneChunk(Buffer.from(content.text, 'utf8')), unlimited)
  const { blob, size, fileName } = content.package
  if (!('maker' in content)) return { sha256: blob, size }
  // Loaded when it is needed: the libraries behind it take as long to load as a server to start.
  const { makers } = await import('../formats/makers.ts')
  const maker = makers[content.maker]
  if (!maker) throw new EngineError('internal', `there is no maker '${content.maker}'`)
  const [key] = await signingKeys(context, maker.keyPurpose, maker.newKey)
  await using local = await context.blobs.local(blob)
  await using scratch = await context.blobs.scratch()
  const { path } = await context.inspector.make({
    parts: local.parts,
    name: fileName,
    size,
    maker: content.maker,
    path: join(scratch.path, 'made'),
    key: key?.secret ?? '',
    time: context.clock.now(),
    options: content.options,
  })
  return context.blobs.put(createReadStream(path), unlimited)
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
