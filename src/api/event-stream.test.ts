import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Actor, EngineError, type Event } from '../engine/index.ts'
import { eventStream } from './event-stream.ts'

const actor: Actor = { accountId: 'contoso', credentialId: 'c-1', role: 'publisher' }
const position = { after: 0 }

/** Watches forever and gives nothing; tells when it was let go. */
function quiet() {
  const watched = { over: false, good: true }
  return {
    watched,
    // biome-ignore lint/correctness/useYield: there is nothing to yield
    async *watchEvents(_actor: Actor, _page: unknown, abort: AbortSignal): AsyncGenerator<Event> {
      if (!abort.aborted) await once(abort, 'abort')
      watched.over = true
    },
    async resume() {
      if (!watched.good) throw new EngineError('unauthenticated', 'revoked')
      return actor
    },
  }
}

async function tick(t: TestContext, milliseconds: number): Promise<void> {
  t.mock.timers.tick(milliseconds)
  await turn()
}

test('a comment is sent when nothing happens, so that nobody takes the connection for dead', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const closing = new AbortController()
  const stream = eventStream({ engine: quiet(), actor, position, closing: closing.signal })
  stream.setEncoding('utf8')
  await turn()
  assert.equal(stream.read(), 'retry: 1000\n\n')
  await tick(t, 15_000)
  assert.equal(stream.read(), ':\n\n')
  await tick(t, 14_999)
  assert.equal(stream.read(), null)
  closing.abort()
  await once(stream.resume(), 'close')
})

test('the watch is let go when the reader goes', async () => {
  const engine = quiet()
  const stream = eventStream({ engine, actor, position, closing: new AbortController().signal })
  await turn()
  stream.destroy()
  await once(stream, 'close')
  await turn()
  assert.equal(engine.watched.over, true)
})

test('the stream ends at the next heartbeat when the credential is no longer good', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const engine = quiet()
  const stream = eventStream({ engine, actor, position, closing: new AbortController().signal })
  const ended = once(stream.resume(), 'end')
  engine.watched.good = false
  await tick(t, 15_000)
  await ended
  assert.equal(engine.watched.over, true)
})

test('a failing database breaks the stream off, so that the client comes back', async () => {
  const engine = {
    ...quiet(),
    // biome-ignore lint/correctness/useYield: it fails before it has anything to yield
    async *watchEvents(): AsyncGenerator<Event> {
      throw new Error('disk gone')
    },
  }
  const stream = eventStream({ engine, actor, position, closing: new AbortController().signal })
  const [error] = await once(stream, 'error')
  assert.equal((error as Error).message, 'disk gone')
})

test('no heartbeat piles up behind a reader that takes nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const closing = new AbortController()
  const event: Event = {
    seq: 1,
    at: 0,
    accountId: 'contoso',
    type: 'product.created',
    store: null,
    productId: null,
    submissionId: null,
    data: { text: 'x'.repeat(200_000) },
  }
  const engine = {
    ...quiet(),
    async *watchEvents(_actor: Actor, _page: unknown, abort: AbortSignal): AsyncGenerator<Event> {
      while (!abort.aborted) yield event
    },
  }
  const stream = eventStream({ engine, actor, position, closing: closing.signal })
  await turn()
  const full = stream.readableLength
  for (let beat = 0; beat < 10; beat++) await tick(t, 15_000)
  assert.ok(full < 1_000_000, `${full} bytes wait`)
  assert.equal(stream.readableLength, full)
  closing.abort()
  await once(stream.resume(), 'end')
})
