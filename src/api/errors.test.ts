import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, type EngineErrorCode } from '../engine/index.ts'
import { statusOf, toWireError } from './errors.ts'
import { type ApiError, errorCodes } from './schema.ts'

test('the codes of the engine, of the table and of the schema are the same', () => {
  // The compiler holds the table to the engine's codes; these two lines hold the schema's to both.
  const fromEngine: ApiError['error']['code'] = 'internal' satisfies EngineErrorCode
  const fromSchema: EngineErrorCode = fromEngine
  assert.ok(fromSchema)
  assert.deepEqual(Object.keys(statusOf).sort(), [...errorCodes].sort())
})

test('every code is answered with a status of failure', () => {
  for (const [code, status] of Object.entries(statusOf)) assert.ok(status >= 400 && status < 600, code)
})

test('an internal error keeps its message for the log', () => {
  const { error } = toWireError(new EngineError('internal', 'secret path /x', { target: 'x' }), 'r1')
  assert.doesNotMatch(error.message, /secret/)
  assert.equal(toWireError(new EngineError('conflict', 'taken', { target: 'id' }), 'r1').error.target, 'id')
})
