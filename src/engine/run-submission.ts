import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import { advance } from './advance.ts'
import { type Context, dueAt, lifecycleOf, specOf, type Tx } from './context.ts'
import { handOver } from './hand-over.ts'
import { inspectPackage } from './inspect-package.ts'
import { askedOnce } from './interference.ts'
import { judge } from './judge.ts'
import { type Step, stepOf } from './lifecycle.ts'
import { produce, produceReport, storeProduced } from './produce.ts'
import { at, record } from './record.ts'
import { storeTaken, type TakenIn, takeIn } from './take-in.ts'
import type { Finding, Submission, Upload } from './types.ts'
import { fingerprint, refuses } from './verdict.ts'

/** Does the work of the step a submission rests in, once it is due. A stale or early call does nothing. */
export async function runSubmission(context: Context, id: string): Promise<void> {
  const seen = await context.database.read((tx) => submissions.get(tx, id))
  if (!seen) return
  const step = stepOf(lifecycleOf(context, seen), seen.step)
  const taken = await takeWhatIsDue(context, seen, step)
  const made = await makeWhatIsDue(context, seen, step)
  const asking = { ...context, interference: askedOnce(context.interference) }
  await context.database.write(async (tx) => {
    const submission = await submissions.get(tx, id)
    if (!submission || submission.step !== seen.step || submission.stepAt !== seen.stepAt) return
    // What was taken in is of the content as it was then: renamed meanwhile, it is taken in again.
    if (taken && submission.revision !== seen.revision) {
      return wait(context, tx, submission, context.clock.now())
    }
    await work(asking, tx, submission, step, taken, made)
  })
  await produceReport(context, id)
}

/** The slow part of an `ingest` step, outside any transaction. */
async function takeWhatIsDue(context: Context, seen: Submission, step: Step): Promise<TakenIn | null> {
  if (step.does !== 'ingest' || context.clock.now() < dueAt(context, seen)) return null
  const { intake } = specOf(context, seen.store)
  const taken = intake && seen.uploadId !== null ? await takeIn(context, seen, intake) : null
  await inspectAll(context, seen.id)
  return taken
}

/** The slow part of a `publish` step, outside any transaction. */
async function makeWhatIsDue(context: Context, seen: Submission, step: Step): Promise<readonly Upload[]> {
  if (step.does !== 'publish' || context.clock.now() < dueAt(context, seen)) return []
  return produce(context, seen)
}

async function work(
  context: Context,
  tx: Tx,
  submission: Submission,
  step: Step,
  taken: TakenIn | null,
  made: readonly Upload[],
): Promise<void> {
  if (step.does === 'edit' || step.does === 'end') return
  const due = dueAt(context, submission)
  if (due > context.clock.now()) return wait(context, tx, submission, due)
  const interfered = context.interference.atStep(submission)
  if (interfered === 'stall') return
  if (interfered !== null) return fail(context, tx, submission, step, interfered)
  switch (step.does) {
    case 'ingest':
      return ingest(context, tx, submission, step, taken)
    case 'pass':
      return pass(context, tx, submission, step)
    case 'review':
      if (context.review === 'automatic') await pass(context, tx, submission, step)
      return
    case 'hold': {
      const until = specOf(context, submission.store).heldUntil(submission.content)
      if (until === 'manual') return
      if (until !== null && until > context.clock.now()) return wait(context, tx, submission, until)
      return pass(context, tx, submission, step)
    }
    case 'publish':
      return publish(context, tx, submission, step, made)
  }
}

/** Judges a submission with what its upload brought; what a refused one brought is not kept. */
async function ingest(
  context: Context,
  tx: Tx,
  submission: Submission,
  step: Step,
  taken: TakenIn | null,
): Promise<void> {
  const before = await packages.ofSubmission(tx, submission.id)
  const filled = taken ? await storeTaken(context, tx, submission, taken) : submission
  const judged = await judge(context, tx, filled)
  const findings = [...(taken?.findings ?? []), ...judged.findings]
  if (judged.verdict !== null && !refuses(findings)) {
    return pass(context, tx, filled, step, { findings, verdict: judged.verdict })
  }
  await packages.setOfSubmission(
    tx,
    submission.id,
    before.map((pack) => pack.id),
  )
  await fail(context, tx, submission, step, findings)
}

function wait(context: Context, tx: Tx, submission: Submission, until: number): Promise<void> {
  return context.jobs.enqueue(
    tx,
    { kind: 'submission', id: submission.id, accountId: submission.accountId },
    until,
  )
}

async function pass(
  context: Context,
  tx: Tx,
  submission: Submission,
  step: Step,
  change: { findings?: readonly Finding[]; verdict?: string } = {},
): Promise<void> {
  if (step.next) await advance(context, tx, submission, step.next, change)
}

async function fail(
  context: Context,
  tx: Tx,
  submission: Submission,
  step: Step,
  findings: readonly Finding[],
): Promise<void> {
  if (step.fails) await advance(context, tx, submission, step.fails, { findings, verdict: null })
}

/** Inspects what was not inspected yet, outside any transaction. */
async function inspectAll(context: Context, submissionId: string): Promise<void> {
  const own = await context.database.read((tx) => packages.ofSubmission(tx, submissionId))
  for (const pack of own) {
    if (pack.inspectedAt !== null) continue
    const inspected = await inspectPackage(context, pack)
    await context.database.write((tx) => packages.save(tx, inspected))
  }
}

/** Makes a submission what customers get: only what was judged, and all of it at once. */
async function publish(
  context: Context,
  tx: Tx,
  submission: Submission,
  step: Step,
  made: readonly Upload[],
): Promise<void> {
  const own = await packages.ofSubmission(tx, submission.id)
  if (submission.verdict === null || submission.verdict !== fingerprint(submission.content, own)) {
    const message = 'The submission is not what was judged sound; it was not published. Submit it again.'
    return fail(context, tx, submission, step, [{ code: 'not-judged', severity: 'error', message }])
  }
  const live = await submissions.inPhase(tx, submission.trackId, 'live')
  if (live) await submissions.save(tx, { ...live, phase: 'past', updatedAt: context.clock.now() })
  await adoptIdentity(context, tx, submission)
  await storeProduced(context, tx, made)
  const published = await advance(context, tx, submission, step.next ?? submission.step, {
    publishedAt: context.clock.now(),
  })
  await record(context, tx, {
    ...at(published),
    type: 'submission.published',
    submissionId: published.id,
    data: { replaced: live?.id ?? null },
  })
  await handOver(context, tx, published)
}

/** A product without a reserved identity takes that of the first package it publishes. */
async function adoptIdentity(context: Context, tx: Tx, submission: Submission): Promise<void> {
  const product = await products.get(tx, submission.productId)
  if (!product || product.identity !== null) return
  const spec = specOf(context, submission.store)
  for (const pack of await packages.ofSubmission(tx, submission.id)) {
    const identity = spec.identityOf(pack.facts)
    if (identity !== null) return products.adoptIdentity(tx, product.id, identity)
  }
}

/** Ends a submission whose step could not be worked: it fails closed, with the reason on it. */
export async function giveUpSubmission(context: Context, id: string): Promise<void> {
  await context.database.write(async (tx) => {
    const submission = await submissions.get(tx, id)
    if (!submission) return
    const step = stepOf(lifecycleOf(context, submission), submission.step)
    const message = 'The service could not finish this step. Submit again; nothing was published.'
    await fail(context, tx, submission, step, [{ code: 'step-broken', severity: 'error', message }])
  })
  await produceReport(context, id)
}
