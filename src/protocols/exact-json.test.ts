import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as always, bigInt, jsonValue, property } from 'fast-check'
import { bareInteger, digitsOf, parseExact, writeExact } from './exact-json.ts'

const int64 = bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

test('every integer of 64 bits survives reading, storing as JSON and writing', () => {
  always(
    property(int64, (value) => {
      const text = `{"id":${value},"list":[${value}]}`
      const stored = JSON.parse(JSON.stringify(parseExact(text)))
      assert.equal(writeExact(stored), text)
      assert.equal(digitsOf(stored.id), value.toString())
      assert.equal(writeExact({ id: bareInteger(value.toString()) }), `{"id":${value}}`)
    }),
  )
})

test('what has no large integers is read and written as JSON is', () => {
  always(
    property(jsonValue(), (value) => {
      const text = JSON.stringify(value)
      assert.equal(writeExact(parseExact(text)), JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('zeros in front of digits are dropped, and what is no integer has no digits', () => {
  assert.equal(writeExact([bareInteger('0014631253285588838')]), '[14631253285588838]')
  assert.deepEqual(
    [1.5, '7', null, {}, [1], true].map((value) => digitsOf(value)),
    [undefined, undefined, undefined, undefined, undefined, undefined],
  )
  assert.equal(digitsOf(-12), '-12')
})
