import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastify } from 'fastify'
import { EngineError, type EngineErrorCode } from '../../src/engine/index.ts'
import { problemsOf } from '../../src/engine/lifecycle.ts'
import type { IdKind } from '../../src/engine/store-spec.ts'
import { stores } from '../../src/stores/index.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { startServer, type TestServer } from '../helpers/start-server.ts'
import { type Probe, type Probed, probes, type StoreProbes } from './store-probes.ts'

/** Every code there is: the compiler refuses one too few or too many. */
const everyCode: Record<EngineErrorCode, 'client' | 'server'> = {
  unauthenticated: 'client',
  forbidden: 'client',
  not_found: 'client',
  invalid: 'client',
  conflict: 'client',
  stale: 'client',
  wrong_state: 'client',
  too_large: 'client',
  unsupported: 'client',
  rate_limited: 'client',
  timeout: 'client',
  no_space: 'server',
  internal: 'server',
}

const idKinds: readonly IdKind[] = ['product', 'submission', 'operation', 'package']

for (const { spec, hosts } of stores) {
  const { store } = spec

  test(`${store}: the suite has probes for it`, () => {
    assert.ok(probes[store], `add '${store}' to test/conformance/store-probes.ts`)
  })

  test(`${store}: without credentials it is 401, in the store's shape`, async () => {
    await using server = await startServer()
    const { known, assertShape } = probesOf(store)
    const answer = await send(server, known)
    assert.equal(answer.status, 401)
    assertShape(answer)
  })

  test(`${store}: with the seed's credentials the seed's product is found`, async () => {
    await using server = await startServer()
    const { known, credentials } = probesOf(store)
    assert.equal((await send(server, known, await headersOf(server, credentials))).status, known.status)
  })

  test(`${store}: a product that nobody has is refused in the store's shape`, async () => {
    await using server = await startServer()
    const { unknownProduct, credentials, assertShape } = probesOf(store)
    const answer = await send(server, unknownProduct, await headersOf(server, credentials))
    assert.equal(answer.status, unknownProduct.status)
    assertShape(answer)
  })

  test(`${store}: an unknown path below its prefix is refused in the store's shape`, async () => {
    await using server = await startServer()
    const { unknownPath, credentials, assertShape } = probesOf(store)
    const answer = await send(server, unknownPath, await headersOf(server, credentials))
    assert.equal(answer.status, unknownPath.status ?? 404)
    assertShape(answer)
  })

  test(`${store}: every error code of the engine has an answer in the store's shape that tells nothing of its cause`, async () => {
    const { sendError, assertShape } = probesOf(store)
    for (const [code, side] of Object.entries(everyCode)) {
      const cause = new Error('the secret cause')
      const answer = await answerTo(
        new EngineError(code as EngineErrorCode, `it is ${code}`, { cause }),
        sendError,
      )
      const [least, most] = side === 'client' ? [400, 499] : [500, 599]
      assert.ok(answer.status >= least && answer.status <= most, `${code}: ${answer.status}`)
      assertShape(answer)
      assert.ok(!answer.body.includes('the secret cause'), code)
    }
  })

  test(`${store}: what is no error of the engine is 500 in the store's shape and says nothing`, async () => {
    const { sendError, assertShape } = probesOf(store)
    for (const thrown of [new TypeError('the secret reason'), 'the secret reason', undefined]) {
      const answer = await answerTo(thrown, sendError)
      assert.equal(answer.status, 500)
      assertShape(answer)
      assert.ok(!answer.body.includes('the secret reason'))
    }
  })

  test(`${store}: its lifecycles are sound`, () => {
    assert.ok(Object.keys(spec.lifecycles).length > 0)
    for (const [kind, lifecycle] of Object.entries(spec.lifecycles)) {
      assert.deepEqual(problemsOf(lifecycle), [], kind)
    }
  })

  test(`${store}: the ids it mints are ids it reads, the same ones`, () => {
    const random = seededRandom(7)
    for (const kind of idKinds) {
      for (let count = 0; count < 50; count++) {
        const id = spec.mintId(kind, random)
        assert.equal(spec.readId(kind, id), id, kind)
      }
      for (const id of ['', ' ', '../..', '\0', 'x'.repeat(10_000)]) {
        assert.equal(spec.readId(kind, id), undefined, `${kind} ${id.slice(0, 10)}`)
      }
    }
  })

  test(`${store}: a blank draft of every kind is content it takes`, () => {
    for (const kind of Object.keys(spec.lifecycles)) {
      assert.deepEqual(spec.readContent(kind, spec.blank(kind)), [], kind)
      assert.deepEqual(spec.readContent(kind, spec.clone(spec.blank(kind))), [], kind)
    }
  })

  test(`${store}: it names the hosts it stands in for`, () => {
    assert.ok(hosts.length > 0)
    for (const host of hosts) assert.match(host, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
  })
}

test('no two stores have the same name', () => {
  const names = stores.map(({ spec }) => spec.store)
  assert.equal(new Set(names).size, names.length)
})

function probesOf(store: string): StoreProbes {
  const found = probes[store]
  if (!found) throw new Error(`there are no probes for '${store}'`)
  return found
}

async function send(server: TestServer, { method, url }: Probe, headers: Headers = {}): Promise<Probed> {
  const answer = await server.http.inject({ method, url, headers })
  return { status: answer.statusCode, headers: answer.headers, body: answer.body }
}

type Headers = { readonly [name: string]: string }

async function headersOf(server: TestServer, credentials: StoreProbes['credentials']): Promise<Headers> {
  return typeof credentials === 'function' ? credentials(server) : credentials
}

/** What a store's routes answer when a handler throws. */
async function answerTo(thrown: unknown, sendError: StoreProbes['sendError']): Promise<Probed> {
  await using app = disposable(fastify())
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.get('/', async () => {
    throw thrown
  })
  const answer = await app.inject('/')
  return { status: answer.statusCode, headers: answer.headers, body: answer.body }
}

function disposable<T extends { close(): Promise<unknown> }>(closing: T): T & AsyncDisposable {
  return Object.assign(closing, {
    [Symbol.asyncDispose]: async () => {
      await closing.close()
    },
  })
}
