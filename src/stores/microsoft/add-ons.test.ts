import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goThrough,
  type Json,
  microsoftClient,
  png,
  seededStore,
  startMicrosoft,
} from '../../../test/helpers/microsoft-client.ts'

const { appId, addOnId } = seededStore
const submissions = `inappproducts/${addOnId}/submissions`

async function started() {
  const server = await startMicrosoft()
  const client = await microsoftClient(server)
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const wish = { applicationIds: [appId], productId: 'my-add-on', productType: 'Durable' }

test('a created add-on is 201 and listed, all of them without parameters [E28][E30][F3]', async () => {
  await using at = await started()
  const { client } = at
  const addOn = await client.want(201, 'POST', 'inappproducts/', wish)
  assert.match(addOn.id, /^9N[0-9A-Z]{10}$/)
  assert.deepEqual(Object.entries(addOn), [
    ['applications', { value: [{ id: appId, resourceLocation: `applications/${appId}` }], totalCount: 1 }],
    ['id', addOn.id],
    ['productId', 'my-add-on'],
    ['productType', 'Durable'],
  ])
  for (let number = 0; number < 11; number++) {
    await client.want(201, 'POST', 'inappproducts', { ...wish, productId: `number-${number}` })
  }
  const all = await client.want(200, 'GET', 'inappproducts')
  assert.equal(all.value.length, 13)
  assert.ok(!('@nextLink' in all))
  const page = await client.want(200, 'GET', 'inappproducts/?top=5&skip=5')
  assert.equal(page['@nextLink'], 'inappproducts/?skip=10&top=5')
  assert.equal((await client.want(200, 'GET', page['@nextLink'])).value.length, 3)
})

test('an add-on needs one app of its own, a product id and a type; a second of the name is 409', async () => {
  await using at = await started()
  const { client } = at
  for (const [change, target] of [
    [{ applicationIds: [] }, 'applicationIds'],
    [{ applicationIds: [appId, appId] }, 'applicationIds'],
    [{ productId: '' }, 'productId'],
    [{ productType: 'Subscription' }, 'productType'],
    [{ productType: undefined }, 'productType'],
  ] as const) {
    const refused = await client.want(400, 'POST', 'inappproducts', { ...wish, ...change })
    assert.deepEqual([refused.code, refused.target], ['InvalidParameterValue', target])
  }
  await client.want(400, 'POST', 'inappproducts')
  const missing = await client.want(404, 'POST', 'inappproducts', {
    ...wish,
    applicationIds: ['9NBLGGH4R315'],
  })
  assert.equal(missing.code, 'ResourceNotFound')
  await client.want(201, 'POST', 'inappproducts', wish)
  assert.equal((await client.want(409, 'POST', 'inappproducts', wish)).target, 'productId')
})

test('an add-on is read, and deleted as long as it has no submission [E29][E31]', async () => {
  await using at = await started()
  const { client } = at
  const { id } = await client.want(201, 'POST', 'inappproducts', wish)
  assert.equal((await client.want(200, 'GET', `inappproducts/${id}`)).productId, 'my-add-on')
  const answer = await client.ask('DELETE', `inappproducts/${id}`)
  assert.deepEqual([answer.status, answer.text, answer.headers['content-length']], [204, '', '0'])
  assert.equal((await client.want(404, 'GET', `inappproducts/${id}`)).code, 'ResourceNotFound')
  assert.equal((await client.want(409, 'DELETE', `inappproducts/${addOnId}`)).code, 'InvalidState')
})

test('an add-on’s first draft is NotSet at Base, and neither taken back nor committed unchanged [E32][F14][7-51]', async () => {
  await using at = await started()
  const { client, server } = at
  const { id } = await client.want(201, 'POST', 'inappproducts', wish)
  const own = `inappproducts/${id}/submissions`
  const draft = await client.want(201, 'POST', own)
  assert.deepEqual(Object.keys(draft), [
    'id',
    'contentType',
    'keywords',
    'lifetime',
    'listings',
    'pricing',
    'targetPublishDate',
    'targetPublishMode',
    'tag',
    'visibility',
    'status',
    'statusDetails',
    'fileUploadUrl',
    'friendlyName',
  ])
  assert.equal(draft.contentType, 'NotSet')
  assert.deepEqual(draft.pricing, {
    marketSpecificPricings: {},
    sales: [],
    priceId: 'Base',
    isAdvancedPricingModel: false,
  })
  const good = {
    ...draft,
    contentType: 'OnlineDataStorage',
    listings: { 'en-us': { description: '', title: 'x' } },
    pricing: { priceId: 'Free' },
  }
  for (const [change, target] of [
    [{ contentType: 'NotSet' }, 'contentType'],
    [{ listings: {} }, 'listings'],
    [{ pricing: draft.pricing }, 'pricing'],
  ] as const) {
    const refused = await client.want(400, 'PUT', `${own}/${draft.id}`, { ...good, ...change })
    assert.deepEqual([refused.code, refused.target], ['InvalidParameterValue', target])
  }
  await client.want(202, 'POST', `${own}/${draft.id}/commit`)
  await goThrough(server)
  const { status, statusDetails } = await client.want(200, 'GET', `${own}/${draft.id}/status`)
  assert.equal(status, 'CommitFailed')
  assert.deepEqual(
    statusDetails.errors.map(({ code }: Json) => code),
    ['InvalidParameterValue', 'InvalidParameterValue', 'InvalidParameterValue'],
  )
})

test('an add-on submission is updated with an icon, uploaded, committed and published [E33][E34][E35][E37][F14][7-51]', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  const stored = await client.want(200, 'PUT', `${submissions}/${draft.id}`, {
    ...draft,
    contentType: 'bookdownload',
    keywords: Array(10).fill('word'),
    lifetime: 'OneWeek',
    tag: 'x'.repeat(3000),
    listings: {
      'en-us': {
        description: 'A handful',
        icon: { fileName: 'icons\\coins.png', fileStatus: 'PendingUpload' },
        title: 'Coins',
      },
    },
    pricing: { trialPeriod: 'OneDay', priceId: 'Tier3' },
  })
  assert.deepEqual([stored.contentType, stored.lifetime], ['BookDownload', 'OneWeek'])
  assert.ok(!('trialPeriod' in stored.pricing))
  assert.deepEqual(Object.keys(stored.listings['en-us']), ['description', 'icon', 'title'])
  await client.uploadFiles(stored.fileUploadUrl, { 'icons/coins.png': png(300, 300) })
  assert.deepEqual(await client.want(202, 'POST', `${submissions}/${draft.id}/commit`), {
    status: 'CommitStarted',
  })
  await goThrough(server)
  assert.equal((await client.want(200, 'GET', `${submissions}/${draft.id}/status`)).status, 'Published')
  const { listings } = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.deepEqual(listings['en-us'].icon, { fileName: 'icons\\coins.png', fileStatus: 'Uploaded' })
  const next = await client.want(201, 'POST', submissions)
  await client.want(200, 'PUT', `${submissions}/${next.id}`, next)
  next.listings['en-us'].icon.fileStatus = 'PendingDelete'
  await client.want(200, 'PUT', `${submissions}/${next.id}`, next)
  await client.want(202, 'POST', `${submissions}/${next.id}/commit`)
  await goThrough(server)
  const without = await client.want(200, 'GET', `${submissions}/${next.id}`)
  assert.equal(without.status, 'Published')
  assert.ok(!('icon' in without.listings['en-us']))
})

test('an icon has to be a PNG of 300 by 300', async () => {
  await using at = await started()
  const { client, server } = at
  const draft = await client.want(201, 'POST', submissions)
  draft.listings['en-us'].icon = { fileName: 'a.png', fileStatus: 'PendingUpload' }
  await client.want(200, 'PUT', `${submissions}/${draft.id}`, draft)
  await client.uploadFiles(draft.fileUploadUrl, { 'a.png': png(299, 300) })
  await client.want(202, 'POST', `${submissions}/${draft.id}/commit`)
  await goThrough(server)
  const { status, statusDetails } = await client.want(200, 'GET', `${submissions}/${draft.id}`)
  assert.equal(status, 'CommitFailed')
  assert.match(statusDetails.errors[0].details, /must be 300 x 300 pixels; it is 299 x 300/)
})

test('the texts of an add-on have their lengths [F14]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', submissions)
  const listed = (listing: object) => ({ ...draft, listings: { 'en-us': { title: 'x', ...listing } } })
  for (const [body, message] of [
    [listed({ title: 'x'.repeat(101) }), 'The length of Title must be 100 or less'],
    [listed({ description: 'x'.repeat(201) }), 'The length of Description must be 200 or less'],
    [{ ...draft, tag: 'x'.repeat(3001) }, 'The length of Tag must be 3000 or less'],
    [{ ...draft, keywords: Array(11).fill('x') }, 'The size of Keywords must be 10 or less'],
    [{ ...draft, keywords: ['x'.repeat(31)] }, 'The length of Keywords must be 30 or less'],
    [{ ...draft, lifetime: 'Never' }, "'Never' is not a valid value of Lifetime"],
    [{ ...draft, listings: {} }, 'The size of Listings must be 1 or more'],
  ] as const) {
    assert.equal((await client.want(400, 'PUT', `${submissions}/${draft.id}`, body)).message, message)
  }
})

test('a second draft of an add-on is refused in its own words, and a draft is deleted [E36][7-46]', async () => {
  await using at = await started()
  const { client } = at
  const draft = await client.want(201, 'POST', submissions)
  assert.deepEqual(await client.want(409, 'POST', submissions), {
    code: 'InvalidState',
    data: [],
    details: [],
    message: 'In app product already has an in-progress submission',
    source: 'Ingestion Api',
  })
  assert.equal((await client.ask('DELETE', `${submissions}/${draft.id}`)).status, 204)
  await client.want(201, 'POST', submissions)
  assert.equal(
    (await client.want(404, 'POST', `${submissions}/${draft.id}/haltpackagerollout`)).code,
    'ResourceNotFound',
  )
})
