import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../test/helpers/api-server.ts'
import type { Account, Page } from './schema.ts'

const as = 'operator'

test('an operator opens accounts and lists them all, page by page', async () => {
  await using api = await startApi()
  const made = await api.ask<Account>('POST', '/accounts', { as, body: { id: 'adatum', name: 'Adatum' } })
  assert.deepEqual([made.status, made.json.name], [201, 'Adatum'])
  const minted = await api.ask<Account>('POST', '/accounts', { as, body: { name: 'Northwind' } })
  const seen: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const { json }: { json: Page<Account> } = await api.ask('GET', `/accounts?limit=2&after=${next}`, { as })
    seen.push(...json.items.map(({ id }) => id))
    next = json.next
  }
  assert.deepEqual(seen, [minted.json.id, 'adatum', 'contoso', 'fabrikam', 'operator'].sort())
})

test('an id is taken once, and has only characters that every path bears', async () => {
  await using api = await startApi()
  const taken = await api.ask('POST', '/accounts', { as, body: { id: 'contoso', name: 'x' } })
  assert.deepEqual([taken.status, taken.json.error.code], [409, 'conflict'])
  for (const id of ['', '../x', 'a b', '-a']) {
    const { status, json } = await api.ask('POST', '/accounts', { as, body: { id, name: 'x' } })
    assert.deepEqual([status, json.error.target], [400, 'id'], id)
  }
})

test('publishers neither open nor list accounts', async () => {
  await using api = await startApi()
  assert.equal((await api.ask('POST', '/accounts', { body: { name: 'x' } })).status, 403)
  assert.equal((await api.ask('GET', '/accounts')).status, 403)
})
