import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as always, asyncProperty, bigInt, uniqueArray } from 'fast-check'
import {
  downloadOf,
  driverCab,
  finishLabel,
  type HardwareClient,
  hardwareClient,
  type Json,
  startHardware,
} from '../../../test/helpers/hardware-client.ts'
import type { InfOptions } from '../../../test/helpers/inf-builder.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'

const chid = '0f3c1b6e-58a2-4f0c-9d57-3d1c6d0f7a11'
const audience = '9d1f2b51-6c40-4f5e-9d0b-0f6c1e7a0001'

interface Ready {
  readonly server: TestServer
  readonly client: HardwareClient
  readonly path: string
  readonly target: Json
  readonly targets: Json[]
}

/** A finished submission, and every hardware id of its metadata as a label names it. */
async function ready(server: TestServer, inf: InfOptions = {}, product: object = {}): Promise<Ready> {
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish({
    product,
    bytes: await driverCab({ contoso: inf }),
  })
  const submission = await client.submission(productId, submissionId)
  const metadata = (await client.blob('GET', downloadOf(submission, 'driverMetadata') ?? '')).json
  const targets: Json[] = []
  for (const [bundleId, bundle] of Object.entries<Json>(metadata.BundleInfoMap)) {
    for (const [infId, info] of Object.entries<Json>(bundle.InfInfoMap)) {
      for (const [operatingSystemCode, ids] of Object.entries<Json>(info.OSPnPInfoMap)) {
        for (const pnpString of Object.keys(ids))
          targets.push({ bundleId, infId, operatingSystemCode, pnpString })
      }
    }
  }
  const path = `/products/${productId}/submissions/${submissionId}/shippingLabels`
  return { server, client, path, targets, target: targets[0] }
}

function label({ target }: Ready, change: object = {}) {
  return {
    name: 'Release',
    destination: 'windowsUpdate',
    publishingSpecifications: {
      goLiveDate: '2026-02-22T06:50:54.793Z',
      visibleToAccounts: [27691110],
      isAutoInstallDuringOSUpgrade: true,
      isAutoInstallOnApplicableSystems: false,
      manualAcquisition: false,
      isDisclosureRestricted: false,
      publishToWindows10s: true,
      additionalInfoForMsApproval: {
        microsoftContact: 'a@example.com',
        validationsPerformed: 'all',
        affectedOems: ['Contoso'],
        isRebootRequired: false,
        isCoEngineered: false,
        isForUnreleasedHardware: false,
        hasUiSoftware: false,
        businessJustification: 'none',
      },
    },
    targeting: { hardwareIds: [target], chids: [{ chid }], restrictedToAudiences: [audience] },
    ...change,
  }
}

const manual = {
  isAutoInstallDuringOSUpgrade: false,
  isAutoInstallOnApplicableSystems: false,
  manualAcquisition: true,
}
const sharing = {
  destination: 'anotherPartner',
  recipientSpecifications: { receiverPublisherId: '27691110', enforceChidTargeting: false },
}

test('a new label is 201, not started, without its targeting [R13]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id, links, ...rest } = await at.client.want(201, 'POST', at.path, label(at))
  assert.deepEqual(links, [
    { href: `http://localhost:80/v2.0/my/hardware${at.path}/${id}`, rel: 'self', method: 'GET' },
    {
      href: `http://localhost:80/v2.0/my/hardware${at.path}/${id}`,
      rel: 'update_shippinglabel',
      method: 'PATCH',
    },
  ])
  const [, , productId, , submissionId] = at.path.split('/')
  const { publishingSpecifications } = label(at)
  assert.deepEqual(rest, {
    productId,
    submissionId,
    publishingSpecifications: { ...publishingSpecifications, goLiveDate: '2026-02-22T06:50:54.793+00:00' },
    workflowStatus: { currentStep: 'preProcessShippingLabel', state: 'notStarted', messages: [] },
    name: 'Release',
    destination: 'windowsUpdate',
  })
})

test('targeting is shown only when asked for, and then with all its lists [R12][R14][7-17]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const plain = { isAutoInstallDuringOSUpgrade: false, manualAcquisition: true }
  const wish = label(at, { publishingSpecifications: plain, targeting: { hardwareIds: [at.target] } })
  const { id } = await at.client.want(201, 'POST', at.path, wish)
  for (const path of [at.path, `${at.path}/${id}`]) {
    const without = await at.client.want(200, 'GET', path)
    const one = without.value?.[0] ?? without
    assert.ok(!('targeting' in one))
    assert.deepEqual(one.publishingSpecifications.additionalInfoForMsApproval.affectedOems, [])
    const shown = await at.client.want(200, 'GET', `${path}/?includeTargetingInfo=true`)
    assert.deepEqual((shown.value?.[0] ?? shown).targeting, {
      hardwareIds: [{ ...at.target, distributionState: 'pendingAdd' }],
      chids: [],
      restrictedToAudiences: [],
    })
  }
  await at.client.want(404, 'GET', `${at.path}/1152921504606978422`)
  await at.client.want(404, 'GET', `${at.path}/abc`)
})

test('seller ids are exact numbers, a receiver’s publisher id is a text [7-19]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const ids = uniqueArray(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 5 })
  await always(
    asyncProperty(ids, async (accounts) => {
      const text = JSON.stringify(label(at)).replace('27691110]', `${accounts.join(',')}]`)
      const answer = await at.client.ask('POST', at.path, text, { 'content-type': 'application/json' })
      assert.equal(answer.status, 201)
      assert.ok(answer.text.includes(`"visibleToAccounts":[${accounts.join(',')}]`))
      const read = await at.client.ask('GET', `${at.path}/${answer.json.id}`)
      assert.ok(read.text.includes(`"visibleToAccounts":[${accounts.join(',')}]`))
    }),
    { numRuns: 15 },
  )
  const shared = await at.client.want(201, 'POST', at.path, label(at, sharing))
  assert.equal(shared.recipientSpecifications.receiverPublisherId, '27691110')
  assert.ok(!('publishingSpecifications' in shared))
})

test('an empty goLiveDate means now, and the answer has a date [7-20]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  for (const goLiveDate of ['', undefined, null]) {
    const wish = label(at, {
      publishingSpecifications: { ...label(at).publishingSpecifications, goLiveDate },
    })
    const { publishingSpecifications } = await at.client.want(201, 'POST', at.path, wish)
    assert.equal(Date.parse(publishingSpecifications.goLiveDate), server.clock.now())
  }
})

test('manualAcquisition is the opposite of the automatic flags, which need the information for approval [7-21]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const specified = (change: object) => ({
    publishingSpecifications: { ...label(at).publishingSpecifications, ...change },
  })
  const wrong: [object, string][] = [
    [specified({ manualAcquisition: true }), 'publishingSpecifications.manualAcquisition'],
    [specified({ ...manual, manualAcquisition: false }), 'publishingSpecifications.manualAcquisition'],
    [
      specified({ additionalInfoForMsApproval: null }),
      'publishingSpecifications.additionalInfoForMsApproval',
    ],
    [{ publishingSpecifications: null }, 'publishingSpecifications'],
    [{ destination: 'anotherPartner' }, 'recipientSpecifications'],
    [{ destination: 'notSet' }, 'destination'],
    [{ name: '' }, 'name'],
    [specified({ goLiveDate: 'soon' }), 'publishingSpecifications.goLiveDate'],
    [specified({ visibleToAccounts: ['x'] }), 'publishingSpecifications.visibleToAccounts'],
    [{ targeting: { hardwareIds: [] } }, 'targeting.hardwareIds'],
    [
      {
        targeting: {
          hardwareIds: [at.target],
          inServicePublishInfo: { flooring: 'RS1' },
          coEngDriverPublishInfo: { flooringBuildNumber: 1 },
        },
      },
      'targeting.inServicePublishInfo',
    ],
  ]
  for (const [change, target] of wrong) {
    const { status, json } = await at.client.ask('POST', at.path, label(at, change))
    assert.deepEqual(
      [status, json.error.code, json.error.validationErrors[0].target],
      [400, 'invalidInput', target],
    )
  }
  await at.client.want(201, 'POST', at.path, label(at, specified(manual)))
})

test('a label names only hardware ids of the submission’s metadata', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const foreign = { ...at.target, pnpString: 'pci\\ven_8086' }
  const refused = await at.client.want(
    400,
    'POST',
    at.path,
    label(at, { targeting: { hardwareIds: [at.target, foreign] } }),
  )
  assert.equal(refused.error.validationErrors.length, 1)
  assert.equal(refused.error.validationErrors[0].target, 'targeting.hardwareIds')
  assert.match(refused.error.validationErrors[0].message, /pci\\ven_8086 .* is not in the driver metadata/)
  const louder = { ...at.target, pnpString: at.target.pnpString.toUpperCase() }
  await at.client.want(201, 'POST', at.path, label(at, { targeting: { hardwareIds: [louder] } }))
})

test('a label needs a submission past its preparation', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const productId = await client.createProduct()
  const { id } = await client.createSubmission(productId)
  const at = {
    target: { bundleId: 'b', infId: 'i', operatingSystemCode: 'c', pnpString: 'p' },
  } as unknown as Ready
  const path = `/products/${productId}/submissions/${id}/shippingLabels`
  assert.deepEqual((await client.want(400, 'POST', path, label(at))).error, {
    code: 'requestInvalidForCurrentState',
    message: "Submission isn't yet ready to create shipping label. Retry after some time.",
  })
})

test('an extension is published automatically only; CHIDs need Windows 10', async () => {
  await using server = await startHardware()
  const at = await ready(server, {
    version: {
      Class: 'Extension',
      ClassGuid: '{e2f84ce7-8efa-411c-aa69-97454ca4cb57}',
      ExtensionId: `{${chid}}`,
    },
  })
  const byHand = label(at, { publishingSpecifications: manual })
  const refused = await at.client.want(400, 'POST', at.path, byHand)
  assert.match(refused.error.message, /^Extension drivers must be published as an Automatic update/)
  await at.client.want(201, 'POST', at.path, label(at))
  const old = await ready(server, {}, { requestedSignatures: ['WINDOWS_7_X64'] })
  const older = await old.client.want(400, 'POST', old.path, label(old))
  assert.match(
    older.error.message,
    /^CHIDs are allowed only when HardwareIds are for operating systems Windows 10/,
  )
})

test('a label goes its steps and rests in approval long enough to be seen every five seconds [7-43]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id } = await at.client.want(201, 'POST', at.path, label(at))
  const seen: string[] = []
  const look = async () => {
    const { currentStep, state } = (await at.client.want(200, 'GET', `${at.path}/${id}`)).workflowStatus
    if (seen.at(-1) !== `${currentStep} ${state}`) seen.push(`${currentStep} ${state}`)
    return currentStep
  }
  while ((await look()) !== 'microsoftApproval') await server.elapse(200)
  await server.elapse(5000)
  assert.equal(await look(), 'microsoftApproval')
  await server.elapse(5000)
  assert.equal(await look(), 'microsoftApproval')
  await server.elapse(2000)
  for (let step = 0; step < 4; step++) {
    await look()
    await server.elapse(200)
  }
  assert.deepEqual(seen, [
    'preProcessShippingLabel notStarted',
    'preProcessShippingLabel started',
    'finalizePreProcessing started',
    'publishJobValidation started',
    'updateGeneration started',
    'microsoftApproval started',
    'publishing started',
    'finalizePublishing started',
    'finalizePublishing completed',
  ])
})

test('a label for a partner ends with finalizeSharing and cannot be cancelled', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id } = await at.client.want(201, 'POST', at.path, label(at, sharing))
  await finishLabel(server)
  const { workflowStatus } = await at.client.want(200, 'GET', `${at.path}/${id}`)
  assert.deepEqual(workflowStatus, { currentStep: 'finalizeSharing', state: 'completed', messages: [] })
  await at.client.want(400, 'PUT', `${at.path}/${id}/cancel`)
})

test('a label is cancelled in approval only, 204, and reads as failed [R16][7-42]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id } = await at.client.want(201, 'POST', at.path, label(at))
  const early = await at.client.want(400, 'PUT', `${at.path}/${id}/cancel`)
  assert.equal(early.error.code, 'requestInvalidForCurrentState')
  for (let step = 0; step < 5; step++) await server.elapse(200)
  const answer = await at.client.ask('PUT', `${at.path}/${id}/cancel`, 'null', {
    'content-type': 'application/json',
  })
  assert.deepEqual([answer.status, answer.text], [204, ''])
  const { workflowStatus } = await at.client.want(200, 'GET', `${at.path}/${id}`)
  assert.deepEqual([workflowStatus.currentStep, workflowStatus.state], ['microsoftApproval', 'failed'])
})

test('a change of a label adds and removes ids, and replaces audiences, an empty list clears them [R15][7-18]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id } = await at.client.want(201, 'POST', at.path, label(at))
  const own = `${at.path}/${id}`
  const moving = await at.client.want(400, 'PATCH', own, { targeting: { restrictedToAudiences: [] } })
  assert.match(moving.error.message, /^Cannot update the shipping label when another workflow is in progress/)
  await finishLabel(server)
  const [first, second] = at.targets
  assert.ok(first && second)
  const answer = await at.client.ask('PATCH', own, {
    targeting: {
      hardwareIds: [
        { ...second, action: 'add' },
        { ...first, action: 'remove' },
      ],
      chids: [{ chid, action: 'remove' }],
      restrictedToAudiences: [],
      businessJustification: 'x',
    },
  })
  assert.deepEqual([answer.status, answer.text], [204, ''])
  const { targeting } = await at.client.want(200, 'GET', `${own}?includeTargetingInfo=true`)
  assert.deepEqual(targeting, {
    hardwareIds: [{ ...second, distributionState: 'added' }],
    chids: [],
    restrictedToAudiences: [],
  })
  const foreign = { ...first, infId: 'other.inf', action: 'add' }
  await at.client.want(400, 'PATCH', own, { targeting: { hardwareIds: [foreign] } })
  const aimless = await at.client.want(422, 'PATCH', own, { targeting: { hardwareIds: [second] } })
  assert.equal(aimless.error.validationErrors[0].target, 'targetingInfo.hardwareIds')
})

test('a change that changes nothing is 422 with three targets, and so is one that says targetingInfo [7-18][7-47]', async () => {
  await using server = await startHardware()
  const at = await ready(server)
  const { id } = await at.client.want(201, 'POST', at.path, label(at))
  await finishLabel(server)
  const message = 'At least one property is required for update.'
  for (const body of [{}, { targeting: {} }, { targetingInfo: { restrictedToAudiences: [] } }]) {
    assert.deepEqual(await at.client.want(422, 'PATCH', `${at.path}/${id}`, body), {
      error: {
        code: 'invalidInput',
        message: 'Validation Failed.',
        validationErrors: [
          { target: 'targetingInfo.chids', message },
          { target: 'targetingInfo.hardwareIds', message },
          { target: 'targetingInfo.restrictedToAudiences', message },
        ],
      },
    })
  }
})
