import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import { makeSigner, signCab } from '../../../test/helpers/cab-signer.ts'
import {
  attestation,
  downloadOf,
  driverCab,
  finish,
  hardwareClient,
  hardwareRoot,
  type Json,
  startHardware,
} from '../../../test/helpers/hardware-client.ts'
import { buildHlkx } from '../../../test/helpers/hlkx-builder.ts'
import { driverFolder } from '../../../test/helpers/inf-builder.ts'

/** Commits a fresh submission with these bytes, or none. @returns it as it is at the end */
async function outcome(flags: object, bytes: Uint8Array | null, product: object = {}) {
  await using server = await startHardware(flags)
  const client = await hardwareClient(server)
  const productId = await client.createProduct(product)
  const made = await client.createSubmission(productId)
  if (bytes) await client.upload(made, bytes)
  await client.want(202, 'POST', `/products/${productId}/submissions/${made.id}/commit`)
  await finish(server)
  const submission = await client.submission(productId, made.id)
  const url = submission.workflowStatus.errorReport
  return { submission, report: url === undefined ? undefined : (await client.blob('GET', url)).text }
}

test('a new submission is 201 with the upload as its first download, pending, its workflow not started [R6][7-4][7-10]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const { id, links, downloads, ...rest } = await client.createSubmission(productId)
  const self = `http://localhost:80${hardwareRoot}/products/${productId}/submissions/${id}`
  assert.deepEqual(links, [
    { href: self, rel: 'self', method: 'GET' },
    { href: self, rel: 'update_submission', method: 'PATCH' },
    { href: `${self}/commit`, rel: 'commit_submission', method: 'POST' },
  ])
  assert.deepEqual(downloads.messages, [])
  assert.deepEqual(
    downloads.items.map(({ type }: Json) => type),
    ['initialPackage'],
  )
  assert.deepEqual(rest, {
    productId,
    workflowStatus: { currentStep: 'packageInfoValidation', state: 'notStarted', messages: [] },
    commitStatus: 'commitPending',
    isExtensionInf: false,
    isUniversal: false,
    isDeclarativeInf: false,
    name: 'first',
    type: 'initial',
    createdBy: 'sandbox',
    createdDateTime: '2026-01-01T00:00:00.000Z',
  })
})

test('the list of submissions has no downloads, the single one has [R5][R7]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const { id } = await client.createSubmission(productId)
  const { value, links } = await client.want(200, 'GET', `/products/${productId}/submissions/`)
  assert.equal(value.length, 1)
  assert.equal(value[0].id, id)
  assert.ok(!('downloads' in value[0]))
  assert.equal(links[0].rel, 'self')
  const single = await client.want(200, 'GET', `/products/${productId}/submissions/${id}/`)
  assert.equal(single.downloads.items.length, 1)
  const other = await client.createProduct()
  await client.want(404, 'GET', `/products/${other}/submissions/${id}`)
})

test('the name of a submission can be changed until it failed, also on its way, and it is published all the same [R8]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const made = await client.createSubmission(productId)
  const path = `/products/${productId}/submissions/${made.id}`
  await client.upload(made, await driverCab())
  await client.want(202, 'POST', `${path}/commit`)
  for (let step = 0; step < 10; step++) {
    const answer = await client.ask('PATCH', path, { name: `name ${step}`, type: 'derived' })
    assert.deepEqual([answer.status, answer.text], [204, ''])
    await server.elapse(250)
  }
  const { name, type, workflowStatus } = await client.submission(productId, made.id)
  assert.deepEqual([name, type, workflowStatus.state], ['name 9', 'initial', 'completed'])
  await client.want(400, 'PATCH', path, { name: 5 })
})

test('a commit is taken with any type and any body, with none, and with a slash behind: 202 and empty [R9][7-6]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const json = { 'content-type': 'application/json' }
  const variants: [string | undefined, Record<string, string>, string][] = [
    [undefined, {}, ''],
    [undefined, { 'content-length': '0' }, '/'],
    [undefined, { ...json, 'content-length': '0' }, ''],
    ['{}', json, ''],
    ['', json, '/'],
    ['{}', { 'content-type': 'text/plain' }, ''],
  ]
  for (const [body, headers, slash] of variants) {
    const productId = await client.createProduct()
    const { id } = await client.createSubmission(productId)
    const answer = await client.ask(
      'POST',
      `/products/${productId}/submissions/${id}/commit${slash}`,
      body,
      headers,
    )
    assert.deepEqual([answer.status, answer.text, answer.headers['content-type']], [202, '', undefined])
    assert.notEqual((await client.submission(productId, id)).commitStatus, 'commitPending')
  }
})

test('where types are required, a body without one is 415 in the gateway’s shape', async () => {
  await using server = await startHardware({ hardwareContentType: 'required' })
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const { id } = await client.createSubmission(productId)
  const path = `/products/${productId}/submissions/${id}/commit`
  const { status, json } = await client.ask('POST', path)
  assert.equal(status, 415)
  assert.equal(json.statusCode, 415)
  await client.want(202, 'POST', path, '{}', { 'content-type': 'application/json; charset=utf-8' })
})

test('a second commit is requestInvalidForCurrentState, and the submission says that the first one counts [7-35]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const path = `/products/${productId}/submissions/${submissionId}`
  const second = await client.want(400, 'POST', `${path}/commit`)
  assert.deepEqual(second, {
    error: { code: 'requestInvalidForCurrentState', message: 'Only pending submissions can be committed.' },
  })
  assert.equal((await client.submission(productId, submissionId)).commitStatus, 'commitComplete')
  const unknown = await client.want(
    404,
    'POST',
    `/products/${productId}/submissions/1152921504621465124/commit`,
  )
  assert.deepEqual(unknown, { error: { code: 'entityNotFound', message: 'No submission found' } })
})

test('every step is shown in its order and as started only; completed comes together with signedPackage [7-8][7-9][7-12]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const made = await client.createSubmission(productId)
  await client.upload(made, await driverCab())
  await client.want(202, 'POST', `/products/${productId}/submissions/${made.id}/commit`)
  const seen: string[] = []
  for (let step = 0; step < 9; step++) {
    const { commitStatus, workflowStatus, downloads } = await client.submission(productId, made.id)
    const { currentStep, state } = workflowStatus
    const isSigned = downloads.items.some(({ type }: Json) => type === 'signedPackage')
    assert.equal(isSigned, state === 'completed')
    assert.ok(!('errorReport' in workflowStatus))
    seen.push(`${commitStatus} ${currentStep} ${state}`)
    await server.elapse(200)
  }
  assert.deepEqual(seen, [
    'commitStarted packageInfoValidation started',
    'commitComplete preparation started',
    'commitComplete scanning started',
    'commitComplete validation started',
    'commitComplete catalogCreation started',
    'commitComplete signing started',
    'commitComplete finalizeIngestion started',
    'commitComplete finalizeIngestion completed',
    'commitComplete finalizeIngestion completed',
  ])
})

test('where people review, a submission waits in manualReview until one approves', async () => {
  await using server = await startHardware({ review: 'manual' })
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const status = async () => (await client.submission(productId, submissionId)).workflowStatus
  assert.deepEqual(await status(), { currentStep: 'manualReview', state: 'started', messages: [] })
  const operator = { accountId: 'sandbox', credentialId: 'test', role: 'operator' } as const
  await server.engine.actOnSubmission(operator, { id: submissionId, action: 'reject' })
  const { currentStep, state } = await status()
  assert.deepEqual([currentStep, state], ['manualReview', 'failed'])
})

test('a commit without an upload is taken and fails with a message and a report [7-11][7-44]', async () => {
  const { submission, report } = await outcome({}, null)
  assert.equal(submission.commitStatus, 'commitFailed')
  const { currentStep, state, messages } = submission.workflowStatus
  assert.deepEqual([currentStep, state], ['packageInfoValidation', 'failed'])
  assert.match(messages[0], /^No package was uploaded/)
  assert.match(report ?? '', /error hardware-no-upload: No package was uploaded/)
  assert.deepEqual(
    submission.downloads.items.map(({ type }: Json) => type),
    ['initialPackage'],
  )
})

const signer = makeSigner({ algorithm: 'ecdsa' })
const signed = async (files: Record<string, string>) => signCab(buildMszipCab(files), await signer)

const badPackages: { [title: string]: { bytes: () => Promise<Uint8Array>; product?: object; says: RegExp } } =
  {
    'an unsigned cabinet': {
      bytes: async () => buildMszipCab(driverFolder('a', 'a')),
      says: /sign/i,
    },
    'a cabinet with an absolute path': {
      bytes: () => signed({ ...driverFolder('a', 'a'), '\\windows\\evil.sys': 'x' }),
      says: /^The name is an absolute path/,
    },
    'files at the root of the cabinet': {
      bytes: () => signed({ ...driverFolder('a', 'a'), 'readme.txt': 'x' }),
      says: /^There are files at the root of the cabinet: readme\.txt/,
    },
    'a folder without an INF': {
      bytes: () => signed({ ...driverFolder('a', 'a'), 'b\\b.sys': 'x' }),
      says: /^No inf files found in driver directory/,
    },
    'an architecture that no signature covers': {
      bytes: () => driverCab({ a: { targets: ['NTarm64'] } }),
      says: /^Unsupported driver architecture ARM64 found in driver a/,
    },
    'bytes that are no package': {
      bytes: async () => Buffer.from('hello'),
      says: /./,
    },
    'a cabinet for HLK': {
      bytes: () => driverCab(),
      product: { testHarness: 'HLK' },
      says: /^Unable to extract and upload PackageInfo\.xml/,
    },
    'results of other systems': {
      bytes: () => buildHlkx(),
      product: { testHarness: 'hlk', requestedSignatures: ['WINDOWS_v100_X64_RS3_FULL'] },
      says: /WINDOWS_v100_X64_RS3_FULL was requested/,
    },
    'an HLK package for attestation': {
      bytes: () => buildHlkx(),
      says: /^Attestation takes a signed cabinet/,
    },
  }

for (const [title, { bytes, product, says }] of Object.entries(badPackages)) {
  test(`${title}: the commit fails with the reason, and the report can be fetched`, async () => {
    const { submission, report } = await outcome({}, await bytes(), product)
    assert.equal(submission.commitStatus, 'commitFailed')
    assert.equal(submission.workflowStatus.state, 'failed')
    const messages: string[] = submission.workflowStatus.messages
    assert.ok(
      messages.some((message) => says.test(message)),
      messages.join('\n'),
    )
    assert.ok(report?.includes(messages[0] ?? 'no message'))
    assert.equal(downloadOf(submission, 'signedPackage'), undefined)
  })
}

test('an attestation product may ask for a server signature, and fails after the commit [7-31]', async () => {
  const codes = ['WINDOWS_v100_X64_RS5_FULL', 'WINDOWS_v100_SERVER_X64_RS5_FULL']
  const { submission } = await outcome({}, await driverCab(), { requestedSignatures: codes })
  assert.equal(submission.workflowStatus.state, 'failed')
  assert.match(
    submission.workflowStatus.messages[0],
    /WINDOWS_v100_SERVER_X64_RS5_FULL cannot be had by attestation/,
  )
})

test('a product has one initial submission for ever, also after a failure [7-33]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const { id } = await client.createSubmission(productId)
  const path = `/products/${productId}/submissions`
  const again = () => client.want(400, 'POST', path, { name: 'second', type: 'initial' })
  const refusal = {
    error: { code: 'requestInvalidForCurrentState', message: 'Initial submission already exists' },
  }
  assert.deepEqual(await again(), refusal)
  await client.want(202, 'POST', `${path}/${id}/commit`)
  await finish(server)
  assert.deepEqual(await again(), refusal)
  const failed = await client.want(403, 'PATCH', `${path}/${id}`, { name: 'other' })
  assert.equal(failed.error.message, 'Cannot update the submission since the workflows failed')
})

test('of many clients that make the initial submission at once one does [7-33]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const wish = { name: 'n', type: 'initial' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.ask('POST', `/products/${productId}/submissions`, wish)),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  assert.equal(answers.filter(({ status }) => status === 400).length, 19)
})

test('a derived submission is refused on attestation, and on anything without a finished initial one [7-32]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const derive = async (productId: string) =>
    (await client.want(400, 'POST', `/products/${productId}/submissions`, { type: 'derived' })).error
  const message =
    'Cannot create derived submission for Attestation, TestSigned and ExtensionInf type of products.'
  assert.deepEqual(await derive(await client.createProduct()), { code: 'invalidInput', message })
  const testSigned = await client.createProduct({ testHarness: 'hlk', isTestSign: true })
  assert.deepEqual(await derive(testSigned), { code: 'invalidInput', message })
  const hlk = await client.createProduct({ testHarness: 'hlk' })
  assert.deepEqual(await derive(hlk), {
    code: 'requestInvalidForCurrentState',
    message: 'Cannot create derived submission since no initial submission created',
  })
  await client.createSubmission(hlk)
  assert.equal((await derive(hlk)).code, 'requestInvalidForCurrentState')
  for (const wish of [{ name: 'n' }, { name: 'n', type: 'other' }, { name: 3, type: 'initial' }]) {
    const answer = await client.ask('POST', `/products/${hlk}/submissions`, wish)
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'invalidInput'])
  }
})

test('a finished HLK submission has a shell, which can be derived from, on a line of its own', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const hlkx = await buildHlkx()
  const product = { testHarness: 'hlk', requestedSignatures: ['WINDOWS_v100_X64_GE_FULL'] }
  const { productId, submissionId } = await client.publish({ product, bytes: hlkx })
  const initial = await client.submission(productId, submissionId)
  const shell = downloadOf(initial, 'derivedPackage') ?? ''
  assert.match(decodeURIComponent(shell), new RegExp(`filename=Shell_${submissionId}\\.hlkx`))
  assert.match(decodeURIComponent(downloadOf(initial, 'initialPackage') ?? ''), /filename=initial_\d+\.hlkx/)
  const bytes = (await client.blob('GET', shell)).bytes
  const derived = await client.createSubmission(productId, { type: 'derived', name: 'DUA' })
  assert.deepEqual([derived.type, derived.commitStatus], ['derived', 'commitPending'])
  await client.upload(derived, bytes)
  await client.want(202, 'POST', `/products/${productId}/submissions/${derived.id}/commit`)
  await finish(server)
  const done = await client.submission(productId, derived.id)
  assert.equal(done.workflowStatus.state, 'completed', JSON.stringify(done.workflowStatus))
  assert.ok(downloadOf(done, 'signedPackage'))
  assert.equal(downloadOf(done, 'derivedPackage'), undefined)
  const { value } = await client.want(200, 'GET', `/products/${productId}/submissions`)
  assert.deepEqual(
    value.map(({ id, type }: Json) => [id, type]),
    [
      [submissionId, 'initial'],
      [derived.id, 'derived'],
    ],
  )
})

test('publisher metadata can be asked for once the submission is finished; it is there already [R10][7-41]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const pending = await client.createProduct()
  const early = await client.createSubmission(pending)
  const refused = await client.want(
    400,
    'POST',
    `/products/${pending}/submissions/${early.id}/createpublishermetadata`,
  )
  assert.equal(refused.error.code, 'requestInvalidForCurrentState')
  const { productId, submissionId } = await client.publish()
  const path = `/products/${productId}/submissions/${submissionId}`
  assert.ok(downloadOf(await client.want(200, 'GET', path), 'driverMetadata'))
  for (const body of [undefined, '{}']) {
    const answer = await client.ask('POST', `${path}/createpublishermetadata`, body)
    assert.deepEqual([answer.status, answer.text], [202, ''])
  }
})

test('an unfinished submission has no signedPackage, and nothing but that tells of it [7-46]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct(attestation)
  const { id } = await client.createSubmission(productId)
  const answer = await client.ask('GET', `/products/${productId}/submissions/${id}`)
  assert.equal(answer.status, 200)
  assert.equal(downloadOf(answer.json, 'signedPackage'), undefined)
  assert.deepEqual(answer.json.downloads.messages, [])
})
