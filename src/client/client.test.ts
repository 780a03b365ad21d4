import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { type ApiServer, type Person, startApi } from '../../test/helpers/api-server.ts'
import { type Client, createClient, type Event, SlipwayError } from './index.ts'

const gadget = { store: 'workshop', kind: 'gadget', name: 'Gadget' }
const bounded = { timeout: 20_000 }

async function connected(as: Person = 'contoso'): Promise<{ api: ApiServer; url: string; client: Client }> {
  const api = await startApi()
  const url = await api.http.listen({ host: '127.0.0.1', port: 0 })
  return { api, url, client: createClient({ url, token: api.tokenOf[as] }) }
}

/** A server that answers everything the same. */
async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** Where nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

test('products are reserved, found and listed', async () => {
  const { api, client } = await connected()
  await using _ = api
  const made = await client.products.create({ ...gadget, id: 'g-1', published: {} })
  assert.deepEqual(await client.products.get('g-1'), made)
  assert.deepEqual(await Array.fromAsync(client.products.list({ store: 'workshop' })), [made])
  assert.deepEqual(await Array.fromAsync(client.products.list({ store: 'edge' })), [])
})

test('a list of many pages is one loop, and asks no further than it is read', async () => {
  const { api, url } = await connected()
  await using _ = api
  for (let at = 0; at < 401; at++) {
    await api.engine.createProduct(api.actor('contoso'), {
      ...gadget,
      id: `g-${String(at).padStart(3, '0')}`,
    })
  }
  let asked = 0
  const counting: typeof fetch = (...rest) => {
    asked += 1
    return fetch(...rest)
  }
  const client = createClient({ url, token: api.tokenOf.contoso, fetch: counting })
  const ids = (await Array.fromAsync(client.products.list())).map(({ id }) => id)
  assert.equal(new Set(ids).size, 401)
  assert.equal(asked, 3)
  for await (const product of client.products.list()) {
    assert.equal(product.id, 'g-000')
    break
  }
  assert.equal(asked, 4)
})

test('a submission is edited at its revision, reviewed and released', async () => {
  const { api, url, client } = await connected()
  await using _ = api
  const operator = createClient({ url, token: api.tokenOf.operator })
  await client.products.create({ ...gadget, id: 'g-1', published: {} })
  const { id, revision } = await client.submissions.create('g-1')
  await client.submissions.update(id, { title: 'New' }, { revision })
  await assert.rejects(client.submissions.update(id, { title: 'Newer' }, { revision }), {
    code: 'stale',
    status: 412,
  })
  await api.engine.publishDraft(api.actor('contoso'), { store: 'workshop', productId: 'g-1', notes: '' })
  await api.settle()
  await assert.rejects(client.submissions.approve(id), { code: 'forbidden' })
  assert.equal((await operator.submissions.approve(id)).step, 'Held')
  await client.submissions.release(id)
  await api.settle()
  assert.equal((await client.submissions.get(id)).phase, 'live')
  assert.equal((await client.submissions.unpublish(id)).phase, 'past')
  assert.equal((await Array.fromAsync(client.submissions.list('g-1'))).at(-1)?.id, id)
})

test('a submission is rejected with reasons, cancelled or deleted', async () => {
  const { api, url, client } = await connected()
  await using _ = api
  const operator = createClient({ url, token: api.tokenOf.operator })
  await client.products.create({ ...gadget, id: 'g-1', published: {} })
  const submit = async (title: string) => {
    const { id } = await client.submissions.create('g-1')
    await client.submissions.update(id, { title })
    await api.engine.publishDraft(api.actor('contoso'), { store: 'workshop', productId: 'g-1', notes: '' })
    await api.settle()
    return id
  }
  const rejected = await operator.submissions.reject(await submit('One'), { message: 'Not yet.' })
  assert.equal(rejected.findings[0]?.message, 'Not yet.')
  assert.equal((await client.submissions.cancel(await submit('Two'))).phase, 'cancelled')
  const { id } = await client.submissions.create('g-1')
  await client.submissions.delete(id)
  await assert.rejects(client.submissions.get(id), { code: 'not_found', status: 404 })
})

test('packages, credentials and accounts', async () => {
  const { api, client } = await connected('operator')
  await using _ = api
  await api.engine.createProduct(api.actor('contoso'), { ...gadget, id: 'g-1', published: {} })
  await api.upload('g-1', 'a.box')
  const [pack] = await Array.fromAsync(client.packages.list('g-1'))
  assert.equal(pack?.fileName, 'a.box')
  assert.deepEqual(await client.packages.get(pack?.id ?? ''), pack)
  const { secret, ...made } = await client.credentials.create({ kind: 'api_key', label: 'key' })
  assert.ok(secret)
  assert.deepEqual((await Array.fromAsync(client.credentials.list())).at(-1), made)
  assert.ok((await client.credentials.revoke(made.id)).revokedAt)
  await client.accounts.create({ id: 'adatum', name: 'Adatum' })
  assert.ok((await Array.fromAsync(client.accounts.list())).some(({ id }) => id === 'adatum'))
})

test('ids are escaped, whatever is in them', async () => {
  const { api, client } = await connected()
  await using _ = api
  for (const id of ['a/b', '../accounts', 'a?b#c', 'ü', '%']) {
    await assert.rejects(client.products.get(id), { code: 'not_found', target: 'product' }, id)
  }
})

test('a refusal carries code, status, target and the request id of the log', async () => {
  const { api, client } = await connected()
  await using _ = api
  const error = await client.products
    .create({ ...gadget, kind: 'gizmo' })
    .catch((refusal: unknown) => refusal)
  assert.ok(error instanceof SlipwayError)
  assert.deepEqual([error.code, error.status, error.target], ['invalid', 400, 'kind'])
  assert.ok(api.logged.some((line) => line.includes(error.requestId ?? 'none')))
})

test('nobody there, something else there, and no URL are errors of their own', async (t) => {
  const gone = createClient({ url: await nowhere(), token: 'x' })
  await assert.rejects(gone.products.get('x'), { code: 'unreachable', status: 0 })
  for (const [status, body] of [
    [502, '<h1>Bad gateway</h1>'],
    [404, '{"message":"no"}'],
    [200, '<h1>Welcome</h1>'],
  ] as const) {
    const client = createClient({ url: await answering(t, status, body), token: 'x' })
    await assert.rejects(client.products.get('x'), { code: 'unreadable', status })
  }
  assert.throws(() => createClient({ url: 'localhost', token: 'x' }), { code: 'unreachable' })
})

test('a server below a path is reached there', async () => {
  const seen: string[] = []
  const spy: typeof fetch = async (input) => {
    seen.push(String(input))
    return Response.json({ id: 'x' })
  }
  for (const url of ['https://example.org/slipway', 'https://example.org/slipway/']) {
    await createClient({ url, token: 'x', fetch: spy }).products.get('p')
  }
  assert.deepEqual(seen, Array(2).fill('https://example.org/slipway/api/v1/products/p'))
})

test('a watch sees what happened and what happens, and lets go when the loop is left', bounded, async () => {
  const { api, client } = await connected()
  await using _ = api
  await client.products.create({ ...gadget, id: 'g-1' })
  const seen: string[] = []
  for await (const { type, productId } of client.events.watch()) {
    seen.push(`${type} ${productId}`)
    if (productId === 'g-1') await client.products.create({ ...gadget, id: 'g-2' })
    if (productId === 'g-2') break
  }
  assert.deepEqual(seen.slice(-2), ['product.created g-1', 'product.created g-2'])
  const listed = await Array.fromAsync(client.events.list({ productId: 'g-2' }))
  assert.deepEqual(
    listed.map(({ type }) => type),
    ['product.created'],
  )
})

test('a watch goes on behind the last event when the connection breaks', bounded, async () => {
  const { api, url } = await connected()
  await using _ = api
  for (let at = 0; at < 6; at++)
    await api.engine.createProduct(api.actor('contoso'), { ...gadget, id: `g-${at}` })
  let connections = 0
  // Cuts each stream off after some bytes, in the middle of an event.
  const breaking: typeof fetch = async (...rest) => {
    const response = await fetch(...rest)
    connections += 1
    let left = 900
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left))
        left -= chunk.byteLength
        if (left < 0) controller.error(new TypeError('terminated'))
      },
    })
    return new Response(response.body?.pipeThrough(cut) ?? null, response)
  }
  const client = createClient({ url, token: api.tokenOf.contoso, fetch: breaking })
  const seen: Event[] = []
  for await (const event of client.events.watch()) {
    seen.push(event)
    if (event.productId === 'g-5') break
  }
  assert.ok(connections > 1)
  assert.deepEqual(
    seen,
    await Array.fromAsync(createClient({ url, token: api.tokenOf.contoso }).events.list()),
  )
})

test('a watch ends when its signal is aborted, also while it waits', bounded, async () => {
  const { api, client } = await connected()
  await using _ = api
  const stop = new AbortController()
  const seen: string[] = []
  for await (const { type } of client.events.watch({ signal: stop.signal })) {
    seen.push(type)
    if (type === 'credential.created') setTimeout(() => stop.abort(), 10)
  }
  assert.deepEqual(seen, ['account.created', 'credential.created'])
})

test('a watch gives up when its token is revoked, and when nobody was ever there', bounded, async () => {
  const { api, client } = await connected()
  await using _ = api
  const watch = async () => {
    for await (const { type } of client.events.watch()) {
      if (type === 'credential.created') await client.credentials.revoke(api.credentialOf.contoso)
    }
  }
  await assert.rejects(watch(), { code: 'unauthenticated' })
  const gone = createClient({ url: await nowhere(), token: 'x' })
  await assert.rejects(gone.events.watch().next(), { code: 'unreachable' })
})
