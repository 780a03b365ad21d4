import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goThrough,
  microsoftClient,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'
import { buildMsix } from '../../../test/helpers/msix-builder.ts'
import { ranks } from './flights.ts'

const { appId, flightId } = seededStore
const flights = `applications/${appId}/flights`
const submissions = `${flights}/${flightId}/submissions`

async function started() {
  const server = await startMicrosoft()
  const client = await microsoftClient(server)
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a created flight is 201 with its first submission already pending [E19][F2][7-8]', async () => {
  await using at = await started()
  const { client } = at
  const wish = { friendlyName: 'myflight', groupIds: [0], rankHigherThan: null }
  const flight = await client.want(201, 'POST', flights, wish)
  assert.deepEqual(Object.keys(flight), [
    'flightId',
    'friendlyName',
    'pendingFlightSubmission',
    'groupIds',
    'rankHigherThan',
  ])
  assert.match(flight.flightId, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.deepEqual(
    [flight.friendlyName, flight.groupIds, flight.rankHigherThan],
    ['myflight', ['0'], flightId],
  )
  const { id, resourceLocation } = flight.pendingFlightSubmission
  assert.equal(resourceLocation, `flights/${flight.flightId}/submissions/${id}`)
  const draft = await client.want(200, 'GET', `applications/${appId}/${resourceLocation}`)
  assert.equal(draft.status, 'PendingCommit')
  assert.ok(draft.fileUploadUrl)
  assert.equal(
    (await client.want(409, 'POST', `${flights}/${flight.flightId}/submissions`)).code,
    'InvalidState',
  )
})

test('all members of a flight’s creation are optional; ranks are named by id, by friendly name or as the bottom [F2]', async () => {
  await using at = await started()
  const { client } = at
  const rankOf = async (rankHigherThan?: string) => {
    const body = rankHigherThan === undefined ? undefined : { friendlyName: 'x', rankHigherThan }
    return (await client.want(201, 'POST', flights, body)).rankHigherThan
  }
  assert.equal(await rankOf('Insiders'), flightId)
  assert.equal(await rankOf(flightId.toUpperCase()), flightId)
  assert.equal(await rankOf('Non-flighted submission'), 'Non-flighted submission')
  assert.notEqual(await rankOf(), flightId)
  const refused = await client.want(400, 'POST', flights, { rankHigherThan: 'nobody' })
  assert.deepEqual([refused.code, refused.target], ['InvalidParameterValue', 'rankHigherThan'])
  assert.equal((await client.want(400, 'POST', flights, { groupIds: [{}] })).target, 'groupIds')
})

test('a flight put between two others takes the place of the upper one’s neighbour', () => {
  const flight = (id: string, rankHigherThan: string | null) => ({
    id,
    data: { groupIds: [], rankHigherThan },
  })
  const bottom = 'Non-flighted submission'
  assert.deepEqual(
    [
      ...ranks([
        flight('a', null),
        flight('b', null),
        flight('c', 'a'),
        flight('d', bottom),
        flight('e', 'gone'),
      ]),
    ],
    [
      ['d', bottom],
      ['a', 'd'],
      ['c', 'a'],
      ['b', 'c'],
      ['e', 'b'],
    ],
  )
})

test('a flight is read by its id, and one that nobody has is 404 [E20]', async () => {
  await using at = await started()
  const { client } = at
  assert.deepEqual(await client.want(200, 'GET', `${flights}/${flightId}`), {
    flightId,
    friendlyName: 'Insiders',
    groupIds: ['1'],
    rankHigherThan: 'Non-flighted submission',
  })
  for (const id of ['44444444-4444-4444-4444-444444444445', 'no-id']) {
    const missing = await client.want(404, 'GET', `${flights}/${id}`)
    assert.deepEqual([missing.code, missing.target], ['ResourceNotFound', 'flightId'])
    await client.want(404, 'GET', `${flights}/${id}/submissions/1152921500000000000`)
    await client.want(404, 'POST', `${flights}/${id}/submissions`)
  }
})

test('a deleted flight is 204 and gone with its draft; while a submission is on its way it stays [E21]', async () => {
  await using at = await started()
  const { client, server } = at
  const { flightId: id } = await client.want(201, 'POST', flights, { friendlyName: 'short' })
  const answer = await client.ask('DELETE', `${flights}/${id}`)
  assert.deepEqual([answer.status, answer.text, answer.headers['content-length']], [204, '', '0'])
  await client.want(404, 'GET', `${flights}/${id}`)
  const draft = await client.want(201, 'POST', submissions)
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  assert.equal((await client.want(409, 'DELETE', `${flights}/${flightId}`)).code, 'InvalidState')
  await goThrough(server)
  assert.equal((await client.ask('DELETE', `${flights}/${flightId}`)).status, 204)
})

test('a flight’s first submission is an empty draft with the documented members in their order [E22][E23][F13][7-7]', async () => {
  await using at = await started()
  const answer = await at.client.ask('POST', submissions)
  assert.equal(answer.status, 201)
  const draft = answer.json
  assert.deepEqual(Object.keys(draft), [
    'id',
    'flightId',
    'status',
    'statusDetails',
    'flightPackages',
    'packageDeliveryOptions',
    'fileUploadUrl',
    'targetPublishMode',
    'targetPublishDate',
    'notesForCertification',
  ])
  assert.equal(draft.flightId, flightId)
  assert.deepEqual(draft.flightPackages, [])
  assert.equal(draft.targetPublishDate, '1601-01-01T00:00:00.0000000Z')
  const read = await at.client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual({ ...read, fileUploadUrl: '' }, { ...draft, fileUploadUrl: '' })
})

test('flight submissions are created by the document’s own path, without /my [D1]', async () => {
  await using at = await started()
  const { client } = at
  const path = `/v1.0/applications/${appId}/flights/${flightId}/submissions`
  const draft = await client.want(201, 'POST', path)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}`)).id, draft.id)
  assert.equal((await client.ask('GET', `/v1.0/applications/${appId}`)).status, 404)
})

test('a flight submission is updated, uploaded, committed and published [E24][E25][E27][F13][7-36]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions, {})
  const stored = await client.want(200, 'PUT', `${submissions}/${draft.id}`, {
    flightPackages: [
      {
        fileName: 'newPackage.appx',
        fileStatus: 'PendingUpload',
        id: '',
        version: '1.0.0.0',
        languages: ['en-us'],
        capabilities: [],
        minimumDirectXVersion: 'None',
        minimumSystemRam: 'None',
      },
    ],
    targetPublishMode: 'Immediate',
    targetPublishDate: '',
    notesForCertification: 'No special steps are required for certification of this app.',
  })
  assert.equal(stored.targetPublishDate, '1601-01-01T00:00:00.0000000Z')
  assert.equal(stored.notesForCertification, 'No special steps are required for certification of this app.')
  assert.deepEqual([stored.flightPackages[0].id, stored.flightPackages[0].version], ['', ''])
  await client.uploadFiles(stored.fileUploadUrl, { 'newPackage.appx': buildMsix() })
  assert.deepEqual(await client.want(202, 'POST', `${submissions}/${draft.id}/commit`), {
    status: 'CommitStarted',
  })
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}/status`)).status, 'Published')
  const flight = await client.want(200, 'GET', `${flights}/${flightId}`)
  assert.equal(flight.lastPublishedFlightSubmission.id, draft.id)
  const next = await client.want(201, 'POST', submissions)
  assert.equal(next.flightPackages[0].version, '1.2.3.0')
  const missing = await client.want(400, 'PUT', `${submissions}/${next.id}`, { flightPackages: [] })
  assert.match(missing.message, /^Please keep all file entries for existing packages\./)
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.notEqual(app.lastPublishedApplicationSubmission.id, draft.id)
})

test('a flight submission is deleted; what the portal made is refused as for apps [E26][7-46]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  assert.equal((await client.ask('DELETE', `${submissions}/${draft.id}`)).status, 204)
  const actor = { accountId: 'sandbox', credentialId: 'test', role: 'operator' } as const
  const { id } = await server.engine.createSubmission(actor, appId, {
    trackId: flightId,
    lifecycle: 'flight',
    byHand: true,
  })
  const read = await client.want(200, 'GET', `${submissions}/${id}`)
  assert.equal(read.fileUploadUrl, null)
  for (const [method, path, body] of [
    ['PUT', '', read],
    ['POST', '/commit', undefined],
    ['DELETE', '', undefined],
  ] as const) {
    const refused = await client.want(400, method, `${submissions}/${id}${path}`, body)
    assert.equal(refused.code, 'InvalidOperation')
  }
})
