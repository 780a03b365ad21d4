import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededRandom } from '../../test/helpers/seeded-random.ts'
import { EngineError } from '../engine/index.ts'
import { bodyOf } from './body.ts'
import { passingBodyOf, pieceBytes } from './passing-body.ts'

const MiB = 1024 * 1024

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const asRequest = (source: Readable) => source as IncomingMessage

for (const [name, read] of [
  ['a body chunk by chunk', bodyOf],
  ['a body in passing', passingBodyOf],
] as const) {
  test(`${name}: of any size it takes little memory, what was read is let go`, async () => {
    const total = 64 * MiB
    const source = Readable.from(
      (function* chunks() {
        for (let sent = 0; sent < total; sent += 64 * 1024) yield Buffer.alloc(64 * 1024, 1)
      })(),
    )
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    let arrived = 0
    let looked = 0
    let most = 0
    for await (const chunk of read(asRequest(source), 60_000)) {
      arrived += chunk.byteLength
      if (arrived - looked < 8 * MiB) continue
      looked = arrived
      collectGarbage()
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    assert.equal(arrived, total)
    assert.ok(looked > 48 * MiB)
    assert.ok(most < 24 * MiB, `${most} bytes were kept`)
  })

  test(`${name}: a reader that takes its time does not time out the client`, async () => {
    const source = new Readable({ read: () => {} })
    source.push('a')
    const body = read(asRequest(source), 20)
    assert.equal((await body.next()).value?.toString(), 'a')
    await sleep(60)
    source.push('b')
    assert.equal((await body.next()).value?.toString(), 'b')
    source.push(null)
    assert.equal((await body.next()).done, true)
  })

  test(`${name}: a client that sends nothing for too long is given up, also after a slow reader`, async () => {
    const source = new Readable({ read: () => {} })
    source.push('a')
    const body = read(asRequest(source), 20)
    assert.equal((await body.next()).value?.toString(), 'a')
    await sleep(60)
    await assert.rejects(body.next(), (error) => error instanceof EngineError && error.code === 'timeout')
  })

  test(`${name}: a client that breaks off is invalid, and so is one that broke off before`, async () => {
    const source = new Readable({ read: () => {} })
    source.push('a')
    const body = read(asRequest(source), 1000)
    assert.equal((await body.next()).value?.toString(), 'a')
    source.destroy()
    const invalid = (error: unknown) => error instanceof EngineError && error.code === 'invalid'
    await assert.rejects(body.next(), invalid)
    await assert.rejects(read(asRequest(source), 1000).next(), invalid)
  })

  test(`${name}: bytes of any size and at any time arrive as they were sent, over a socket`, async () => {
    const random = seededRandom(7)
    const sent = createHash('sha256')
    await using server = await listening(async (request, response) => {
      const hash = createHash('sha256')
      let turn = 0
      for await (const chunk of read(request, 5000)) {
        hash.update(chunk)
        // A slow disk now and then.
        if (turn++ % 7 === 0) await sleep(2)
      }
      response.end(hash.digest('hex'))
    })
    const outgoing = post(server.port)
    const answer = once(outgoing, 'response')
    for (let index = 0; index < 120; index++) {
      const chunk = Buffer.from(random.bytes([1, 100, 16_384, 65_536, 300_000][random.below(5)] ?? 1))
      sent.update(chunk)
      if (!outgoing.write(chunk)) await once(outgoing, 'drain')
      if (index % 40 === 39) await sleep(5)
    }
    outgoing.end()
    const [response] = (await answer) as [IncomingMessage]
    assert.equal((await response.toArray()).join(''), sent.digest('hex'))
  })

  test(`${name}: a reader that has had enough can still answer`, async () => {
    await using server = await listening(async (request, response) => {
      for await (const _ of read(request, 5000)) break
      assert.equal(request.destroyed, false)
      response.writeHead(413).end()
    })
    const outgoing = post(server.port)
    outgoing.on('error', () => {})
    const answer = once(outgoing, 'response')
    outgoing.write(Buffer.alloc(64 * 1024))
    const [response] = (await answer) as [IncomingMessage]
    assert.equal(response.statusCode, 413)
    outgoing.destroy()
  })

  test(`${name}: an empty one ends at once`, async () => {
    assert.equal((await read(asRequest(Readable.from([])), 1000).next()).done, true)
  })
}

test('in passing, a chunk larger than any piece comes in several, and two pieces take turns', async () => {
  const bytes = Buffer.from(seededRandom(3).bytes(3_000_000))
  const pieces: Buffer[] = []
  const memories = new Set<ArrayBufferLike>()
  for await (const piece of passingBodyOf(asRequest(Readable.from([bytes])), 1000)) {
    memories.add(piece.buffer)
    pieces.push(Buffer.from(piece))
  }
  assert.ok(pieces.length > 4)
  assert.equal(memories.size, 2)
  assert.ok(bytes.equals(Buffer.concat(pieces)))
})

test('in passing, a reader who wants full pieces waits for them, and gets what is left at the end', async () => {
  const source = new Readable({ read: () => {} })
  const sizes: number[] = []
  const reading = (async () => {
    for await (const piece of passingBodyOf(asRequest(source), 1000, pieceBytes)) sizes.push(piece.byteLength)
  })()
  const half = Buffer.alloc(pieceBytes / 2)
  for (let index = 0; index < 5; index++) {
    source.push(half)
    await sleep(10)
    assert.equal(sizes.length, Math.floor((index + 1) / 2))
  }
  source.push(null)
  await reading
  assert.deepEqual(sizes, [pieceBytes, pieceBytes, pieceBytes / 2])
})

test('in passing, a client that keeps sending is not given up before its piece is full, one that stops is', async () => {
  const source = new Readable({ read: () => {} })
  const body = passingBodyOf(asRequest(source), 60, pieceBytes)
  const piece = body.next()
  const sending = setInterval(() => source.push('a'), 10)
  await sleep(200)
  clearInterval(sending)
  await assert.rejects(piece, (error) => error instanceof EngineError && error.code === 'timeout')
})

async function listening(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  const server = createServer(handle)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function post(port: number) {
  return request({ port, host: '127.0.0.1', method: 'POST', agent: false })
}
