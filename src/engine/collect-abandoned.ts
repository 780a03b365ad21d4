import * as names from '../storage/blob-names.ts'
import { type Cursors, endTurn, takeTurn } from '../storage/housekeeping.ts'
import type { UploadInPhase } from '../storage/uploads.ts'
import * as uploads from '../storage/uploads.ts'
import type { Context } from './context.ts'

export interface Collected {
  /** Blobs that nothing named. */
  readonly blobs: number
  /** Bytes that clients put into the blob store and nobody will take. */
  readonly directUploads: number
  /** Blocks that no list named. */
  readonly blocks: number
  /** Uploads that were unpacked long ago. */
  readonly uploads: number
}

export interface CollectAbandoned {
  /** By the clock on the wall, in milliseconds: what lies about ages by that one, also where a sandbox's is moved. */
  readonly now: number
  /** When the next turn is due, in this process or another one. */
  readonly until: number
  /** What is younger may be about to be named; a day unless a test is in a hurry. */
  readonly youngerThanMs?: number
}

const dayMs = 24 * 60 * 60 * 1000

/** As the service that clients know has it. */
const blockLifeMs = 7 * dayMs

/** How long the bytes of an upload can be fetched after its submission has been decided on. */
const uploadLifeMs = 30 * dayMs

/** Rows of one turn and kind. */
const atOnce = 200

/** A turn that has not ended by then was cut off. */
const longestTurnMs = 60 * 60 * 1000

/**
 * Far less than that: who removed on in somebody else's turn could meet a blob that was put again in between. The rest
 * is left to the next turn.
 */
const longestRemovingMs = longestTurnMs / 2

/**
 * Removes a bounded number of what was abandoned: blobs that nothing names (a crash came between the bytes and the
 * row that was to name them, or the last row that did is gone), blocks that no list named, uploads of submissions that
 * are long decided, direct uploads that were taken or will not be, and what was begun and never finished.
 *
 * A blob is removed in two steps, so that nobody can name it meanwhile: first a row says so, in a transaction that has
 * seen that nothing names it; whoever then wants to name it reads that row ({@link holdBlob}). Its age only keeps the
 * two from meeting often.
 * @returns undefined when another process had the turn
 */
export async function collectAbandoned(
  context: Context,
  { now, until, youngerThanMs = dayMs }: CollectAbandoned,
): Promise<Collected | undefined> {
  const cursors = await context.database.write((tx) => takeTurn(tx, turn, now, now + longestTurnMs))
  if (!cursors) return undefined
  const stopAt = performance.now() + longestRemovingMs
  const left = await context.database.read((tx) => names.openRemovals(tx, atOnce))
  const removedBefore = await removeBlobs(context, left, { now, youngerThanMs, stopAt })
  const blocks = await forgetBlocks(context)
  const past = await forgetPastUploads(context, cursors.uploads ?? '')
  const files = await forgetFiles(context, cursors.files ?? '')
  const direct = await removeDirectUploads(context, cursors.direct ?? null, youngerThanMs)
  const blobs = await condemnBlobs(context, cursors.blobs ?? null, youngerThanMs)
  const removed = await removeBlobs(context, blobs.condemned, { now, youngerThanMs, stopAt })
  const next: Cursors = { uploads: past.next, files, direct: direct.next, blobs: blobs.next }
  await context.database.write(async (tx) => {
    await names.forgetRemovalsBefore(tx, now - dayMs)
    await endTurn(tx, turn, until, next)
  })
  await context.blobs.tidy({ youngerThanMs })
  return { blobs: removedBefore + removed, directUploads: direct.removed, blocks, uploads: past.forgotten }
}

const turn = 'collection'

/** Says of old blobs that nothing names that they are being removed. */
async function condemnBlobs(context: Context, from: string | null, youngerThanMs: number) {
  const { kept, next } = await context.blobs.list(from)
  const old = kept.filter(({ ageMs }) => ageMs >= youngerThanMs).map(({ name }) => name)
  if (old.length === 0) return { condemned: [], next }
  const condemned = await context.database.write(async (tx) => {
    const named = await names.namedAmong(tx, old)
    const unnamed = [...new Set(old)].filter((name) => !named.has(name))
    await names.insertRemovals(tx, unnamed)
    return unnamed
  })
  return { condemned, next }
}

async function removeBlobs(
  context: Context,
  condemned: readonly string[],
  { now, youngerThanMs, stopAt }: { now: number; youngerThanMs: number; stopAt: number },
): Promise<number> {
  let removed = 0
  for (const sha256 of condemned) {
    if (performance.now() > stopAt) break
    const isGone = await context.blobs.remove(sha256, { youngerThanMs })
    if (isGone) removed += 1
    await context.database.write((tx) =>
      isGone ? names.endRemoval(tx, sha256, now) : names.forgetRemoval(tx, sha256),
    )
  }
  return removed
}

function forgetBlocks(context: Context): Promise<number> {
  const before = context.clock.now() - blockLifeMs
  return context.database.write((tx) => uploads.removeBlocksBefore(tx, before, atOnce))
}

/** Archives were unpacked when their submissions came in; packages stay, as clients fetch them again. */
async function forgetPastUploads(context: Context, after: string) {
  const before = context.clock.now() - uploadLifeMs
  const page = await context.database.read((tx) => uploads.page(tx, after, atOnce))
  const past = page.filter(
    (upload) =>
      upload.blob !== null && upload.updatedAt < before && !isAwaited(upload) && isArchive(context, upload),
  )
  const ids = past.map(({ id }) => id)
  if (ids.length > 0) await context.database.write((tx) => uploads.forgetBytes(tx, ids))
  return { forgotten: ids.length, next: page.length < atOnce ? null : (page.at(-1)?.id ?? null) }
}

function isArchive(context: Context, { store, purpose }: UploadInPhase): boolean {
  const intake = context.specs.get(store)?.intake
  return intake?.kind === 'archive' && intake.purpose === purpose
}

/** Whether a submission may still take the bytes in. */
function isAwaited({ phase }: UploadInPhase): boolean {
  return phase === 'draft' || phase === 'moving'
}

/** Files that documents of a product named once and none does any more; their bytes then are nobody's. */
async function forgetFiles(context: Context, after: string): Promise<string | null> {
  const [sha256 = '', productId = ''] = after.split(' ')
  return context.database.write(async (tx) => {
    const page = await names.pageOfFiles(tx, { sha256, productId }, atOnce)
    for (const file of page) if (!file.named) await names.removeFile(tx, file.sha256, file.productId)
    const last = page.at(-1)
    return page.length < atOnce || !last ? null : `${last.sha256} ${last.productId}`
  })
}

async function removeDirectUploads(context: Context, from: string | null, youngerThanMs: number) {
  const { direct } = context.blobs
  if (!direct) return { removed: 0, next: null }
  const { kept, next } = await direct.list(from)
  const old = kept.filter(({ ageMs }) => ageMs >= youngerThanMs).map(({ name }) => name)
  const rows = await context.database.read((tx) => uploads.inPhases(tx, old))
  const awaited = new Set(rows.filter((row) => row.blob === null && isAwaited(row)).map(({ id }) => id))
  const abandoned = old.filter((name) => !awaited.has(name))
  for (const name of abandoned) await direct.remove(name)
  return { removed: abandoned.length, next }
}
