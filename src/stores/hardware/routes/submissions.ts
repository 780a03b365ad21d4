import type { FastifyReply } from 'fastify'
import type { Submission } from '../../../engine/index.ts'
import { fieldsOf, objectOf } from '../fields.ts'
import { toWireList } from '../links.ts'
import { factsOf, infsOf } from '../package-facts.ts'
import { dataOf } from '../product-document.ts'
import { refusals, type ValidationError } from '../refusals.ts'
import { toWireListed, toWireSubmission } from '../wire-submission.ts'
import { type Call, send, sendEmpty, signedDownloads } from './call.ts'

/** Most submissions of one product that a list shows; products have one, and what was derived of it. */
const most = 1000

export async function listSubmissions(call: Call): Promise<FastifyReply> {
  const { engine, actor, address, reply } = call
  const { id } = call.product()
  const views = await engine.listSubmissions(actor, { productId: id, after: null, limit: most })
  const own = views.filter(({ submission }) => isPackaged(submission))
  const self = `${address.product(id)}/submissions`
  return send(
    reply,
    200,
    toWireList(
      own.map((view) => toWireListed(view, address)),
      self,
    ),
  )
}

function isPackaged({ lifecycle }: Submission): boolean {
  return lifecycle === 'driver' || lifecycle === 'derived'
}

export async function createSubmission(call: Call): Promise<FastifyReply> {
  const product = call.product()
  const { name, type } = readWish(await call.body())
  const { id } =
    type === 'initial' ? await createInitial(call, product, name) : await createDerived(call, product, name)
  return sendSubmission(call, 201, id)
}

/** Some clients leave the name away, and the type when they mean a derived one (microsoft-hardware.md 1.2). */
function readWish(body: unknown): { name: string; type: 'initial' | 'derived' } {
  const problems: ValidationError[] = []
  const wish = objectOf(body)
  if (!wish) throw refusals.input('The request body must be a JSON object.')
  const fields = fieldsOf(wish, problems)
  const name = fields.text('name') ?? ''
  const type = fields.word('type', ['initial', 'derived'])
  if (type === undefined && problems.length === 0)
    fields.wrong('type', 'The type is required: initial or derived.')
  if (problems.length > 0 || type === undefined) throw refusals.invalid(problems)
  return { name, type }
}

type Address = ReturnType<Call['product']>

/** One initial submission for ever, also after it failed (microsoft-hardware.md 3.7, 7-33). */
function createInitial({ engine, actor }: Call, product: Address, name: string): Promise<Submission> {
  return engine.createSubmission(actor, product, {
    blank: true,
    unless: ({ product: current, newest }) => {
      if (dataOf(current).originType !== 'author') throw refusals.sharedProduct()
      if (newest) throw refusals.secondInitial()
    },
    fill: () => ({ name, type: 'initial' }),
  })
}

function createDerived({ engine, actor }: Call, product: Address, name: string): Promise<Submission> {
  return engine.createSideSubmission(actor, {
    product,
    lifecycle: 'derived',
    decide: ({ product: current, parent: initial, parentPackages }) => {
      const { testHarness, isTestSign, originType } = dataOf(current)
      if (originType !== 'author') throw refusals.sharedProduct()
      const isExtension = infsOf(factsOf(parentPackages)).some((inf) => inf.isExtension)
      if (testHarness === 'attestation' || isTestSign || isExtension) throw refusals.notDerivable()
      if (!initial) throw refusals.noInitial()
      if (initial.step !== 'completed') throw refusals.initialNotFinished()
      return { name, type: 'derived' }
    },
  })
}

export async function getSubmission(call: Call): Promise<FastifyReply> {
  call.product()
  return sendSubmission(call, 200, call.submissionId())
}

export async function sendSubmission(
  call: Call,
  status: 200 | 201,
  id: string,
  product = call.product(),
): Promise<FastifyReply> {
  const record = await call.engine.readSubmission(call.actor, { id, product })
  if (!isPackaged(record.submission)) throw refusals.noSubmission()
  const isHlk = isHlkPackage(record.submission, dataOf(record.product).testHarness)
  const downloads = await signedDownloads(call, { ...record, isHlk })
  return send(call.reply, status, toWireSubmission(record, call.address, downloads))
}

function isHlkPackage({ lifecycle }: Submission, testHarness: string): boolean {
  return lifecycle === 'derived' || testHarness === 'hlk' || testHarness === 'hck'
}

export async function patchSubmission(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const address = { product: call.product(), id: call.submissionId() }
  const body = objectOf(await call.body())
  if (!body) throw refusals.input('The request body must be a JSON object.')
  const problems: ValidationError[] = []
  const name = fieldsOf(body, problems).text('name')
  if (problems.length > 0) throw refusals.invalid(problems)
  await engine.renameSubmission(actor, {
    ...address,
    decide: (submission, product) => {
      if (!isPackaged(submission)) throw refusals.noSubmission()
      if (dataOf(product).originType !== 'author') throw refusals.sharedSubmission()
      if (submission.phase === 'failed') throw refusals.submissionFailed()
      return name === undefined ? submission.content : { ...submission.content, name }
    },
  })
  return sendEmpty(reply, 204)
}

/** A commit may come with any type and any body, or none (microsoft-hardware.md 1.3); what it says is not looked at. */
export async function commitSubmission(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const address = { product: call.product(), id: call.submissionId() }
  await call.body()
  await engine.commitSubmission(actor, {
    ...address,
    unless: (submission) => {
      if (!isPackaged(submission)) throw refusals.noSubmission()
      if (submission.step !== 'commitPending') throw refusals.notPending()
    },
  })
  return sendEmpty(reply, 202)
}

/** The metadata of a finished submission is always there already (microsoft-hardware.md 3.3, 7-41). */
export async function createPublisherMetadata(call: Call): Promise<FastifyReply> {
  const { engine, actor, reply } = call
  const submission = await engine.findSubmission(actor, { product: call.product(), id: call.submissionId() })
  if (!isPackaged(submission)) throw refusals.noSubmission()
  if (submission.step !== 'completed') throw refusals.notFinished()
  return sendEmpty(reply, 202)
}
