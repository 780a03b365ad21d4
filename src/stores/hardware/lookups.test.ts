import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import {
  downloadOf,
  driverCab,
  finish,
  finishLabel,
  hardwareClient,
  startHardware,
  unzip,
} from '../../../test/helpers/hardware-client.ts'
import { driverFolder } from '../../../test/helpers/inf-builder.ts'
import { tokenOf } from '../../../test/helpers/microsoft-client.ts'
import { publisherIdOf } from './publishers.ts'

const publisher = publisherIdOf('sandbox')

test('a submission is found by the ids of its author, at the misspelt path [R11][7-37]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { productId, submissionId } = await client.publish()
  const path = (name: string, id = publisher) =>
    `/products/relationships/${name}/${id}/sourceproductid/${productId}/sourcesubmissionid/${submissionId}`
  const found = await client.want(200, 'GET', path('sourcepubliherid'))
  assert.deepEqual([found.id, found.productId], [submissionId, productId])
  await client.want(404, 'GET', path('sourcepublisherid'))
  await client.want(404, 'GET', path('sourcepubliherid', '12345678'))
})

test('what was shared is the receiver’s under other ids, read-only, found by those of its author [7-39]', async () => {
  await using server = await startHardware()
  const author = await hardwareClient(server)
  const partner = {
    tenantId: '99999999-1111-4111-8111-111111111111',
    clientId: '99999999-2222-4222-8222-222222222222',
  }
  await server.engine.createAccount({ id: '27691110', name: 'Partner' })
  const secret = 'partner-secret-partner-secret-123'
  await server.engine.createCredential({ accountId: '27691110', kind: 'secret', secret, ...partner })
  const receiver = await hardwareClient(server, { token: await tokenOf(server, { ...partner, secret }) })
  const { productId, submissionId } = await author.publish()
  const path = `/products/relationships/sourcepubliherid/${publisher}/sourceproductid/${productId}/sourcesubmissionid/${submissionId}`
  await receiver.want(404, 'GET', path)
  const label = {
    name: 'share',
    destination: 'anotherPartner',
    recipientSpecifications: { receiverPublisherId: '27691110', enforceChidTargeting: false },
  }
  for (let twice = 0; twice < 2; twice++) {
    await author.want(201, 'POST', `/products/${productId}/submissions/${submissionId}/shippingLabels`, label)
    await finishLabel(server)
  }
  const mine = await author.want(200, 'GET', `/products/${productId}`)
  const { value } = await receiver.want(200, 'GET', '/products')
  assert.equal(value.length, 1)
  const [shared] = value
  assert.notEqual(shared.id, productId)
  assert.deepEqual(
    [shared.sharedProductId, shared.originType, shared.sourceProductId, shared.sourcePublisherId],
    [mine.sharedProductId, 'shared', productId, Number(publisher)],
  )
  const found = await receiver.want(200, 'GET', path)
  assert.equal(found.productId, shared.id)
  assert.notEqual(found.id, submissionId)
  assert.equal(found.workflowStatus.state, 'completed')
  const zip = await receiver.blob('GET', downloadOf(found, 'signedPackage') ?? '')
  assert.ok(unzip(zip.bytes).has('drivers/contoso/contoso.inf'))
  const own = `/products/${shared.id}`
  const refused = await receiver.want(403, 'PATCH', own, { productName: 'x' })
  assert.deepEqual(refused.error, {
    code: 'updateUnauthorized',
    message: 'Not authorized to update the product',
  })
  const renamed = await receiver.want(403, 'PATCH', `${own}/submissions/${found.id}`, { name: 'x' })
  assert.equal(renamed.error.message, 'Not authorized to update the submission')
  const relabelled = await receiver.want(403, 'POST', `${own}/submissions/${found.id}/shippingLabels`, label)
  assert.deepEqual(relabelled.error, {
    code: 'readOnlyProduct',
    message: 'Not allowed to create the shipping labels on a read only product.',
  })
  await receiver.want(404, 'GET', `/products/${productId}`)
})

test('the audiences are listed under both paths [R17][7-38]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { value, links } = await client.want(200, 'GET', '/audiences')
  assert.deepEqual(Object.keys(value[0]), ['id', 'name', 'description', 'audienceName'])
  assert.match(value[0].id, /^[0-9a-f-]{36}$/)
  assert.equal(links[0].rel, 'self')
  for (const path of ['/audience', '/audiences/', '/audience/']) {
    assert.deepEqual((await client.want(200, 'GET', path)).value, value)
  }
})

test('a pre-production package is put with any type or none and signed at once [R18][R19]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const bytes = await driverCab()
  for (const [path, headers] of [
    ['/preprod/packages/', {}],
    ['/preprod/packages', { 'content-type': 'application/octet-stream' }],
  ] as const) {
    const put = await client.want(200, 'PUT', path, bytes, headers)
    assert.equal(put.signingStatus, 'Processing')
    assert.deepEqual(put.assets, [])
    await finish(server, 3)
    const done = await client.want(200, 'GET', `/preprod/packages/${put.id}`)
    assert.equal(done.signingStatus, 'Succeeded')
    assert.ok(!('error' in done))
    assert.notEqual(done.etag, put.etag)
    assert.equal(done.assets.length, 1)
  }
  assert.deepEqual((await client.want(200, 'GET', '/products')).value, [])
})

test('the assets of a package are a bare array; each is fetched with the bearer token [R20][R21][R22][7-15][7-27]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { id } = await client.want(200, 'PUT', '/preprod/packages/', await driverCab())
  assert.deepEqual(await client.want(200, 'GET', `/preprod/packages/${id}/assets`), [])
  await finish(server, 3)
  const assets = await client.want(200, 'GET', `/preprod/packages/${id}/assets`)
  assert.ok(Array.isArray(assets))
  const [asset] = assets
  assert.deepEqual([asset.packageId, asset.assetType, asset.contentHash.length], [id, 'SignedFilesZip', 64])
  const path = `/preprod/packages/${id}/assets/${asset.id}`
  assert.deepEqual(await client.want(200, 'GET', path), asset)
  const authorized = await client.ask('GET', `${path}/download`)
  assert.equal(authorized.headers['content-type'], 'application/zip')
  const url = `http://x/v2.0/my/hardware${path}/download`
  assert.equal((await client.blob('GET', url)).status, 401)
  const { bytes } = await client.blob('GET', url, undefined, {
    authorization: `Bearer ${await tokenOf(server)}`,
  })
  assert.ok(unzip(bytes).has('drivers/contoso/contoso.inf'))
  await client.want(404, 'GET', `/preprod/packages/${id}/assets/${'0'.repeat(8)}-0000-4000-8000-000000000000`)
  await client.want(404, 'GET', '/preprod/packages/abc')
  await client.want(404, 'GET', '/preprod/packages/14631253285588838/assets')
})

test('what is wrong with a pre-production package stands in it, under PascalCase words [7-12]', async () => {
  await using server = await startHardware()
  const client = await hardwareClient(server)
  const { id } = await client.want(200, 'PUT', '/preprod/packages/', buildMszipCab(driverFolder('a', 'a')))
  await finish(server, 3)
  const failed = await client.want(200, 'GET', `/preprod/packages/${id}`)
  assert.equal(failed.signingStatus, 'Failed')
  assert.match(failed.error.message, /sign/i)
  assert.deepEqual(failed.assets, [])
  await client.want(400, 'PUT', '/preprod/packages/', Buffer.alloc(0))
})
