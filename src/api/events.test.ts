import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApiServer, type Person, startApi } from '../../test/helpers/api-server.ts'
import type { ApiError, Event, Page } from './schema.ts'

interface Frame {
  readonly id: string
  readonly event: string
  readonly data: Event
}

interface Stream extends AsyncDisposable {
  readonly response: Response
  /** The next frame; undefined when the stream has ended. */
  next(): Promise<Frame | undefined>
}

/** Opens the stream of a listening server; every test bounds its waiting by its own timeout. */
async function stream(api: ApiServer, query = '', headers = {}, as: Person = 'contoso'): Promise<Stream> {
  const url = await address(api)
  const response = await fetch(`${url}/api/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${api.tokenOf[as]}`, ...headers },
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    response,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n')
        const block = end < 0 ? undefined : text.slice(0, end)
        if (block !== undefined) text = text.slice(end + 2)
        if (block?.startsWith('id: ')) return parse(block)
        if (block !== undefined) continue
        const read = await reader?.read()
        if (!read || read.done) return undefined
        text += read.value
      }
    },
    async [Symbol.asyncDispose]() {
      await reader?.cancel()
    },
  }
}

async function address({ http }: ApiServer): Promise<string> {
  if (!http.server.listening) await http.listen({ host: '127.0.0.1', port: 0 })
  const bound = http.server.address()
  return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`
}

function parse(block: string): Frame {
  const lines = block.split('\n').map((line) => line.split(/: (.*)/s))
  const value = (name: string) => lines.find(([field]) => field === name)?.[1] ?? ''
  return { id: value('id'), event: value('event'), data: JSON.parse(value('data')) as Event }
}

async function reserve(api: ApiServer, id: string, as: Person = 'contoso'): Promise<void> {
  await api.ask('POST', '/products', { as, body: { store: 'workshop', kind: 'gadget', name: id, id } })
}

const bounded = { timeout: 20_000 }

test('events are listed in order, page by page, without those of other accounts', async () => {
  await using api = await startApi()
  await reserve(api, 'g-1')
  await reserve(api, 'f-1', 'fabrikam')
  await reserve(api, 'g-2')
  const types: string[] = []
  for (let next: string | null = '0'; next !== null; ) {
    const { json }: { json: Page<Event> } = await api.ask('GET', `/events?limit=2&after=${next}`)
    types.push(...json.items.map(({ type, accountId }) => `${accountId} ${type}`))
    next = json.next
  }
  assert.deepEqual(types, [
    'contoso account.created',
    'contoso credential.created',
    'contoso product.created',
    'contoso product.created',
  ])
})

test('events are filtered by product and by submission', async () => {
  await using api = await startApi()
  await reserve(api, 'g-1')
  await reserve(api, 'g-2')
  const { id } = (await api.ask<{ id: string }>('POST', '/products/g-2/submissions')).json
  const list = async (query: string) => (await api.ask<Page<Event>>('GET', `/events?${query}`)).json.items
  assert.deepEqual(
    (await list('productId=g-1')).map(({ type }) => type),
    ['product.created'],
  )
  assert.deepEqual(
    (await list(`submissionId=${id}`)).map(({ type }) => type),
    ['submission.created'],
  )
  assert.deepEqual(await list('productId=none'), [])
})

test('a position that is none is refused', async () => {
  await using api = await startApi()
  for (const path of [
    '/events?after=-1',
    '/events?after=x',
    '/events/stream?after=x',
    '/events/stream?limit=1',
  ]) {
    assert.equal((await api.ask('GET', path)).status, 400, path)
  }
  const wrong = await api.ask('GET', '/events/stream', { headers: { 'last-event-id': 'x' } })
  assert.deepEqual([wrong.status, wrong.json.error.target], [400, 'last-event-id'])
})

test('a stream begins with what happened and goes on with what happens', bounded, async () => {
  await using api = await startApi()
  await using live = await stream(api)
  assert.equal(live.response.status, 200)
  assert.match(live.response.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(live.response.headers.get('cache-control'), 'no-cache')
  assert.equal((await live.next())?.event, 'account.created')
  assert.equal((await live.next())?.event, 'credential.created')
  await reserve(api, 'f-1', 'fabrikam')
  await reserve(api, 'g-1')
  const frame = await live.next()
  assert.deepEqual(
    [frame?.event, frame?.data.productId, frame?.data.accountId],
    ['product.created', 'g-1', 'contoso'],
  )
  const listed = (await api.ask<Page<Event>>('GET', '/events')).json.items.at(-1)
  assert.deepEqual(frame?.data, listed)
  assert.equal(frame?.id, String(listed?.seq))
})

test('a stream resumes after Last-Event-ID, which wins over after', bounded, async () => {
  await using api = await startApi()
  await reserve(api, 'g-1')
  await reserve(api, 'g-2')
  const [first] = (await api.ask<Page<Event>>('GET', '/events?productId=g-1')).json.items
  for (const [query, headers] of [
    [`?after=${first?.seq}`, {}],
    ['', { 'last-event-id': String(first?.seq) }],
    ['?after=0', { 'last-event-id': String(first?.seq) }],
  ] as const) {
    await using live = await stream(api, query, headers)
    assert.equal((await live.next())?.data.productId, 'g-2')
  }
})

test('a stream shows only the product it was asked for', bounded, async () => {
  await using api = await startApi()
  await using live = await stream(api, '?productId=g-2')
  await reserve(api, 'g-1')
  await reserve(api, 'g-2')
  assert.equal((await live.next())?.data.productId, 'g-2')
})

test('a burst larger than the socket takes arrives whole and in order', bounded, async () => {
  await using api = await startApi()
  const name = 'x'.repeat(256)
  const count = 400
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      api.engine.createProduct(api.actor('contoso'), {
        store: 'workshop',
        kind: 'gadget',
        name,
        id: `g-${at}`,
      }),
    ),
  )
  await using live = await stream(api)
  let last = 0
  for (let seen = 0; seen < count + 2; seen++) {
    const { data } = (await live.next()) ?? {}
    assert.ok(data && data.seq > last)
    last = data.seq
  }
})

test(
  'a stream ends cleanly when the server closes, and the server does not wait for it',
  bounded,
  async () => {
    const api = await startApi()
    await using live = await stream(api, '?productId=none')
    await api[Symbol.asyncDispose]()
    assert.equal(await live.next(), undefined)
  },
)

test('a stream ends when its token is revoked', bounded, async () => {
  await using api = await startApi()
  await using live = await stream(api)
  await live.next()
  await live.next()
  await api.ask('DELETE', `/credentials/${api.credentialOf.contoso}`)
  assert.equal((await live.next())?.event, 'credential.revoked')
  assert.equal(await live.next(), undefined)
})

test('no more than 256 streams are open at once, and one that ends makes room', {
  timeout: 60_000,
}, async () => {
  await using api = await startApi()
  const url = `${await address(api)}/api/v1/events/stream`
  const headers = { authorization: `Bearer ${api.tokenOf.contoso}` }
  const open = await Promise.all(Array.from({ length: 256 }, () => fetch(url, { headers })))
  assert.ok(open.every(({ status }) => status === 200))
  const refused = await fetch(url, { headers })
  const { error } = (await refused.json()) as ApiError
  assert.deepEqual([refused.status, error.code], [429, 'rate_limited'])
  await open[0]?.body?.cancel()
  for (;;) {
    const again = await fetch(url, { headers })
    await again.body?.cancel()
    if (again.status === 200) break
  }
  await Promise.all(open.slice(1).map(({ body }) => body?.cancel()))
})
