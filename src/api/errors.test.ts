import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, errorCodes } from '../engine/index.ts'
import { statusOf, toWireError } from './errors.ts'
import { ApiError } from './schema.ts'

test('every code of the engine is in the table, and in the schema of the document', () => {
  assert.deepEqual(Object.keys(statusOf).sort(), [...errorCodes].sort())
  assert.deepEqual(ApiError.properties.error.properties.code.enum, errorCodes)
})

test('every code is answered with a status of failure', () => {
  for (const [code, status] of Object.entries(statusOf)) assert.ok(status >= 400 && status < 600, code)
})

test('an internal error keeps its message for the log', () => {
  const { error } = toWireError(new EngineError('internal', 'secret path /x', { target: 'x' }), 'r1')
  assert.doesNotMatch(error.message, /secret/)
  assert.equal(toWireError(new EngineError('conflict', 'taken', { target: 'id' }), 'r1').error.target, 'id')
})
