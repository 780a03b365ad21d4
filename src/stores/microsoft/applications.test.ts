import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microsoftClient, seededStore, startMicrosoft } from '../../../test/helpers/microsoft-client.ts'
import { operator } from '../../../test/helpers/scenario.ts'
import type { TestServer } from '../../../test/helpers/start-server.ts'

const { appId, addOnId, flightId } = seededStore

/** Twelve apps beside the seeded one, `9NAPP0000000` to `9NAPP0000011`. */
async function addApps(server: TestServer): Promise<void> {
  for (let number = 0; number < 12; number++) {
    const id = `9NAPP00000${String(number).padStart(2, '0')}`
    await server.engine.createProduct(operator, {
      store: 'microsoft',
      kind: 'app',
      id,
      name: `App ${number}`,
    })
  }
}

test('the apps of the account come in pages of ten, with a relative link to the next and none on the last [E1][7-3][7-4]', async () => {
  await using server = await startMicrosoft()
  await addApps(server)
  const client = await microsoftClient(server)
  const first = await client.want(200, 'GET', 'applications')
  assert.deepEqual(Object.keys(first), ['@nextLink', 'value', 'totalCount'])
  assert.equal(first['@nextLink'], 'applications?skip=10&top=10')
  assert.equal(first.value.length, 10)
  assert.equal(first.totalCount, 13)
  const last = await client.want(200, 'GET', first['@nextLink'])
  assert.deepEqual(Object.keys(last), ['value', 'totalCount'])
  assert.equal(last.value.length, 3)
  assert.equal(last.totalCount, 13)
  const ids = [...first.value, ...last.value].map(({ id }: { id: string }) => id)
  assert.equal(new Set(ids).size, 13)
})

test('a page past the end is 200 with an empty list [7-5]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  for (const path of [
    'applications?top=100&skip=100',
    'inappproducts/?skip=5&top=5',
    `applications/${appId}/listflights/?skip=2&top=2`,
    `applications/${appId}/listinappproducts/?skip=10&top=10`,
  ]) {
    const page = await client.want(200, 'GET', path)
    assert.deepEqual(page, { value: [], totalCount: 1 }, path)
  }
})

test('top and skip count in any order and case; what is no number is 400, too many are what the service has', async () => {
  await using server = await startMicrosoft()
  await addApps(server)
  const client = await microsoftClient(server)
  const page = await client.want(200, 'GET', 'applications?Skip=11&TOP=1')
  assert.equal(page.value.length, 1)
  assert.equal(page['@nextLink'], 'applications?skip=12&top=1')
  assert.equal((await client.want(200, 'GET', 'applications?top=999999')).value.length, 13)
  for (const query of ['top=0', 'top=-1', 'skip=-1', 'top=x', 'skip=1.5']) {
    const refused = await client.want(400, 'GET', `applications?${query}`)
    assert.equal(refused.code, 'InvalidParameterValue')
    assert.equal(refused.target, query.split('=')[0])
  }
})

test('an application has the live members in the live order [E2][F1][7-49]', async () => {
  await using server = await startMicrosoft()
  await server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Reserved',
    identity: 'Contoso.App CN=B3D2C64C-4BFA-4D3A-9F4E-3C1C0A6D1F00',
  })
  const client = await microsoftClient(server)
  const app = await client.want(200, 'GET', 'applications/9NBLGGH4R315')
  assert.deepEqual(Object.entries(app).slice(0, 6), [
    ['id', '9NBLGGH4R315'],
    ['primaryName', 'Reserved'],
    ['PackageFamilyName', app.PackageFamilyName],
    ['packageIdentityName', 'Contoso.App'],
    ['publisherName', 'CN=B3D2C64C-4BFA-4D3A-9F4E-3C1C0A6D1F00'],
    ['firstPublishedDate', '1601-01-01T00:00:00.0000000Z'],
  ])
  assert.match(app.PackageFamilyName, /^Contoso\.App_[0-9a-z]{13}$/)
  assert.deepEqual(Object.keys(app).slice(6), ['hasAdvancedListingPermission'])
  assert.equal(app.hasAdvancedListingPermission, true)
})

test('what is not published or not pending is absent from an application, a flight and an add-on, never null [7-2]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.ok('lastPublishedApplicationSubmission' in app)
  assert.ok(!('pendingApplicationSubmission' in app))
  const flight = await client.want(200, 'GET', `applications/${appId}/flights/${flightId}`)
  assert.ok(!('lastPublishedFlightSubmission' in flight) && !('pendingFlightSubmission' in flight))
  const addOn = await client.want(200, 'GET', `inappproducts/${addOnId}`)
  assert.ok('lastPublishedInAppProductSubmission' in addOn)
  assert.ok(!('pendingInAppProductSubmission' in addOn))
})

test('references name the submission and where it is, below /v1.0/my/ [F1][7-6]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const draft = await client.want(201, 'POST', `applications/${appId}/submissions`)
  const app = await client.want(200, 'GET', `applications/${appId}`)
  assert.deepEqual(app.pendingApplicationSubmission, {
    id: draft.id,
    resourceLocation: `applications/${appId}/submissions/${draft.id}`,
  })
  const found = await client.want(200, 'GET', app.pendingApplicationSubmission.resourceLocation)
  assert.equal(found.id, draft.id)
  const flightDraft = await client.want(201, 'POST', `applications/${appId}/flights/${flightId}/submissions`)
  const flight = await client.want(200, 'GET', `applications/${appId}/flights/${flightId}`)
  assert.equal(
    flight.pendingFlightSubmission.resourceLocation,
    `flights/${flightId}/submissions/${flightDraft.id}`,
  )
  await client.want(200, 'GET', `applications/${appId}/${flight.pendingFlightSubmission.resourceLocation}`)
  const addOnDraft = await client.want(201, 'POST', `inappproducts/${addOnId}/submissions`)
  const addOn = await client.want(200, 'GET', `inappproducts/${addOnId}`)
  assert.equal(
    addOn.pendingInAppProductSubmission.resourceLocation,
    `inappproducts/${addOnId}/submissions/${addOnDraft.id}`,
  )
})

test('the add-ons of an app are listed by their Store IDs [E3]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  assert.deepEqual(await client.want(200, 'GET', `applications/${appId}/listinappproducts`), {
    value: [{ inAppProductId: addOnId }],
    totalCount: 1,
  })
  await server.engine.createProduct(operator, {
    store: 'microsoft',
    kind: 'app',
    id: '9NBLGGH4R315',
    name: 'Without add-ons',
  })
  assert.deepEqual(await client.want(200, 'GET', 'applications/9NBLGGH4R315/listinappproducts'), {
    value: [],
    totalCount: 0,
  })
})

test('the flights of an app are listed in pages [E4][7-7]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  for (const friendlyName of ['Alpha', 'Beta']) {
    await client.want(201, 'POST', `applications/${appId}/flights`, { friendlyName, groupIds: [] })
  }
  const first = await client.want(200, 'GET', `applications/${appId}/listflights?top=2`)
  assert.equal(first['@nextLink'], `applications/${appId}/listflights/?skip=2&top=2`)
  assert.equal(first.totalCount, 3)
  assert.deepEqual(
    first.value.map(({ friendlyName }: { friendlyName: string }) => friendlyName),
    ['Insiders', 'Alpha'],
  )
  const [insiders] = first.value
  assert.equal(insiders.flightId, flightId)
  assert.ok(!('id' in insiders))
  const last = await client.want(200, 'GET', first['@nextLink'])
  assert.deepEqual(
    last.value.map(({ friendlyName }: { friendlyName: string }) => friendlyName),
    ['Beta'],
  )
})

test('paths count in any case, with a slash at the end and with lower-case Store IDs [7-43]', async () => {
  await using server = await startMicrosoft()
  const client = await microsoftClient(server)
  const lower = appId.toLowerCase()
  assert.equal((await client.want(200, 'GET', `applications/${lower}`)).id, appId)
  assert.equal((await client.want(200, 'GET', `/V1.0/My/Applications/${lower}/`)).id, appId)
  assert.equal((await client.want(200, 'GET', `applications/${lower}/listflights/?top=1`)).totalCount, 1)
  assert.equal((await client.want(200, 'GET', 'inappproducts/')).totalCount, 1)
  assert.equal((await client.want(200, 'GET', `inappproducts/${addOnId.toLowerCase()}`)).id, addOnId)
  const { id } = await client.want(201, 'POST', `applications/${lower}/submissions`)
  const flight = `applications/${lower}/Flights/${flightId.toUpperCase()}`
  assert.equal((await client.want(200, 'GET', flight)).flightId, flightId)
  const committed = await client.want(202, 'POST', `applications/${lower}/submissions/${id}/Commit`)
  assert.deepEqual(committed, { status: 'CommitStarted' })
})
