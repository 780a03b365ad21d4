import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMessages } from './server-sent-events.ts'

async function read(text: string, chunk: number): Promise<string[]> {
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunk) controller.enqueue(bytes.subarray(at, at + chunk))
      controller.close()
    },
  })
  const messages = await Array.fromAsync(readMessages(body))
  return messages.map(({ id, data }) => `${id}=${data}`)
}

test('messages are the same however the bytes arrive', async () => {
  const text =
    'retry: 1000\n\nid: 1\nevent: a\ndata: {"name":"é 😀"}\n\n:\n\nid: 2\ndata: x: y\ndata:z\n\nid: 3\n\n'
  for (const chunk of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(await read(text, chunk), ['1={"name":"é 😀"}', '2=x: y\nz'])
  }
})

test('what the end cuts off is dropped', async () => {
  assert.deepEqual(await read('id: 1\ndata: a\n\nid: 2\ndata: b\n', 5), ['1=a'])
  assert.deepEqual(await read('', 5), [])
})
