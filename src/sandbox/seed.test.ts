import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../../test/helpers/start-server.ts'
import type { Actor } from '../engine/index.ts'
import { plant, type Seed } from './seed.ts'

const operator: Actor = { accountId: 'contoso', credentialId: 'test', role: 'operator' }

const seed: Seed = {
  accounts: [
    {
      id: 'contoso',
      name: 'Contoso',
      credentials: [{ kind: 'api_key', clientId: 'c1', secret: 's1', expiresAt: '2030-01-31T00:00:00Z' }],
      products: [
        {
          store: 'edge',
          kind: 'extension',
          id: '99999999-0000-4000-8000-000000000001',
          name: 'One',
          published: {},
        },
      ],
    },
  ],
}

test('everything a seed lists is there once it is planted', async () => {
  await using server = await startServer()
  await plant(server.engine, seed)
  const [product] = await server.engine.listProducts(operator, { after: '', limit: 10 })
  assert.equal(product?.name, 'One')
  const [credential] = await server.engine.listCredentials(operator)
  assert.equal(credential?.expiresAt, Date.parse('2030-01-31T00:00:00Z'))
  assert.deepEqual(
    (await server.engine.listEvents(operator, { after: 0, limit: 10 })).map(({ type }) => type),
    ['account.created', 'credential.created', 'product.created', 'submission.created'],
  )
})

test('a seed that fails in the middle leaves nothing of itself', async () => {
  await using server = await startServer()
  const before = await server.engine.countAccounts()
  const [account] = seed.accounts
  assert.ok(account)
  const broken = { ...account, products: [...account.products, ...account.products] }
  await assert.rejects(plant(server.engine, { accounts: [broken] }), { code: 'conflict' })
  assert.equal(await server.engine.countAccounts(), before)
  assert.deepEqual(await server.engine.listEvents(operator, { after: 0, limit: 10 }), [])
  await plant(server.engine, seed)
  assert.equal(await server.engine.countAccounts(), before + 1)
})
