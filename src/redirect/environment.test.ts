import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { defaultSeed } from '../sandbox/seed.ts'
import { proxyEnvironment, seedEnvironment, trustBundle } from './environment.ts'

test('the seed’s credentials and products have names of their own', () => {
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(seedEnvironment(defaultSeed, 'http://127.0.0.1:7070')).filter(([name]) =>
        /URL|TENANT|CLIENT|KEY|TOKEN|EDGE/.test(name),
      ),
    ),
    {
      SLIPWAY_URL: 'http://127.0.0.1:7070',
      SLIPWAY_TENANT_ID: '11111111-1111-1111-1111-111111111111',
      SLIPWAY_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
      SLIPWAY_CLIENT_SECRET: 'sandbox-secret',
      SLIPWAY_API_KEY: 'sandbox-api-key',
      SLIPWAY_TOKEN: 'sandbox-token',
      SLIPWAY_AMAZON_CLIENT_ID: 'amzn1.application-oa2-client.slipway',
      SLIPWAY_AMAZON_CLIENT_SECRET: 'sandbox-secret',
      SLIPWAY_EDGE_PRODUCT_ID: '33333333-3333-3333-3333-333333333333',
    },
  )
})

test('what the first account has first counts', () => {
  const account = (id: string) => ({
    id,
    name: id,
    credentials: [1, 2].map((index) => ({
      kind: 'api_key' as const,
      clientId: `client-${id}-${index}`,
      secret: `key-${id}-${index}`,
    })),
    products: [1, 2].map((index) => ({
      store: 'edge',
      kind: 'extension',
      id: `product-${id}-${index}`,
      name: 'x',
    })),
  })
  assert.deepEqual(seedEnvironment({ accounts: [account('a'), account('b')] }, 'http://x'), {
    SLIPWAY_URL: 'http://x',
    SLIPWAY_CLIENT_ID: 'client-a-1',
    SLIPWAY_API_KEY: 'key-a-1',
    SLIPWAY_EDGE_PRODUCT_ID: 'product-a-1',
  })
  assert.deepEqual(seedEnvironment({ accounts: [] }, 'http://x'), { SLIPWAY_URL: 'http://x' })
})

test('tools that take one file of roots get the system’s and the run’s', () => {
  const bundle = trustBundle('-----the run’s-----')
  assert.ok(bundle.split('-----BEGIN CERTIFICATE-----').length > 50)
  assert.ok(bundle.endsWith('\n-----the run’s-----\n'))
})

test('the proxy is named in both spellings, without exceptions, and Node’s hook exists', () => {
  const found = proxyEnvironment(
    { url: 'http://127.0.0.1:4000', tlsPort: 4001, [Symbol.asyncDispose]: async () => {} },
    ['a.example', 'b.example'],
  )
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) {
    assert.equal(found[name], 'http://127.0.0.1:4000')
  }
  assert.equal(found.NO_PROXY, '')
  assert.equal(found.no_proxy, '')
  assert.equal(found.NODE_USE_ENV_PROXY, '1')
  assert.equal(found.SLIPWAY_RUN_HOSTS, 'a.example,b.example')
  const [, path = ''] = /^--require="(.+)"$/.exec(found.NODE_OPTIONS ?? '') ?? []
  assert.ok(existsSync(path.replaceAll('\\\\', '\\')))
})
