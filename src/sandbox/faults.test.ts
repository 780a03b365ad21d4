import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFaults, type Fault, type FaultMatch, routeMatches } from './faults.ts'

const product = '33333333-3333-3333-3333-333333333333'
const upload = { store: 'edge', method: 'POST', path: `/v1/products/${product}/submissions/draft/package` }
const publish = { store: 'edge', method: 'POST', path: `/v1/products/${product}/submissions` }
const token = { store: 'entra', method: 'POST', path: '/tenant/oauth2/v2.0/token' }

/** Which of the requests are struck, as positions. */
function struck(match: FaultMatch, requests: readonly (typeof upload)[], seed?: number): number[] {
  const faults = createFaults([{ match, effect: { error: 'internal' } }], seed)
  return requests.flatMap((request, index) => (faults.atRequest(request).length > 0 ? [index] : []))
}

test('a fault without a match strikes every request', () => {
  assert.deepEqual(struck({}, [upload, publish, token]), [0, 1, 2])
})

test('all that a match has must fit: store, method, route and product', () => {
  const requests = [upload, publish, token, { ...publish, method: 'GET' }]
  assert.deepEqual(struck({ store: 'edge' }, requests), [0, 1, 3])
  assert.deepEqual(struck({ store: 'entra' }, requests), [2])
  assert.deepEqual(struck({ method: 'GET' }, requests), [3])
  assert.deepEqual(struck({ route: '/v1/products/*/submissions' }, requests), [1, 3])
  assert.deepEqual(struck({ product }, requests), [0, 1, 3])
  assert.deepEqual(struck({ product: product.toUpperCase(), method: 'POST' }, requests), [0, 1])
  assert.deepEqual(struck({ product: 'another' }, requests), [])
  assert.deepEqual(struck({ store: 'entra', route: '/v1/**' }, requests), [])
})

test('products are found in the paths of every store', () => {
  for (const path of [
    '/v1.0/my/applications/9NSLIPWAY001/submissions',
    '/v1.0/my/inappproducts/9NSLIPWAY001',
    '/v2.0/my/hardware/products/9NSLIPWAY001/submissions/1',
    '/api/appstore/v1/applications/9nslipway001/edits',
  ]) {
    assert.deepEqual(struck({ product: '9NSLIPWAY001' }, [{ ...publish, path }]), [0], path)
  }
  assert.deepEqual(struck({ product: 'submissions' }, [publish]), [])
})

for (const [route, path, fits] of [
  ['/v1/products/*/submissions', '/v1/products/x/submissions', true],
  ['/v1/products/*/submissions', '/V1/Products/x/Submissions/', true],
  ['/v1/products/*/submissions', '/v1/products/x/submissions/draft', false],
  ['/v1/products/*/submissions', '/v1/products/x', false],
  ['/v1/products/*', '/v1/products', false],
  ['/v1/**', '/v1/products/x/submissions', true],
  ['/v1/**', '/v1', true],
  ['/v1/**', '/v2/products', false],
  ['/**', '/', true],
  ['/', '/', true],
  ['/', '/v1', false],
  ['/v1/product.', '/v1/products', false],
  ['/v1/(a+)+$', '/v1/aaaa', false],
] as const) {
  test(`the route ${route} ${fits ? 'fits' : 'does not fit'} ${path}`, () => {
    assert.equal(routeMatches(route, path), fits)
  })
}

test('nth strikes that match alone; times strikes so often at most', () => {
  const requests = [upload, publish, upload, upload, upload]
  assert.deepEqual(struck({ nth: 3 }, requests), [2])
  assert.deepEqual(struck({ nth: 2, route: '/v1/products/*/submissions/draft/package' }, requests), [2])
  assert.deepEqual(struck({ times: 2 }, requests), [0, 1])
  assert.deepEqual(struck({ times: 2, nth: 2 }, requests), [1])
})

test('a probability strikes about that often, and the same ones for the same seed', () => {
  const many = Array.from({ length: 1000 }, () => upload)
  const one = struck({ probability: 0.3 }, many, 7)
  assert.ok(one.length > 230 && one.length < 370, `${one.length} of 1000`)
  assert.deepEqual(struck({ probability: 0.3 }, many, 7), one)
  assert.notDeepEqual(struck({ probability: 0.3 }, many, 8), one)
  assert.deepEqual(struck({ probability: 0 }, many), [])
  assert.equal(struck({ probability: 1 }, many).length, 1000)
  assert.equal(struck({ probability: 0.5, times: 5 }, many).length, 5)
})

test('several faults strike one request, in the order of the file', () => {
  const faults = createFaults([
    { match: {}, effect: { delayMs: 1 } },
    { match: { store: 'entra' }, effect: { error: 'internal' } },
    { match: {}, effect: { drop: 'reply' } },
  ])
  assert.deepEqual(faults.atRequest(upload), [{ delayMs: 1 }, { drop: 'reply' }])
})

test('the list tells how often each matched and struck; a removed one strikes no more', () => {
  const faults = createFaults([{ match: { nth: 2 }, effect: { error: 'conflict' } }])
  const added: Fault = faults.add({ match: { store: 'entra' }, effect: { error: 'internal' } })
  for (const request of [upload, publish, token]) faults.atRequest(request)
  assert.deepEqual(
    faults.list().map(({ id, matched, struck: times }) => [id, matched, times]),
    [
      ['fault-1', 3, 1],
      ['fault-2', 1, 1],
    ],
  )
  assert.equal(faults.remove(added.id), true)
  assert.equal(faults.remove(added.id), false)
  assert.deepEqual(faults.atRequest(token), [])
  assert.equal(faults.add(added).id, 'fault-3')
})

test('steps and operations are struck by their own faults, never by those for requests', () => {
  const finding = { code: 'x', severity: 'error', message: 'no' } as const
  const faults = createFaults([
    { match: {}, effect: { error: 'internal' } },
    { match: { product }, effect: { step: 'InReview', fail: finding } },
    { match: { store: 'edge' }, effect: { step: 'WaitingToPublish', stall: true } },
    { match: { times: 1 }, effect: { operation: 'publish', refusal: 'unexpected' } },
    { match: {}, effect: { operation: 'upload', stall: true } },
    { match: { route: '/v1/**' }, effect: { step: 'InDraft', stall: true } },
  ])
  const at = { store: 'edge', productId: product.toUpperCase() }
  assert.deepEqual(faults.atStep({ ...at, step: 'InReview' }), [finding])
  assert.equal(faults.atStep({ ...at, productId: 'another', step: 'InReview' }), null)
  assert.equal(faults.atStep({ ...at, step: 'WaitingToPublish' }), 'stall')
  assert.equal(faults.atStep({ ...at, store: 'amazon', step: 'WaitingToPublish' }), null)
  assert.equal(faults.atStep({ ...at, step: 'InDraft' }), null)
  assert.deepEqual(faults.atOperation({ ...at, kind: 'publish' }), { refusal: 'unexpected', findings: [] })
  assert.equal(faults.atOperation({ ...at, kind: 'publish' }), null)
  assert.equal(faults.atOperation({ ...at, kind: 'upload' }), 'stall')
  assert.deepEqual(faults.atRequest(upload), [{ error: 'internal' }])
})
