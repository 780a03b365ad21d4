import * as operations from '../storage/operations.ts'
import * as packages from '../storage/packages.ts'
import * as products from '../storage/products.ts'
import * as submissions from '../storage/submissions.ts'
import * as tracks from '../storage/tracks.ts'
import { advance } from './advance.ts'
import { type Context, lifecycleOf, specOf, type Tx } from './context.ts'
import { decidePublication } from './decide-publication.ts'
import { EngineError } from './errors.ts'
import { inspectPackage } from './inspect-package.ts'
import { InspectionFailed } from './inspector.ts'
import { judge } from './judge.ts'
import { effectOf, stepOf } from './lifecycle.ts'
import { openDraft } from './open-draft.ts'
import { at, record } from './record.ts'
import type { Finding, Operation, Package, Product, Refusal } from './types.ts'

/** Carries an operation to its outcome. A call for one that has an outcome does nothing. */
export async function runOperation(context: Context, id: string): Promise<void> {
  const operation = await context.database.read((tx) => operations.get(tx, id))
  if (operation?.status !== 'in_progress') return
  const interfered = context.interference.atOperation(operation)
  if (interfered === 'stall') return
  if (interfered !== null) return settling(context, id, async () => interfered)
  if (operation.kind === 'publish') await runPublish(context, operation)
  else await runUpload(context, operation)
}

async function runUpload(context: Context, operation: Operation): Promise<void> {
  const pack = await context.database.read((tx) => packages.get(tx, operation.packageId ?? ''))
  if (!pack) throw new EngineError('internal', `operation ${operation.id} has no package`)
  const inspected = pack.inspectedAt === null ? await inspectPackage(context, pack) : pack
  await settling(context, operation.id, async (tx, product) => {
    await packages.save(tx, inspected)
    await record(context, tx, {
      ...at(product),
      type: 'package.inspected',
      data: { packageId: pack.id, sound: inspected.sound, findings: inspected.findings },
    })
    // What is wrong with it is said when it is to be put into a draft.
    if (operation.kind === 'inspection') return {}
    const findings = findingsAgainst(inspected, specOf(context, operation.store).formats)
    if (findings.length > 0) return { refusal: 'package_invalid', findings }
    return { submissionId: await putIntoDraft(context, tx, product, inspected) }
  })
}

function findingsAgainst(pack: Package, formats: readonly string[]): readonly Finding[] {
  if (!pack.sound) return pack.findings
  if (pack.format !== null && formats.includes(pack.format)) return []
  const message = `This store takes ${formats.join(', ')}, but the package is ${pack.format ?? 'unknown'}.`
  return [{ code: 'package-format', severity: 'error', message, target: pack.fileName }]
}

/** Of two uploads the one accepted later wins, whichever was inspected first. */
async function putIntoDraft(context: Context, tx: Tx, product: Product, pack: Package): Promise<string> {
  const track = await tracks.main(tx, product.id)
  const draft =
    (await submissions.inPhase(tx, track.id, 'draft')) ?? (await openDraft(context, tx, product, track))
  const current = await packages.ofSubmission(tx, draft.id)
  if (current.some((other) => other.ordinal > pack.ordinal)) return draft.id
  await packages.setOfSubmission(tx, draft.id, [pack.id])
  await submissions.save(tx, {
    ...draft,
    revision: draft.revision + 1,
    changed: true,
    verdict: null,
    updatedAt: context.clock.now(),
  })
  await record(context, tx, {
    ...at(draft),
    type: 'submission.changed',
    submissionId: draft.id,
    data: { packageId: pack.id },
  })
  return draft.id
}

async function runPublish(context: Context, operation: Operation): Promise<void> {
  await settling(context, operation.id, async (tx, product) => {
    const track = await tracks.main(tx, product.id)
    const draft = await submissions.inPhase(tx, track.id, 'draft')
    const live = await submissions.inPhase(tx, track.id, 'live')
    const refusal = decidePublication({
      everPublished: await submissions.everPublished(tx, product.id),
      unpublishing: live !== undefined && stepOf(lifecycleOf(context, live), live.step).does === 'pass',
      moving: (await submissions.inPhase(tx, track.id, 'moving')) !== undefined,
      changed: draft?.changed ?? false,
    })
    if (refusal !== null || !draft) return { refusal: refusal ?? 'nothing_changed', findings: [] }
    const { findings, verdict } = await judge(context, tx, draft)
    if (verdict === null) {
      return { refusal: specOf(context, operation.store).refusalOf(findings), findings }
    }
    const effect = effectOf(stepOf(lifecycleOf(context, draft), draft.step), 'commit')
    if (typeof effect !== 'object') throw new EngineError('internal', 'the draft cannot be committed')
    await advance(context, tx, draft, effect.to, { findings, verdict })
    return { submissionId: draft.id }
  })
}

type Outcome = { submissionId?: string } | { refusal: Refusal; findings: readonly Finding[] }

/** Decides and stores an operation's outcome in one transaction, unless it has one already. */
async function settling(
  context: Context,
  id: string,
  decide: (tx: Tx, product: Product) => Promise<Outcome>,
): Promise<void> {
  await context.database.write(async (tx) => {
    const operation = await operations.get(tx, id)
    if (operation?.status !== 'in_progress') return
    const product = await products.get(tx, operation.productId)
    if (!product) throw new EngineError('internal', `operation ${id} has no product`)
    await settle(context, tx, operation, await decide(tx, product))
  })
}

async function settle(context: Context, tx: Tx, operation: Operation, outcome: Outcome): Promise<void> {
  const settled: Operation = {
    ...operation,
    ...outcome,
    status: 'refusal' in outcome ? 'failed' : 'succeeded',
    updatedAt: context.clock.now(),
  }
  await operations.save(tx, settled)
  await record(context, tx, {
    accountId: settled.accountId,
    store: settled.store,
    productId: settled.productId,
    submissionId: settled.submissionId,
    type: 'operation.settled',
    data: { operationId: settled.id, kind: settled.kind, status: settled.status, refusal: settled.refusal },
  })
}

/**
 * Ends an operation that could not be carried out, without changing anything else: `broken` when the service
 * knows why, `unexpected` when it met something it has no name for.
 */
export async function giveUpOperation(context: Context, id: string, error: unknown): Promise<void> {
  const known = error instanceof InspectionFailed || error instanceof EngineError
  const refusal = known ? 'broken' : 'unexpected'
  await settling(context, id, async () => ({ refusal, findings: [] }))
}
