import { createReadStream } from 'node:fs'
import * as packageTable from '../storage/packages.ts'
import * as submissionTable from '../storage/submissions.ts'
import * as uploads from '../storage/uploads.ts'
import { type Context, specOf, type Tx } from './context.ts'
import { takeDirectUpload } from './direct-upload.ts'
import { holdBlob } from './hold-blob.ts'
import { assertSize, inspectPackage } from './inspect-package.ts'
import type { Intake, TakenFile } from './store-spec.ts'
import type { Content, Finding, Package, Submission, Upload } from './types.ts'
import type { UnpackedFile } from './unpack-archive.ts'

/** What an upload brought, to be stored with the outcome of the step. */
export interface TakenIn {
  readonly content: Content
  readonly packages: readonly Package[]
  readonly findings: readonly Finding[]
}

/**
 * Looks into what was put behind a submission's signed URL for the files that its content is waiting for, keeps
 * and inspects them. Changes nothing but the blobs; outside any transaction.
 * @throws InspectionFailed when there is no verdict
 */
export async function takeIn(context: Context, submission: Submission, intake: Intake): Promise<TakenIn> {
  const wanted = intake.wanted(submission.content)
  const mint = () => specOf(context, submission.store).mintId('package', context.random)
  if (wanted.length === 0) return { packages: [], ...intake.taken(submission.content, [], null, mint) }
  const found = await context.database.read((tx) => uploads.ofSubmission(tx, submission.id, intake.purpose))
  const upload = found && (await takeDirectUpload(context, found))
  if (upload === 'too_large') {
    return { packages: [], ...intake.taken(submission.content, [], 'unreadable', mint) }
  }
  if (!upload || upload.blob === null) {
    return { packages: [], ...intake.taken(submission.content, [], 'no_upload', mint) }
  }
  const files =
    intake.kind === 'package'
      ? [await takePackage(context, submission, upload)]
      : await takeArchive(context, submission, upload, wanted)
  if (files === null) {
    return { packages: [], ...intake.taken(submission.content, [], 'unreadable', mint) }
  }
  const packages = files.flatMap((file) => (file.package ? [file.package] : []))
  return { packages, ...intake.taken(submission.content, files, null, mint) }
}

/** Stores what was taken in; the caller decides whether it stays. */
export async function storeTaken(
  context: Context,
  tx: Tx,
  submission: Submission,
  { content, packages }: TakenIn,
): Promise<Submission> {
  const changed = { ...submission, content, revision: submission.revision + 1 }
  for (const pack of packages) {
    await holdBlob(context, tx, pack.blob)
    await packageTable.insert(tx, pack)
  }
  await submissionTable.save(tx, changed)
  const ids = specOf(context, submission.store).packageIds?.(content) ?? packages.map((pack) => pack.id)
  const known = await packageTable.known(tx, submission.productId, ids)
  await packageTable.setOfSubmission(tx, submission.id, known)
  return changed
}

async function takePackage(context: Context, submission: Submission, upload: Upload): Promise<TakenFile> {
  const pack = await inspectPackage(
    context,
    newPackage(context, submission, upload.fileName, { sha256: upload.blob ?? '', size: upload.size }),
  )
  return { name: upload.fileName, found: true, size: upload.size, package: pack, image: null }
}

async function takeArchive(
  context: Context,
  submission: Submission,
  upload: Upload,
  wanted: ReturnType<Intake['wanted']>,
): Promise<TakenFile[] | null> {
  await using local = await context.blobs.local(upload.blob ?? '')
  assertSize(local, { blob: upload.blob ?? '', size: upload.size })
  await using scratch = await context.blobs.scratch()
  const request = { parts: local.parts, name: upload.fileName, size: upload.size }
  const { files, problem } = await context.inspector.unpack({ ...request, wanted, folder: scratch.path })
  if (problem !== null) return null
  const taken: TakenFile[] = []
  for (const file of files) taken.push(await takeFile(context, submission, file, wanted))
  return taken
}

async function takeFile(
  context: Context,
  submission: Submission,
  { name, path, size, image }: UnpackedFile,
  wanted: ReturnType<Intake['wanted']>,
): Promise<TakenFile> {
  if (path === null) return { name, found: false, size: 0, package: null, image: null }
  // What is no package is looked at and not kept: nothing ever asks for it again.
  const isPackage = wanted.some((one) => one.name === name && one.as === 'package')
  if (!isPackage) return { name, found: true, size, package: null, image }
  const blob = await context.blobs.put(createReadStream(path), { maxBytes: Number.MAX_SAFE_INTEGER })
  const pack = await inspectPackage(context, newPackage(context, submission, name, blob))
  return { name, found: true, size, package: pack, image }
}

function newPackage(
  context: Context,
  submission: Submission,
  fileName: string,
  blob: { sha256: string; size: number },
): Package {
  return {
    id: specOf(context, submission.store).mintId('package', context.random),
    productId: submission.productId,
    fileName,
    blob: blob.sha256,
    size: blob.size,
    inspectedAt: null,
    format: null,
    sound: false,
    facts: {},
    findings: [],
    ordinal: 0,
    createdAt: context.clock.now(),
  }
}
