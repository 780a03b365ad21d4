import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  dashboard,
  type EdgeClient,
  edgeClient,
  edgePaths,
  goLive,
  keyHeaders,
  rows,
  seeded,
  startEdge,
  startGatedServer,
  until,
  type WireAnswer,
} from '../../../test/helpers/edge-client.ts'
import { buildExtension } from '../../../test/helpers/extension-builder.ts'
import { operator, scenario } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'
import { EngineError } from '../../engine/index.ts'
import { edgeSpec } from './spec.ts'

const sound = buildExtension({ version: '1.0.0' })

const accepted = { status: 202, headers: { 'content-length': '0', location: 'id-1' }, body: '' } as const
const startedPublish = { type: 'operation.started', data: { operationId: 'id-1', kind: 'publish' } }

function refusedWith(refusal: string) {
  return {
    type: 'operation.settled',
    data: { operationId: 'id-1', kind: 'publish', status: 'failed', refusal },
  }
}

const readyToPublish = async (server: TestServer) => void (await edgeClient(server).upload(sound))

const published = [
  startedPublish,
  { type: 'submission.moved', data: { from: 'InDraft', to: 'InReview', findings: [] } },
  {
    type: 'operation.settled',
    data: { operationId: 'id-1', kind: 'publish', status: 'succeeded', refusal: null },
  },
]

scenario(
  'a publish is 202 with the bare operation id, no body and no Content-Type, and sends the draft to review [E3][6-2][6-3][6-4][6-5]',
  {
    given: readyToPublish,
    request: { method: 'POST', url: edgePaths().submissions, headers: keyHeaders },
    ...accepted,
    events: published,
  },
)

scenario('the bare path publishes just so [B3]', {
  given: readyToPublish,
  request: { method: 'POST', url: edgePaths(undefined, '').submissions, headers: keyHeaders },
  ...accepted,
  events: published,
})

scenario('a publish of nothing new is 202 like any other and moves nothing [6-24]', {
  request: { method: 'POST', url: edgePaths().submissions, headers: keyHeaders },
  ...accepted,
  events: [startedPublish, refusedWith('nothing_changed')],
})

scenario('a publish during a review is 202 like any other and moves nothing [6-24]', {
  given: async (server) => {
    const edge = edgeClient(server)
    await edge.upload(sound)
    await edge.publish()
    await edge.upload(buildExtension({ version: '1.1' }))
  },
  request: { method: 'POST', url: edgePaths().submissions, headers: keyHeaders },
  ...accepted,
  events: [startedPublish, refusedWith('submission_in_progress')],
})

scenario('a publish for a product of nobody is 404 and writes nothing [6-35]', {
  request: { method: 'POST', url: edgePaths('nonsense').submissions, headers: keyHeaders },
  status: 404,
  headers: { 'content-length': '0' },
  body: '',
  events: [],
})

test('a publish that succeeds names the submission it made', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const operation = await edge.publish()
  const [, submission] = await dashboard(server)
  assert.deepEqual(operation, {
    id: operation.id,
    createdTime: '2026-01-01T00:00:00.0000000Z',
    lastUpdatedTime: '2026-01-01T00:00:00.0000000Z',
    status: 'Succeeded',
    message: `Successfully created submission with ID ${submission?.id}`,
    errorCode: '',
    errors: null,
  })
})

test('a product that was never published cannot be published by the API: CreateNotAllowed', async () => {
  await using server = await startEdge()
  const { id } = await server.engine.createProduct(operator, {
    store: 'edge',
    kind: 'extension',
    name: 'New',
  })
  const edge = edgeClient(server, { productId: id })
  assertRefusal(await edge.publish(), 'CreateNotAllowed', "Can't create new extension.")
  await edge.upload(sound)
  assertRefusal(await edge.publish(), 'CreateNotAllowed', "Can't create new extension.")
  assert.deepEqual(await rows(server, id), ['InDraft 1.0.0'])
})

const noUpdates = [
  'NoModulesUpdated',
  "Can't publish extension since there are no updates, please try again after updating the package.",
] as const

test('without a draft there is nothing to publish: NoModulesUpdated [6-28]', async () => {
  await using server = await startEdge()
  assertRefusal(await edgeClient(server).publish(), ...noUpdates)
  assert.deepEqual(await rows(server), ['InTheStore -'])
})

test('a draft that copies the last submission and was not changed is NoModulesUpdated [6-28]', async () => {
  await using server = await startEdge()
  await server.engine.createSubmission(operator, seeded.productId)
  assertRefusal(await edgeClient(server).publish(), ...noUpdates)
})

test('a changed listing is published without an upload, with the package that is live [6-28]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await publishLive(server, edge, '1.0.0')
  const draft = await server.engine.createSubmission(operator, seeded.productId)
  await server.engine.updateSubmission(operator, {
    id: draft.id,
    content: { listings: { en: { description: 'What it does, told at length. '.repeat(10) } } },
  })
  assert.equal((await edge.publish()).status, 'Succeeded')
  await goLive(server)
  assert.deepEqual(await rows(server), ['InTheStore -', 'InTheStore 1.0.0', 'InTheStore 1.0.0'])
  assert.deepEqual(
    (await dashboard(server)).map(({ phase }) => phase),
    ['past', 'past', 'live'],
  )
})

test('after a failed review the same again is NoModulesUpdated, until something changes', async () => {
  await using server = await startEdge({ review: 'manual' })
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  await decide(server, 'InReview', 'reject')
  assert.deepEqual(await rows(server), ['InTheStore -', 'ReviewFailed 1.0.0'])
  assertRefusal(await edge.publish(), ...noUpdates)
  await edge.upload(buildExtension({ version: '1.0.1' }))
  assert.equal((await edge.publish()).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'ReviewFailed 1.0.0', 'InReview 1.0.1'])
})

const inProgress = [
  'InProgressSubmission',
  "Can't publish extension as your extension submission is in progress. Please try again later.",
] as const

test('a second publish during certification is InProgressSubmission and replaces nothing [6-38]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  assertRefusal(await edge.publish(), ...inProgress)
  await edge.upload(buildExtension({ version: '1.1' }))
  assertRefusal(await edge.publish(), ...inProgress)
  await server.elapse(1000)
  assert.deepEqual(await rows(server), ['InTheStore -', 'WaitingToPublish 1.0.0', 'InDraft 1.1'])
  assertRefusal(await edge.publish(), ...inProgress)
  await server.elapse(200)
  assert.equal((await edge.publish()).status, 'Succeeded')
  assert.deepEqual(await rows(server), ['InTheStore -', 'InTheStore 1.0.0', 'InReview 1.1'])
})

test('a publish that succeeded is not live before certification has passed [6-37]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await publishLive(server, edge, '1.0')
  await edge.upload(buildExtension({ version: '2.0' }))
  assert.equal((await edge.publish()).status, 'Succeeded')
  const live = async () => (await dashboard(server)).filter(({ phase }) => phase === 'live')
  const versions = async () => (await live()).map(({ version }) => version)
  assert.deepEqual(await versions(), ['1.0'])
  await server.elapse(999)
  assert.deepEqual(await versions(), ['1.0'])
  await server.elapse(1)
  assert.deepEqual(await versions(), ['1.0'])
  await server.elapse(200)
  assert.deepEqual(await versions(), ['2.0'])
})

test('a review that fails leaves the live version as it was [6-37]', async () => {
  await using server = await startEdge({ review: 'manual' })
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  await server.elapse(7 * 86_400_000)
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'], 'people take their time')
  await decide(server, 'InReview', 'reject')
  assert.deepEqual(
    (await dashboard(server)).map(({ phase }) => phase),
    ['live', 'failed'],
  )
})

test('a review that is cancelled in the dashboard frees the way for the next publish', async () => {
  await using server = await startEdge({ review: 'manual' })
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  await decide(server, 'InReview', 'cancel')
  assert.deepEqual(await rows(server), ['InTheStore -', 'Cancelled 1.0.0'])
  await edge.upload(sound)
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('while the extension is being unpublished, a publish is UnpublishInProgress', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  await decide(server, 'InTheStore', 'unpublish')
  assertRefusal(
    await edge.publish(),
    'UnpublishInProgress',
    "Can't publish extension as your extension is being unpublished. Please try after you've unpublished.",
  )
  await server.elapse(1000)
  assert.deepEqual(await rows(server), ['Unpublished -', 'InDraft 1.0.0'])
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('when several reasons apply, unpublishing comes before a review, and a review before no updates', async () => {
  await using server = await startEdge({ review: 'manual' })
  const edge = edgeClient(server)
  await edge.upload(sound)
  await edge.publish()
  assert.equal((await edge.publish()).errorCode, 'InProgressSubmission')
  await decide(server, 'InTheStore', 'unpublish')
  assert.equal((await edge.publish()).errorCode, 'UnpublishInProgress')
})

test('a release that a later one replaced cannot be unpublished back into the store', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await publishLive(server, edge, '1.0')
  await publishLive(server, edge, '2.0')
  const [, replaced] = await dashboard(server)
  await assert.rejects(
    server.engine.actOnSubmission(operator, { id: replaced?.id ?? '', action: 'unpublish' }),
    (error) => error instanceof EngineError && error.code === 'wrong_state',
  )
  assert.deepEqual(await rows(server), ['InTheStore -', 'InTheStore 1.0', 'InTheStore 2.0'])
})

const validationFailed = [
  'SubmissionValidationError',
  "Extension can't be published as there are submission validation failures. Fix these errors and try again later.",
] as const

test('a version that is not larger than the live one is refused by the publish [6-26]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await publishLive(server, edge, '2.0')
  for (const version of ['2.0', '2', '2.0.0.0', '1.9.9.9']) {
    await edge.upload(buildExtension({ version }))
    const message = `The version ${version} must be larger than the current one, 2.0. Raise "version" in manifest.json.`
    assertRefusal(await edge.publish(), ...validationFailed, [{ message }])
  }
  await edge.upload(buildExtension({ version: '2.0.0.1' }))
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('versions are compared with what is live, not with drafts, failures or what was before', async () => {
  await using server = await startEdge({ review: 'manual' })
  const edge = edgeClient(server)
  await edge.upload(buildExtension({ version: '9.0' }))
  await edge.publish()
  await decide(server, 'InReview', 'reject')
  await edge.upload(buildExtension({ version: '5.0' }))
  await edge.upload(buildExtension({ version: '3.0' }))
  assert.equal((await edge.publish()).status, 'Succeeded')
})

const modules = [
  'ModuleStateUnPublishable',
  "Can't publish extension as your extension has modules that are not valid. Fix the modules with errors and try to publish again.",
] as const

test('a package with a new locale needs its listing first: ModuleStateUnPublishable of LISTING', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(translated('1.0', 'en', 'de'))
  assert.equal((await edge.publish()).status, 'Succeeded', 'what the first release brings counts as listed')
  await goLive(server)
  await edge.upload(translated('1.1', 'en', 'de'))
  assert.equal((await edge.publish()).status, 'Succeeded')
  await goLive(server)
  await edge.upload(translated('1.2', 'en', 'de', 'fr', 'pt_BR'))
  assertRefusal(await edge.publish(), ...modules, [{ message: 'Invalid module : LISTING' }])
  const draft = (await dashboard(server)).at(-1)
  const description = 'Assez long pour une description. '.repeat(10)
  await server.engine.updateSubmission(operator, {
    id: draft?.id ?? '',
    content: { listings: { fr: { description }, 'pt-BR': { description } } },
  })
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('an invalid module is said before submission validation', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(translated('2.0', 'en'))
  await edge.publish()
  await goLive(server)
  await edge.upload(translated('1.0', 'en', 'fr'))
  assertRefusal(await edge.publish(), ...modules, [{ message: 'Invalid module : LISTING' }])
})

test('a draft without any package is ModuleStateUnPublishable of PACKAGES', async () => {
  await using server = await startEdge()
  await decide(server, 'InTheStore', 'unpublish')
  await server.elapse(1000)
  const draft = await server.engine.createSubmission(operator, seeded.productId)
  await server.engine.updateSubmission(operator, { id: draft.id, content: { note: 'changed' } })
  assertRefusal(await edgeClient(server).publish(), ...modules, [{ message: 'Invalid module : PACKAGES' }])
})

test('publishing while the upload still runs is NoModulesUpdated, and succeeds after it [6-27]', async () => {
  await using server = await startGatedServer()
  const edge = edgeClient(server)
  const upload = await edge.startUpload(sound)
  const early = await edge.startPublish()
  const { operation } = await until(
    () => edge.pollPublish(early),
    ({ status }) => status === 200,
  )
  assertRefusal(operation, ...noUpdates)
  assert.equal((await edge.pollUpload(upload)).status, 202)
  server.openGates()
  await server.settle()
  assert.equal((await edge.pollUpload(upload)).operation.status, 'Succeeded')
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('a publish that meets a passing failure is tried again and succeeds', async (t: TestContext) => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const check = t.mock.method(edgeSpec, 'check')
  check.mock.mockImplementationOnce(() => {
    throw new Error('passing')
  })
  const id = await edge.startPublish()
  await server.settle()
  assert.equal((await edge.pollPublish(id)).operation.status, 'InProgress')
  await server.elapse(250)
  assert.equal((await edge.pollPublish(id)).operation.status, 'Succeeded')
  assert.equal(check.mock.callCount(), 2)
})

test('an irrecoverable failure of a publish has its text and neither code nor errors, and publishes nothing [6-15]', async (t: TestContext) => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  t.mock.method(edgeSpec, 'check', () => {
    throw new EngineError('internal', 'a failure that the service knows')
  })
  const text = await failForGood(server, edge)
  const id = (JSON.parse(text) as WireAnswer).id
  assert.equal(
    text,
    `{"id":"${id}","createdTime":"2026-01-01T00:00:00.0000000Z","lastUpdatedTime":"2026-01-01T00:00:00.7500000Z",` +
      '"status":"Failed","message":"An error occurred while performing the operation","errorCode":null,"errors":null}',
  )
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
})

test('an unexpected failure of a publish has an id, a message and no status [6-18]', async (t: TestContext) => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const check = t.mock.method(edgeSpec, 'check', () => {
    throw new TypeError('a failure that nobody foresaw')
  })
  const text = await failForGood(server, edge)
  const id = (JSON.parse(text) as WireAnswer).id
  assert.equal(
    text,
    `{"id":"${id}","message":"An error occurred while processing the request. Please contact support ` +
      `Correlation ID: ${id} Timestamp: 2026-01-01T00:00:00.7500000Z"}`,
  )
  assert.ok(!text.includes('nobody foresaw'), 'what went wrong is for the log')
  assert.ok(server.logged.some((line) => line.includes('nobody foresaw')))
  assert.deepEqual(await rows(server), ['InTheStore -', 'InDraft 1.0.0'])
  check.mock.restore()
  assert.equal((await edge.publish()).status, 'Succeeded')
})

test('of two publishes back to back the first succeeds and the second is InProgressSubmission [6-38]', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const first = await edge.startPublish()
  const second = await edge.startPublish()
  await server.settle()
  const ended = [(await edge.pollPublish(first)).operation, (await edge.pollPublish(second)).operation]
  // Workers of a PostgreSQL may take them side by side, and then either comes first.
  if (process.env.SLIPWAY_TEST_DATABASE && ended[1]?.status === 'Succeeded') ended.reverse()
  const [winner, loser] = ended
  assert.equal(winner?.status, 'Succeeded')
  assert.ok(loser)
  assertRefusal(loser, ...inProgress)
})

test('of many publishes at once exactly one succeeds and makes exactly one submission', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  await edge.upload(sound)
  const ids = await Promise.all(Array.from({ length: 10 }, () => edge.startPublish()))
  assert.equal(new Set(ids).size, 10)
  await server.settle()
  const operations = await Promise.all(ids.map(async (id) => (await edge.pollPublish(id)).operation))
  const codes = operations.map(({ errorCode }) => errorCode).sort()
  assert.deepEqual(codes, ['', ...Array(9).fill('InProgressSubmission')])
  assert.deepEqual(await rows(server), ['InTheStore -', 'InReview 1.0.0'])
})

test('a failed publish settles again the same when its operation is asked for later', async () => {
  await using server = await startEdge()
  const edge = edgeClient(server)
  const failed = await edge.publish()
  await edge.upload(sound)
  await edge.publish()
  await goLive(server)
  assert.deepEqual((await edge.pollPublish(failed.id)).operation, failed)
})

function assertRefusal(
  operation: WireAnswer,
  errorCode: string,
  message: string,
  errors: WireAnswer['errors'] = null,
): void {
  const { id, createdTime, lastUpdatedTime, ...outcome } = operation
  assert.deepEqual(outcome, { status: 'Failed', message, errorCode, errors })
  assert.ok(id && createdTime && lastUpdatedTime)
}

async function publishLive(server: TestServer, edge: EdgeClient, version: string): Promise<void> {
  await edge.upload(buildExtension({ version }))
  assert.equal((await edge.publish()).status, 'Succeeded')
  await goLive(server)
}

/** What somebody does in the dashboard to the one submission in that step. */
async function decide(server: TestServer, step: string, action: 'reject' | 'cancel' | 'unpublish') {
  const found = (await dashboard(server)).find((submission) => submission.step === step)
  await server.engine.actOnSubmission(operator, { id: found?.id ?? '', action })
  await server.settle()
}

function translated(version: string, ...locales: readonly string[]): Uint8Array {
  const messages = { appName: 'Translated' }
  return buildExtension({
    version,
    name: '__MSG_appName__',
    locales: Object.fromEntries(locales.map((locale) => [locale, messages])),
  })
}

/** Publishes and lets the job fail as often as it is tried. */
async function failForGood(server: TestServer, edge: EdgeClient): Promise<string> {
  const id = await edge.startPublish()
  await server.settle()
  assert.equal((await edge.pollPublish(id)).status, 202)
  await server.elapse(250)
  assert.equal((await edge.pollPublish(id)).status, 202)
  await server.elapse(500)
  const { status, text } = await edge.pollPublish(id)
  assert.equal(status, 200)
  return text
}
