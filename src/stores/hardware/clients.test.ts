import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockBlobClient } from '@azure/storage-blob'
import {
  attestation,
  downloadOf,
  driverCab,
  finish,
  finishLabel,
  hardwareClient,
  type Json,
  readJson,
  startHardware,
  unzip,
} from '../../../test/helpers/hardware-client.ts'
import { buildHlkx } from '../../../test/helpers/hlkx-builder.ts'
import { tokenOf } from '../../../test/helpers/microsoft-client.ts'

/** The sequences of microsoft-hardware.md section 6, request by request, with what each client insists on. */

test('WDS: create, create, SDK upload, commit without a type, poll, ranged SDK download over a socket [7-24][7-26]', async () => {
  await using server = await startHardware()
  const origin = await server.listen()
  const authorization = `Bearer ${await tokenOf(server)}`
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { authorization, ...(body ? { 'content-type': 'application/json' } : {}) }
    const url = `${origin}/v2.0/my/hardware${path}`
    const answer = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    return { status: answer.status, text: await answer.text() }
  }
  const { selectedProductTypes: _, ...wish } = attestation
  const product = await ask('POST', '/products/', { ...wish, isTestSign: 0 })
  assert.equal(product.status, 201)
  const productId = readJson(product.text).id
  const submission = await ask('POST', `/products/${productId}/submissions`, { name: 'n', type: 'initial' })
  assert.equal(submission.status, 201)
  const { id, downloads } = readJson(submission.text)
  const cab = await driverCab()
  // Refuses to replace anything, as `upload_blob` does.
  await new BlockBlobClient(downloads.items[0].url).uploadData(cab, { conditions: { ifNoneMatch: '*' } })
  const commit = await ask('POST', `/products/${productId}/submissions/${id}/commit`)
  assert.deepEqual([commit.status, commit.text], [202, ''])
  await finish(server)
  const done = readJson((await ask('GET', `/products/${productId}/submissions/${id}`)).text)
  assert.deepEqual(
    [done.workflowStatus.currentStep, done.workflowStatus.state],
    ['finalizeIngestion', 'completed'],
  )
  const zip = await new BlockBlobClient(downloadOf(done, 'signedPackage') ?? '').downloadToBuffer()
  assert.ok(unzip(zip).has('drivers/contoso/contoso.cat'))
})

test('SDCM: nulls and request ids, upload, commit with {}, wait, download and metadata by HEAD and GET, a label of all ids, its list, audiences', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const ids = { 'ms-correlationid': 'c', 'ms-requestid': 'r' }
  const product = await client.want(201, 'POST', '/products', { ...attestation, packageType: null }, ids)
  for (const code of product.requestedSignatures) assert.equal(typeof code, 'string')
  const submission = await client.createSubmission(product.id)
  await client.upload(await client.submission(product.id, submission.id), await driverCab())
  const path = `/products/${product.id}/submissions/${submission.id}`
  await client.want(202, 'POST', `${path}/commit`, '{}', { 'content-type': 'application/json' })
  let wait: Json
  for (let poll = 0; poll < 20; poll++) {
    wait = await client.want(200, 'GET', path)
    assert.ok(wait.workflowStatus && !('errorReport' in wait.workflowStatus))
    if (downloadOf(wait, 'signedPackage') && downloadOf(wait, 'driverMetadata')) break
    await server.elapse(250)
  }
  const url = downloadOf(wait, 'driverMetadata') ?? ''
  assert.equal((await client.blob('HEAD', url)).status, 200)
  const metadata = (await client.blob('GET', url)).json
  const hardwareIds = Object.entries<Json>(metadata.BundleInfoMap).flatMap(([bundleId, bundle]) =>
    Object.entries<Json>(bundle.InfInfoMap).flatMap(([infId, inf]) =>
      Object.entries<Json>(inf.OSPnPInfoMap).flatMap(([operatingSystemCode, pnp]) =>
        Object.keys(pnp).map((pnpString) => ({ bundleId, infId, operatingSystemCode, pnpString })),
      ),
    ),
  )
  const label = await client.want(201, 'POST', `${path}/shippingLabels`, {
    name: 'label',
    destination: 'windowsUpdate',
    publishingSpecifications: {
      goLiveDate: '2026-01-08T00:00:00',
      visibleToAccounts: [],
      manualAcquisition: true,
    },
    targeting: {
      hardwareIds,
      chids: [],
      restrictedToAudiences: [],
      inServicePublishInfo: { flooring: '', ceiling: '' },
    },
  })
  await finishLabel(server)
  const { value } = await client.want(200, 'GET', `${path}/shippingLabels?includeTargetingInfo=true`)
  assert.deepEqual([value[0].id, value[0].targeting.hardwareIds.length], [label.id, hardwareIds.length])
  assert.ok(value[0].publishingSpecifications.additionalInfoForMsApproval.affectedOems)
  await client.want(200, 'GET', '/audiences')
})

test('NODE: the id is the end of the first link, the upload the first download, 201 and 202 exactly; v1.0 of the Python client as well [7-3][7-4][7-5]', async () => {
  await using server = await startHardware()
  for (const root of ['/v2.0/my/hardware', '/v1.0/my/hardware']) {
    const client = await hardwareClient(server, { root })
    const json = { 'content-type': 'application/json' }
    const product = await client.want(201, 'POST', '/products/', attestation)
    const productId = product.links[0].href.split('/').pop()
    assert.equal(productId, product.id)
    const wish = { name: 'n', type: 'initial' }
    const submission = await client.want(201, 'POST', `/products/${productId}/submissions/`, wish)
    const id = submission.links[0].href.split('/').pop()
    const put = await client.blob('PUT', submission.downloads.items[0].url, await driverCab(), {
      'x-ms-blob-type': 'BlockBlob',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String((await driverCab()).length),
    })
    assert.equal(put.status, 201)
    const empty = { ...json, 'content-length': '0' }
    await client.want(202, 'POST', `/products/${productId}/submissions/${id}/commit`, undefined, empty)
    await finish(server)
    const again = await hardwareClient(server, { root })
    const done = await again.want(200, 'GET', `/products/${productId}/submissions/${id}`, undefined, empty)
    assert.equal(done.workflowStatus.state, 'completed')
    assert.ok(downloadOf(done, 'signedPackage'))
  }
})

test('ATT: a commit that is refused because it was done already is told by a GET [7-35]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { announcementDate: _, ...wish } = attestation
  const { productId, submissionId } = await client.publish({ product: wish })
  assert.equal(
    (await client.ask('POST', `/products/${productId}/submissions/${submissionId}/commit`)).status,
    400,
  )
  const { commitStatus, workflowStatus } = await client.submission(productId, submissionId)
  assert.deepEqual([commitStatus, workflowStatus.state], ['commitComplete', 'completed'])
})

test('WU: the metadata without a token, a label with an empty go-live date and CHIDs [7-20]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const submission = await client.submission(productId, submissionId)
  const metadata = (await client.blob('GET', downloadOf(submission, 'driverMetadata') ?? '')).json
  const [bundleId, bundle] = Object.entries<Json>(metadata.BundleInfoMap)[0] ?? ['', {}]
  const target = {
    bundleId,
    infId: 'contoso.inf',
    operatingSystemCode: 'WINDOWS_v100_X64_GE_FULL',
    pnpString: 'root\\contoso',
  }
  assert.ok(bundle.InfInfoMap['contoso.inf'])
  const label = await client.want(
    201,
    'POST',
    `/products/${productId}/submissions/${submissionId}/shippingLabels`,
    {
      name: 'WU',
      destination: 'windowsUpdate',
      targeting: { hardwareIds: [target], chids: [{ chid: '0f3c1b6e-58a2-4f0c-9d57-3d1c6d0f7a11' }] },
      publishingSpecifications: {
        goLiveDate: '',
        visibleToAccounts: [],
        isAutoInstallDuringOSUpgrade: true,
        isAutoInstallOnApplicableSystems: true,
        manualAcquisition: false,
        isDisclosureRestricted: false,
        publishToWindows10s: false,
        additionalInfoForMsApproval: {
          microsoftContact: 'a@b.c',
          affectedOems: ['x'],
          businessJustification: 'y',
        },
      },
    },
  )
  assert.ok(BigInt(label.id) > 2n ** 60n)
})

test('PSDUA: the shell of a finished HLK submission, a derived one without a name, commit and polls with a slash [7-6]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { testHarness: _, ...wish } = attestation
  const product = { ...wish, testHarness: undefined, requestedSignatures: ['WINDOWS_v100_X64_GE_FULL'] }
  const { productId, submissionId } = await client.publish({ product, bytes: await buildHlkx() })
  const initial = await client.want(200, 'GET', `/products/${productId}/submissions/${submissionId}/`)
  const names = ['signedPackage', 'derivedPackage'].map(
    (type) => new URL(downloadOf(initial, type) ?? '').searchParams.get('rscd')?.split('filename=')[1],
  )
  assert.deepEqual(names, [`Signed_${submissionId}.zip`, `Shell_${submissionId}.hlkx`])
  const derived = await client.want(201, 'POST', `/products/${productId}/submissions/`, { type: 'derived' })
  await client.upload(derived, await buildHlkx())
  await client.want(202, 'POST', `/products/${productId}/submissions/${derived.id}/commit/`, '{}')
  await finish(server)
  const done = await client.want(200, 'GET', `/products/${productId}/submissions/${derived.id}/`)
  assert.equal(done.workflowStatus.state, 'completed')
})
