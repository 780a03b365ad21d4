import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goThrough,
  type Json,
  microsoftClient,
  pathOf,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import { operator } from '../../../test/helpers/scenario.ts'

const { appId, flightId, addOnId, packageId, imageId } = seededStore
const submissions = `applications/${appId}/submissions`

async function started(flags: Parameters<typeof startMicrosoft>[0] = {}) {
  const server = await startMicrosoft(flags)
  const client = await microsoftClient(server)
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a created submission is 201 with a copy of the published one in the live order of members [E5][E6][F4][7-1][7-18]', async () => {
  await using at = await started()
  const { client } = at
  const answer = await client.ask('POST', submissions)
  assert.equal(answer.status, 201)
  const draft = answer.json
  assert.deepEqual(Object.keys(draft), [
    'id',
    'applicationCategory',
    'pricing',
    'visibility',
    'targetPublishMode',
    'targetPublishDate',
    'listings',
    'hardwarePreferences',
    'automaticBackupEnabled',
    'canInstallOnRemovableMedia',
    'isGameDvrEnabled',
    'gamingOptions',
    'hasExternalInAppProducts',
    'meetAccessibilityGuidelines',
    'notesForCertification',
    'status',
    'statusDetails',
    'fileUploadUrl',
    'applicationPackages',
    'packageDeliveryOptions',
    'enterpriseLicensing',
    'allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies',
    'allowTargetFutureDeviceFamilies',
    'friendlyName',
    'trailers',
  ])
  const app = await client.want(200, 'GET', `applications/${appId}`)
  const live = await client.want(200, 'GET', app.lastPublishedApplicationSubmission.resourceLocation)
  const differs = new Set(['id', 'status', 'fileUploadUrl', 'friendlyName'])
  for (const [name, value] of Object.entries(draft)) {
    if (!differs.has(name)) assert.deepEqual(value, live[name], name)
  }
  assert.equal(draft.status, 'PendingCommit')
  assert.equal(draft.friendlyName, 'Submission 2')
  assert.equal(draft.applicationPackages[0].id, packageId)
  assert.equal(draft.applicationPackages[0].fileStatus, 'Uploaded')
  assert.equal(draft.listings['en-us'].baseListing.images[0].id, imageId)
  const read = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual({ ...read, fileUploadUrl: '' }, { ...draft, fileUploadUrl: '' })
})

test('a listing, an image, a package and delivery options have all their members, also those clients index blindly [F6][F7][F8][F9][7-31][7-34][7-36]', async () => {
  await using at = await started()
  const draft = await at.client.want(201, 'POST', submissions)
  assert.deepEqual(Object.keys(draft.listings['de-de'].baseListing), [
    'copyrightAndTrademarkInfo',
    'keywords',
    'licenseTerms',
    'privacyPolicy',
    'supportContact',
    'websiteUrl',
    'description',
    'features',
    'releaseNotes',
    'images',
    'recommendedHardware',
    'minimumHardware',
    'title',
    'shortDescription',
    'shortTitle',
    'sortTitle',
    'voiceTitle',
    'devStudio',
  ])
  assert.deepEqual(draft.listings['de-de'].platformOverrides, {})
  assert.deepEqual(Object.keys(draft.listings['en-us'].baseListing.images[0]), [
    'fileName',
    'fileStatus',
    'id',
    'imageType',
  ])
  assert.deepEqual(draft.applicationPackages[0], {
    fileName: 'SandboxApp_0.0.1.0_x64.msix',
    fileStatus: 'Uploaded',
    id: packageId,
    version: '0.0.1.0',
    architecture: 'x64',
    targetPlatform: 'Windows10',
    languages: ['en-US'],
    capabilities: ['runFullTrust'],
    minimumDirectXVersion: 'None',
    minimumSystemRam: 'None',
    targetDeviceFamilies: ['Windows.Desktop min version 10.0.17763.0'],
  })
  assert.deepEqual(draft.packageDeliveryOptions, {
    packageRollout: {
      isPackageRollout: false,
      packageRolloutPercentage: 0,
      packageRolloutStatus: 'PackageRolloutNotStarted',
      fallbackSubmissionId: '0',
    },
    isMandatoryUpdate: false,
    mandatoryUpdateEffectiveDate: '1601-01-01T00:00:00.0000000Z',
  })
  assert.equal(draft.targetPublishDate, '1601-01-01T00:00:00.0000000Z')
})

test('every submission carries the warning about sales in three lists, and prices have no sales [F12][7-39]', async () => {
  await using at = await started()
  const draft = await at.client.want(201, 'POST', submissions)
  const salesUnsupported = {
    code: 'SalesUnsupportedWarning',
    details:
      'The sales resource is no longer supported. To view or edit the sales data for this submission, use the Dev Center dashboard.',
  }
  assert.deepEqual(draft.statusDetails, {
    errors: [],
    warnings: [salesUnsupported],
    certificationReports: [],
  })
  assert.deepEqual(await at.client.want(200, 'GET', `${submissions}/${draft.id}/status`), {
    status: 'PendingCommit',
    statusDetails: draft.statusDetails,
  })
  assert.deepEqual(draft.pricing.sales, [])
})

test('an update replaces the document and answers what is stored, with a place to upload to [E7][7-23]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', submissions)
  const changed = {
    ...draft,
    applicationCategory: 'Games_Casino',
    visibility: 'Hidden',
    notesForCertification: 'none',
    meetAccessibilityGuidelines: true,
  }
  const answer = await client.want(200, 'PUT', `${submissions}/${draft.id}`, changed)
  for (const name of [
    'applicationCategory',
    'visibility',
    'notesForCertification',
    'meetAccessibilityGuidelines',
  ]) {
    assert.equal(answer[name], changed[name as keyof typeof changed], name)
  }
  const read = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual({ ...read, fileUploadUrl: '' }, { ...answer, fileUploadUrl: '' })
  for (const { fileUploadUrl } of [draft, answer, read]) {
    assert.equal(pathOf(fileUploadUrl).split('?')[0], pathOf(draft.fileUploadUrl).split('?')[0])
  }
  // What is left out of an update is back to its default.
  const { meetAccessibilityGuidelines: _, ...less } = answer
  const replaced = await client.want(200, 'PUT', `${submissions}/${draft.id}`, less)
  assert.equal(replaced.meetAccessibilityGuidelines, false)
})

test('a committed submission walks the documented statuses until it is published [E8][E10][7-1][7-40]', async () => {
  await using at = await started()
  const { client, server } = at
  const { id } = await client.want(201, 'POST', submissions)
  const commit = await client.ask('POST', `${submissions}/${id}/commit`)
  assert.equal(commit.status, 202)
  assert.equal(commit.text, '{"status":"CommitStarted"}')
  const seen = ['CommitStarted']
  for (const milliseconds of [500, 500, 1000, 200, 200, 500]) {
    await server.elapse(milliseconds)
    seen.push((await client.want(200, 'GET', `${submissions}/${id}/status`)).status)
  }
  assert.deepEqual(seen, [
    'CommitStarted',
    'PreProcessing',
    'Certification',
    'Release',
    'PendingPublication',
    'Publishing',
    'Published',
  ])
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.equal(app.lastPublishedApplicationSubmission.id, id)
  assert.ok(!('pendingApplicationSubmission' in app))
})

test('the reference stays pending while the submission is on its way', async () => {
  await using at = await started()
  const { client, server } = at
  const { id } = await client.want(201, 'POST', submissions)
  await client.want(202, 'POST', `${submissions}/${id}/commit`)
  for (const milliseconds of [500, 500, 1000]) {
    await server.elapse(milliseconds)
    const app = await client.want(200, 'GET', `applications/${appId}`)
    assert.equal(app.pendingApplicationSubmission.id, id)
    assert.notEqual(app.lastPublishedApplicationSubmission.id, id)
  }
})

test('a deleted submission is 204 with a length of 0 and nothing else, and gone [E9][7-1][7-11][7-14]', async () => {
  await using at = await started()
  const { client } = at
  const { id } = await client.want(201, 'POST', submissions)
  const answer = await client.ask('DELETE', `${submissions}/${id}`)
  assert.equal(answer.status, 204)
  assert.equal(answer.text, '')
  assert.equal(answer.headers['content-length'], '0')
  assert.equal(answer.headers['content-type'], undefined)
  const gone = await client.want(404, 'GET', `${submissions}/${id}`)
  assert.equal(gone.message, 'Submission not found')
  await client.want(201, 'POST', submissions)
})

test('with Manual and with SpecificDate the submission rests in Release until it is released [7-40]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, { ...draft, targetPublishMode: 'Manual' })
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  await server.elapse(600_000)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}/status`)).status, 'Release')
  await server.engine.actOnSubmission(operator, { id: draft.id, action: 'release' })
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}/status`)).status, 'Published')

  const dated = await client.want(201, 'POST', submissions)
  const targetPublishDate = new Date(server.clock.now() + 1_200_000).toISOString()
  const wish = { ...dated, targetPublishMode: 'SpecificDate', targetPublishDate }
  const stored = await client.want(200, 'PUT', `${submissions}/${dated.id}`, wish)
  assert.equal(stored.targetPublishDate, targetPublishDate.replace('Z', '0000Z'))
  await client.want(202, 'POST', `${submissions}/${dated.id}/commit`)
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${dated.id}/status`)).status, 'Release')
  await server.elapse(1_200_000)
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${dated.id}/status`)).status, 'Published')
})

test('a submission that is rejected ends in CertificationFailed with errors and a report [7-41]', async () => {
  await using at = await started({ review: 'manual' })
  const { client, server } = at
  const { id } = await client.want(201, 'POST', submissions)
  await client.want(202, 'POST', `${submissions}/${id}/commit`)
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${id}/status`)).status, 'Certification')
  await server.engine.actOnSubmission(operator, {
    id,
    action: 'reject',
    findings: [{ code: 'crashes', severity: 'error', message: '10.1.2.10: it crashes' }],
  })
  const { status, statusDetails } = await client.want(200, 'GET', `${submissions}/${id}/status`)
  assert.equal(status, 'CertificationFailed')
  assert.deepEqual(statusDetails.errors, [{ code: 'Other', details: '10.1.2.10: it crashes' }])
  assert.equal(statusDetails.certificationReports.length, 1)
  const [report] = statusDetails.certificationReports
  assert.match(report.date, /^2026-01-01T00:00:\d\d\.\d{7}Z$/)
  assert.match(report.reportUrl, /^http:\/\/.*\/api\/v1\/submissions\/\d{19}$/)
  assert.equal((await client.ask('DELETE', `${submissions}/${id}`)).status, 204)
})

test('while one is pending, a second create is 409 InvalidState in the words that scripts look for [7-46]', async () => {
  await using at = await started()
  const { client, server } = at
  const { id } = await client.want(201, 'POST', submissions)
  const conflict = {
    code: 'InvalidState',
    data: [],
    details: [],
    message: 'Create submission failed, status code Conflict, reason phrase Conflict',
    source: 'Ingestion Api',
    target: 'submission',
  }
  assert.deepEqual(await client.want(409, 'POST', submissions), conflict)
  // The app, its flights and its add-ons are independent of each other.
  await client.want(201, 'POST', `applications/${appId}/flights/${flightId}/submissions`)
  await client.want(201, 'POST', `inappproducts/${addOnId}/submissions`)
  await client.want(202, 'POST', `${submissions}/${id}/commit`)
  for (let step = 0; step < 6; step++) {
    assert.deepEqual(await client.want(409, 'POST', submissions), conflict)
    await server.elapse(step === 2 ? 1000 : 500)
  }
  await client.want(201, 'POST', submissions)
})

test('a create that was repeated because its answer was lost is 409, and the app shows the draft it made [7-45]', async () => {
  await using at = await started()
  const { client } = at
  const lost = await client.want(201, 'POST', submissions)
  assert.equal((await client.want(409, 'POST', submissions)).code, 'InvalidState')
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.equal(app.pendingApplicationSubmission.id, lost.id)
})

test('commit, update and delete of what was committed are 409 InvalidState', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  for (const milliseconds of [0, 500, 500, 1000, 200, 200, 500]) {
    await server.elapse(milliseconds)
    for (const [method, path, body] of [
      ['POST', `${submissions}/${draft.id}/commit`, undefined],
      ['PUT', `${submissions}/${draft.id}`, draft],
      ['DELETE', `${submissions}/${draft.id}`, undefined],
    ] as const) {
      const refused = await client.want(409, method, path, body)
      assert.equal(refused.code, 'InvalidState', `${method} ${path}`)
    }
  }
})

test('a commit that failed can only be deleted, and the next draft begins at what is published', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  draft.applicationPackages.push({ fileName: 'never.msix', fileStatus: 'PendingUpload' })
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}`)).status, 'CommitFailed')
  assert.equal((await client.want(409, 'POST', submissions)).code, 'InvalidState')
  await client.want(409, 'POST', `${submissions}/${draft.id}/commit`)
  await client.want(409, 'PUT', `${submissions}/${draft.id}`, draft)
  assert.equal((await client.ask('DELETE', `${submissions}/${draft.id}`)).status, 204)
  const next = await client.want(201, 'POST', submissions)
  assert.deepEqual(
    next.applicationPackages.map(({ id }: Json) => id),
    [packageId],
  )
})

test('a draft made in the portal has no upload URL, and is neither changed nor deleted nor committed [7-23][7-46]', async () => {
  await using at = await started()
  const { client, server } = at
  const { id } = await server.engine.createSubmission(operator, appId, { byHand: true })
  const draft = await client.want(200, 'GET', `${submissions}/${id}`)
  assert.equal(draft.fileUploadUrl, null)
  assert.equal(draft.status, 'PendingCommit')
  const portalDraft = {
    code: 'InvalidOperation',
    data: [],
    details: [],
    message:
      'Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API',
    source: 'Ingestion Api',
    target: 'applicationSubmission',
  }
  assert.deepEqual(await client.want(400, 'PUT', `${submissions}/${id}`, draft), portalDraft)
  assert.deepEqual(await client.want(400, 'POST', `${submissions}/${id}/commit`), portalDraft)
  assert.deepEqual(await client.want(400, 'DELETE', `${submissions}/${id}`), portalDraft)
  assert.equal((await client.want(409, 'POST', submissions)).code, 'InvalidState')
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.equal(app.pendingApplicationSubmission.id, id)
})

test('an app that was never published in the portal gets no submission', async () => {
  await using at = await started()
  await at.server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Reserved only',
  })
  const refused = await at.client.want(409, 'POST', 'applications/9NBLGGH4R315/submissions')
  assert.equal(refused.code, 'InvalidState')
})

test('isMinimalResponse leaves out listings and packages of the reply, and nothing of the draft [7-42]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', `${submissions}?isMinimalResponse=true`)
  assert.ok(!('listings' in draft) && !('applicationPackages' in draft))
  assert.equal(draft.status, 'PendingCommit')
  assert.ok(draft.fileUploadUrl)
  const full = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(full.applicationPackages.length, 1)
  const flight = `applications/${appId}/flights/${flightId}/submissions?isMinimalResponse=true`
  const flightDraft = await client.want(201, 'POST', flight)
  assert.ok(!('flightPackages' in flightDraft))
})

test('the next draft copies what the last one published, with the ids of its packages [7-18][7-32]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  draft.applicationPackages.push({ fileName: 'app.msix', fileStatus: 'PendingUpload' })
  const stored = await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  assert.deepEqual(
    stored.applicationPackages.map(({ id, version, fileStatus }: Json) => [id, version, fileStatus]),
    [
      [packageId, '0.0.1.0', 'Uploaded'],
      ['', '', 'PendingUpload'],
    ],
  )
  await client.uploadFiles(draft.fileUploadUrl, { 'app.msix': buildMsix() })
  assert.equal(
    (await client.want(200, 'GET', `${submissions}/${draft.id}`)).applicationPackages[1].version,
    '',
  )
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const published = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(published.status, 'Published')
  assert.equal(published.applicationPackages[1].version, '1.2.3.0')
  assert.match(published.applicationPackages[1].id, /^\d{19}$/)
  const next = await client.want(201, 'POST', submissions)
  assert.deepEqual(next.applicationPackages, published.applicationPackages)
  assert.equal(next.friendlyName, 'Submission 3')
})

test('ids are texts of 19 digits, beyond what a number holds [7-44]', async () => {
  await using at = await started()
  const answer = await at.client.ask('POST', submissions)
  assert.match(answer.json.id, /^1152921\d{12}$/)
  assert.ok(BigInt(answer.json.id) > BigInt(Number.MAX_SAFE_INTEGER))
  assert.match(answer.text, /^\{"id":"\d{19}",/)
})
