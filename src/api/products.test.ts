import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApiServer, startApi } from '../../test/helpers/api-server.ts'
import type { Page, Product, SubmissionDetails } from './schema.ts'

const gadget = { store: 'workshop', kind: 'gadget', name: 'Gadget' }

test('a product is reserved for the account of the token and found again', async () => {
  await using api = await startApi()
  const body = { ...gadget, id: 'g-1', identity: 'Contoso.Gadget' }
  const made = await api.ask<Product>('POST', '/products', { body })
  assert.equal(made.status, 201)
  assert.equal(made.headers.location, '/api/v1/products/g-1')
  assert.deepEqual(made.json, { ...body, accountId: 'contoso', createdAt: '2026-01-01T00:00:00.000Z' })
  assert.deepEqual((await api.ask<Product>('GET', '/products/g-1')).json, made.json)
})

test('without an id one is made, and without an identity there is none yet', async () => {
  await using api = await startApi()
  const { json } = await api.ask<Product>('POST', '/products', { body: gadget })
  assert.match(json.id, /^[0-9a-f-]{36}$/)
  assert.equal(json.identity, null)
})

test('a product that was published elsewhere starts with a live submission', async () => {
  await using api = await startApi()
  const body = { ...gadget, id: 'g-1', published: { title: 'Before' } }
  await api.ask('POST', '/products', { body })
  const { json } = await api.ask<Page<SubmissionDetails>>('GET', '/products/g-1/submissions')
  assert.deepEqual(
    json.items.map(({ step, phase, content, summary }) => ({ step, phase, content, summary })),
    [
      {
        step: 'Live',
        phase: 'live',
        content: { title: 'Before' },
        summary: { title: 'Before', version: null },
      },
    ],
  )
})

test('what cannot be reserved is refused, and says what it is about', async () => {
  await using api = await startApi()
  await api.ask('POST', '/products', { body: { ...gadget, id: 'taken' } })
  const cases = [
    [{ ...gadget, store: 'nowhere' }, 400, 'unsupported', 'store'],
    [{ ...gadget, kind: 'gizmo' }, 400, 'invalid', 'kind'],
    [{ ...gadget, id: 'no id' }, 400, 'invalid', 'id'],
    [{ ...gadget, id: 'taken' }, 409, 'conflict', 'id'],
    [{ ...gadget, published: { broken: true } }, 400, 'invalid', 'published'],
    [{ ...gadget, name: '' }, 400, 'invalid', 'name'],
    [{ ...gadget, name: 7 }, 400, 'invalid', 'name'],
    [{ ...gadget, published: [] }, 400, 'invalid', 'published'],
    [{ ...gadget, colour: 'red' }, 400, 'invalid', 'colour'],
    [{ store: 'workshop', name: 'x' }, 400, 'invalid', 'kind'],
  ] as const
  for (const [body, status, code, target] of cases) {
    const answer = await api.ask('POST', '/products', { body })
    assert.equal(answer.status, status, answer.text)
    assert.deepEqual([answer.json.error.code, answer.json.error.target], [code, target])
  }
  assert.equal((await api.ask<Page<Product>>('GET', '/products')).json.items.length, 1)
})

test('another account’s product is not there; an operator sees it', async () => {
  await using api = await startApi()
  await api.ask('POST', '/products', { body: { ...gadget, id: 'g-1' } })
  for (const path of ['/products/g-1', '/products/g-1/submissions', '/products/g-1/packages']) {
    const answer = await api.ask('GET', path, { as: 'fabrikam' })
    assert.equal(answer.status, 404, path)
    const missing = await api.ask('GET', path.replace('g-1', 'g-2'), { as: 'fabrikam' })
    assert.deepEqual(answer.json.error, missing.json.error)
    assert.equal((await api.ask('GET', path, { as: 'operator' })).status, 200, path)
  }
  assert.equal((await api.ask('POST', '/products/g-1/submissions', { as: 'fabrikam' })).status, 404)
  assert.deepEqual((await api.ask<Page<Product>>('GET', '/products', { as: 'fabrikam' })).json.items, [])
})

async function reserve(api: ApiServer, ids: readonly string[]): Promise<void> {
  for (const id of ids) await api.ask('POST', '/products', { body: { ...gadget, id } })
}

test('a list is read to its end by passing next as after', async () => {
  await using api = await startApi()
  await reserve(api, ['c', 'a', 'b'])
  const first = await api.ask<Page<Product>>('GET', '/products?limit=2')
  assert.deepEqual(
    first.json.items.map(({ id }) => id),
    ['a', 'b'],
  )
  assert.equal(first.json.next, 'b')
  const second = await api.ask<Page<Product>>('GET', `/products?limit=2&after=${first.json.next}`)
  assert.deepEqual(
    second.json.items.map(({ id }) => id),
    ['c'],
  )
  assert.equal(second.json.next, null)
})

test('a page that is exactly full and last says so', async () => {
  await using api = await startApi()
  await reserve(api, ['a', 'b'])
  const { json } = await api.ask<Page<Product>>('GET', '/products?limit=2')
  assert.deepEqual([json.items.length, json.next], [2, null])
})

test('products are listed by store', async () => {
  await using api = await startApi()
  await reserve(api, ['a'])
  const of = async (store: string) =>
    (await api.ask<Page<Product>>('GET', `/products?store=${store}`)).json.items
  assert.equal((await of('workshop')).length, 1)
  assert.equal((await of('edge')).length, 0)
})

test('query parameters that are wrong, unknown or given twice are refused', async () => {
  await using api = await startApi()
  for (const query of [
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=',
    'limt=1',
    'after=a&after=b',
    'limit=1&limit=2',
  ]) {
    const answer = await api.ask('GET', `/products?${query}`)
    assert.equal(answer.status, 400, query)
    assert.equal(answer.json.error.target, query.split('=')[0])
  }
})
