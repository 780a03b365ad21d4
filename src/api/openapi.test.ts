import assert from 'node:assert/strict'
import { test } from 'node:test'
import Schema from 'typebox/schema'
import { exactly } from '../../test/helpers/api-contract.ts'
import { startApi } from '../../test/helpers/api-server.ts'

const routes = [
  'GET /openapi.json',
  'GET /products',
  'POST /products',
  'GET /products/{productId}',
  'GET /products/{productId}/submissions',
  'POST /products/{productId}/submissions',
  'GET /products/{productId}/packages',
  'GET /submissions/{submissionId}',
  'DELETE /submissions/{submissionId}',
  'PUT /submissions/{submissionId}/content',
  'POST /submissions/{submissionId}/approve',
  'POST /submissions/{submissionId}/reject',
  'POST /submissions/{submissionId}/cancel',
  'POST /submissions/{submissionId}/release',
  'POST /submissions/{submissionId}/unpublish',
  'GET /packages/{packageId}',
  'GET /credentials',
  'POST /credentials',
  'DELETE /credentials/{credentialId}',
  'GET /accounts',
  'POST /accounts',
  'GET /events',
  'GET /events/stream',
]

test('the document is OpenAPI 3.1 and has every route', async () => {
  await using api = await startApi()
  const { openapi, info, servers, paths } = api.document
  assert.match(openapi, /^3\.1\.\d+$/)
  assert.deepEqual(Object.keys(info as object), ['title', 'version', 'description'])
  assert.deepEqual(servers, [{ url: '/api/v1' }])
  const found = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(found.sort(), [...routes].sort())
})

test('every operation has a name of its own, a summary, a tag and its path parameters', async () => {
  await using api = await startApi()
  const names = new Set<string>()
  const tags = new Set((api.document.tags as { name: string }[]).map(({ name }) => name))
  for (const [path, operations] of Object.entries(api.document.paths)) {
    for (const { operationId, summary, tags: own, parameters } of Object.values(operations)) {
      assert.ok(summary && !names.has(operationId), operationId)
      names.add(operationId)
      assert.ok(
        own.every((tag) => tags.has(tag)),
        operationId,
      )
      const inPath = parameters.filter((parameter) => parameter.in === 'path')
      assert.deepEqual(
        inPath.map(({ name, required }) => [name, required]),
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]),
      )
    }
  }
})

test('every response is described, and says what its body is', async () => {
  await using api = await startApi()
  for (const operation of api.document.paths
    ? Object.values(api.document.paths).flatMap(Object.values)
    : []) {
    const responses = Object.entries(
      operation.responses as Record<string, { description: string; content?: object }>,
    )
    assert.ok(
      responses.some(([status]) => status.startsWith('2')),
      operation.operationId,
    )
    assert.ok(
      responses.some(([status]) => status === '500'),
      operation.operationId,
    )
    for (const [status, { description, content }] of responses) {
      assert.ok(description, `${operation.operationId} ${status}`)
      assert.equal(content === undefined, status === '204', `${operation.operationId} ${status}`)
    }
  }
})

test('every reference leads to a schema, every schema is used, and every pattern compiles', async () => {
  await using api = await startApi()
  const { schemas } = api.document.components
  const text = JSON.stringify(api.document)
  const referred = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name ?? ''))
  assert.deepEqual([...referred].sort(), Object.keys(schemas).sort())
  for (const [name, schema] of Object.entries(schemas)) {
    const whole = exactly(api.document, schema)
    assert.ok(schema.description, name)
    assert.equal(typeof Schema.Check(whole, {}), 'boolean')
  }
})

test('the document needs no token and is the same each time', async () => {
  await using api = await startApi()
  const [one, two] = [
    await api.ask('GET', '/openapi.json', { as: null }),
    await api.ask('GET', '/openapi.json'),
  ]
  assert.equal(one.text, two.text)
})
