import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type ApiServer, startApi } from '../../test/helpers/api-server.ts'
import type { Package, Page } from './schema.ts'

async function withPackages(api: ApiServer, names: readonly string[]): Promise<void> {
  const body = { store: 'workshop', kind: 'gadget', name: 'Gadget', id: 'g-1', published: {} }
  await api.ask('POST', '/products', { body })
  for (const name of names) {
    await api.upload('g-1', name)
    api.clock.advance(1000)
  }
}

test('packages are listed with facts and findings, the newest first', async () => {
  await using api = await startApi()
  await withPackages(api, ['good.box', 'bad.box'])
  const { json } = await api.ask<Page<Package>>('GET', '/products/g-1/packages')
  const [bad, good] = json.items
  assert.deepEqual([good?.fileName, good?.sound, good?.findings], ['good.box', true, []])
  assert.equal(good?.sha256, createHash('sha256').update('good.box').digest('hex'))
  assert.equal(bad?.sound, false)
  assert.deepEqual(bad?.findings, [
    { code: 'box-open', severity: 'error', message: 'Close the box.', target: 'lid' },
  ])
})

test('packages are paged', async () => {
  await using api = await startApi()
  await withPackages(api, ['1.box', '2.box', '3.box'])
  const first = await api.ask<Page<Package>>('GET', '/products/g-1/packages?limit=2')
  assert.deepEqual(
    first.json.items.map(({ fileName }) => fileName),
    ['3.box', '2.box'],
  )
  const second = await api.ask<Page<Package>>(
    'GET',
    `/products/g-1/packages?limit=2&after=${first.json.next}`,
  )
  assert.deepEqual(
    second.json.items.map(({ fileName }) => fileName),
    ['1.box'],
  )
  assert.equal(second.json.next, null)
  assert.equal((await api.ask('GET', '/products/g-1/packages?after=none')).status, 404)
})

test('a package is found by its id, but not by another account', async () => {
  await using api = await startApi()
  await withPackages(api, ['good.box'])
  const { json } = await api.ask<Page<Package>>('GET', '/products/g-1/packages')
  const path = `/packages/${json.items[0]?.id}`
  assert.deepEqual((await api.ask<Package>('GET', path)).json, json.items[0])
  assert.equal((await api.ask('GET', path, { as: 'fabrikam' })).status, 404)
  assert.equal((await api.ask('GET', '/packages/none')).status, 404)
})
