import type { FastifyReply } from 'fastify'
import type { Content, Submission } from '../../../engine/index.ts'
import { labelDataOf, readNewLabel } from '../label-document.ts'
import { applyChange, readLabelPatch } from '../label-patch.ts'
import { assertLabel, assertTargeting, labelLifecycles } from '../label-rules.ts'
import { toWireList } from '../links.ts'
import { refusals } from '../refusals.ts'
import { toWireLabel } from '../wire-label.ts'
import { type Call, send, sendEmpty } from './call.ts'

export async function listLabels(call: Call): Promise<FastifyReply> {
  const { address, reply } = call
  const { submission, children } = await parentOf(call)
  const labels = children.filter(isLabel).map((label) => toWireLabel(label, address, wantsTargeting(call)))
  const self = `${address.submission(submission.productId, submission.id)}/shippingLabels`
  return send(reply, 200, toWireList(labels, self))
}

function parentOf({ engine, actor, product, submissionId }: Call) {
  return engine.readSubmission(actor, { product: product(), id: submissionId() })
}

function isLabel({ lifecycle }: Submission): boolean {
  return labelLifecycles.includes(lifecycle)
}

function wantsTargeting({ query }: Call): boolean {
  return String(query.includeTargetingInfo).toLowerCase() === 'true'
}

export async function createLabel(call: Call): Promise<FastifyReply> {
  const { engine, actor, address, reply } = call
  const product = call.product()
  const parentId = call.submissionId()
  const data = readNewLabel(await call.body(), engine.now())
  const label = await engine.createSideSubmission(actor, {
    product,
    parentId,
    lifecycle: data.destination === 'windowsUpdate' ? 'windowsUpdateLabel' : 'sharingLabel',
    decide: (state) => {
      assertLabel(state, data)
      return data as unknown as Content
    },
  })
  return send(reply, 201, toWireLabel(label, address, false))
}

export async function getLabel(call: Call): Promise<FastifyReply> {
  const label = await labelOf(call)
  return send(call.reply, 200, toWireLabel(label, call.address, wantsTargeting(call)))
}

async function labelOf(call: Call): Promise<Submission> {
  const { children } = await parentOf(call)
  const label = children.find(({ id }) => id === call.labelId())
  if (!label || !isLabel(label)) throw refusals.noLabel()
  return label
}

/** The submission is read first: its metadata never changes, and says which hardware ids there are. */
export async function patchLabel(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const parent = await parentOf(call)
  const label = parent.children.find(({ id }) => id === call.labelId())
  if (!label || !isLabel(label)) throw refusals.noLabel()
  const change = readLabelPatch(await call.body())
  if (label.phase !== 'live') throw refusals.labelMoving()
  await engine.editSubmission(actor, {
    product: call.product(),
    id: label.id,
    action: 'update',
    edit: ({ content }) => {
      const data = labelDataOf({ content })
      const targeting = applyChange(data.targeting, change)
      const { product, submission, packages } = parent
      assertTargeting(targeting, change.addedIds, { product, parent: submission, packages })
      return { content: { ...content, targeting }, result: undefined }
    },
  })
  return sendEmpty(reply, 204)
}

export async function cancelLabel(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const { id } = await labelOf(call)
  await engine.actOnSubmission(actor, {
    product: call.product(),
    id,
    action: 'cancel',
    unless: ({ step }) => {
      if (step !== 'microsoftApproval') throw refusals.notCancellable()
    },
  })
  return sendEmpty(reply, 204)
}
