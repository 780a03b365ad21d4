import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../test/helpers/api-server.ts'
import { parseObject } from './json-body.ts'

const parse = (text: string) => parseObject(Buffer.from(text))

test('an object is read as it was written', () => {
  const text = '{"a":[1,-2.5,1e-7,9007199254740991],"b":{"c":null},"constructor":"x"}'
  assert.equal(JSON.stringify(parse(text)), text)
})

test('what is no object, no JSON or no UTF-8 is refused', () => {
  for (const text of ['', '[]', 'null', '"x"', '1', '{', '{"a":1,}', "{'a':1}", '{"a":NaN}', '\ufeff ']) {
    assert.throws(() => parse(text), { code: 'invalid' }, text)
  }
  assert.throws(() => parseObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), {
    code: 'invalid',
  })
})

test('numbers that would lose digits are refused with their place', () => {
  for (const number of ['9007199254740993', '-9007199254740993', '1e999', '123456789012345678901']) {
    assert.throws(() => parse(`{"a":{"b":[0,${number}]}}`), { code: 'invalid', target: 'a.b.1' }, number)
  }
})

test('a member named __proto__ is refused wherever it is', () => {
  assert.throws(() => parse('{"a":{"__proto__":{"admin":true}}}'), { code: 'invalid', target: 'a.__proto__' })
})

test('nesting is bounded, however deep it goes', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  assert.doesNotThrow(() => parse(nested(60)))
  assert.throws(() => parse(nested(70)), { code: 'invalid' })
  assert.throws(() => parse(nested(500_000)), { code: 'invalid' })
})

test('a body beyond a mebibyte is 413, and the connection ends', async () => {
  await using api = await startApi()
  const body = { store: 'workshop', kind: 'gadget', name: 'x', published: { text: 'x'.repeat(1024 * 1024) } }
  const { status, json, headers } = await api.ask('POST', '/products', { body })
  assert.deepEqual([status, json.error.code, headers.connection], [413, 'too_large', 'close'])
})

test('any Content-Type will do, as long as the body is JSON', async () => {
  await using api = await startApi()
  const url = await api.http.listen({ host: '127.0.0.1', port: 0 })
  const body = JSON.stringify({ store: 'workshop', kind: 'gadget', name: 'x' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'x.box: binary']) {
    const headers = { authorization: `Bearer ${api.tokenOf.contoso}`, 'content-type': type }
    const response = await fetch(`${url}/api/v1/products`, { method: 'POST', headers, body })
    assert.equal(response.status, 201, type)
    await response.body?.cancel()
  }
})
