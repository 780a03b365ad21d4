import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetOf } from './redirection.ts'

test('targets are read with and without a port, in any case', () => {
  assert.deepEqual(targetOf('API.Store.example:8443'), { host: 'api.store.example', port: 8443 })
  assert.deepEqual(targetOf('api.store.example'), { host: 'api.store.example', port: 443 })
  assert.deepEqual(targetOf('[2001:db8::1]:443'), { host: '2001:db8::1', port: 443 })
  assert.deepEqual(targetOf('[::1]'), { host: '::1', port: 443 })
})

test('what is no target is no store’s either', () => {
  for (const text of ['', ':443', 'a:b:c', 'host:', 'host:port', 'host:999999', '2001:db8::1']) {
    const { host } = targetOf(text)
    assert.notEqual(host, 'host', text)
  }
})
