import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { EngineError } from '../engine/index.ts'
import { bodyOf } from './body.ts'

const MiB = 1024 * 1024

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a body of any size takes little memory: what was read is let go', async () => {
  const total = 64 * MiB
  const source = Readable.from(
    (function* chunks() {
      for (let sent = 0; sent < total; sent += 64 * 1024) yield Buffer.alloc(64 * 1024, 1)
    })(),
  )
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  let read = 0
  let most = 0
  for await (const chunk of bodyOf(source as IncomingMessage, 60_000)) {
    read += chunk.byteLength
    if (read % (8 * MiB) !== 0) continue
    collectGarbage()
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  assert.equal(read, total)
  assert.ok(most < 24 * MiB, `${most} bytes were kept`)
})

test('only silence counts as silence: a reader that takes its time does not time out the client', async () => {
  const body = bodyOf(Readable.from([Buffer.from('a'), Buffer.from('b')]) as IncomingMessage, 20)
  assert.equal((await body.next()).value?.toString(), 'a')
  await sleep(60)
  assert.equal((await body.next()).value?.toString(), 'b')
  assert.equal((await body.next()).done, true)
})

test('a client that sends nothing for too long is given up, also after a slow reader', async () => {
  const source = new Readable({ read: () => {} })
  source.push('a')
  const body = bodyOf(source as IncomingMessage, 20)
  assert.equal((await body.next()).value?.toString(), 'a')
  await sleep(60)
  await assert.rejects(body.next(), (error) => error instanceof EngineError && error.code === 'timeout')
})

test('a client that breaks off is invalid', async () => {
  const source = new Readable({ read: () => {} })
  source.push('a')
  const body = bodyOf(source as IncomingMessage, 1000)
  assert.equal((await body.next()).value?.toString(), 'a')
  source.destroy()
  await assert.rejects(body.next(), (error) => error instanceof EngineError && error.code === 'invalid')
})
