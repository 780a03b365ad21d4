import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../../test/helpers/start-server.ts'

const headers = {
  authorization: 'ApiKey sandbox-api-key',
  'x-clientid': '22222222-2222-2222-2222-222222222222',
}

test('a path that cannot be decoded, or is far too long, is answered by the store it is for', async () => {
  await using server = await startServer()
  for (const id of ['%ZZ', '%', '%E0%A4%A', 'x'.repeat(5000)]) {
    const url = `/v1/products/${id}/submissions/operations/33333333-3333-3333-3333-333333333333`
    const answer = await server.http.inject({ url, headers })
    assert.equal(answer.statusCode, 404, id)
    assert.equal(answer.body, '', id)
    assert.equal(answer.statusMessage, 'Resource Not Found', id)
  }
})

test('a path that belongs to nobody is answered in JSON, with the request id in a header', async () => {
  await using server = await startServer()
  const answer = await server.http.inject({ url: '/nowhere?sig=secret' })
  assert.equal(answer.statusCode, 404)
  assert.equal(answer.json().error.code, 'not_found')
  assert.doesNotMatch(answer.body, /secret/)
  assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/)
})
