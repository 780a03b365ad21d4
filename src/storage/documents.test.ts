import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDocument } from './documents.ts'

const textOf = (value: unknown) => JSON.stringify(value)

test('a document that is read again and again is parsed once, and cannot be changed then', () => {
  const text = textOf({ name: 'App '.repeat(200), listings: { 'en-us': { images: [] } } })
  const [first, second, third] = [1, 2, 3].map(() => parseDocument<{ listings: object }>('polled', text))
  assert.ok(first && second && third)
  for (const document of [first, second, third]) assert.equal(textOf(document), text)
  assert.notEqual(first, second)
  assert.equal(second, third)
  assert.throws(() => Object.assign(third.listings, { 'de-de': {} }), TypeError)
  Object.assign(first.listings, { 'de-de': {} })
  assert.equal(textOf(parseDocument('polled', text)), text)
})

test('another text is another document, also when the first one comes back', () => {
  const filler = 'x'.repeat(1000)
  for (const value of [1, 1, 1, 2, 2, 1, 2, 1, 1, 1]) {
    assert.deepEqual(parseDocument('edited', textOf({ value, filler })), { value, filler })
  }
})

test('documents beyond what is remembered are parsed anew, and come out whole', () => {
  const large = textOf({ filler: 'x'.repeat(1_500_000) })
  const read = (id: string) => parseDocument<{ filler: string }>(id, large)
  for (const id of ['one', 'one', 'two', 'two', 'three', 'three', 'four', 'four']) read(id)
  assert.equal(read('four'), read('four'))
  const [first, again] = [read('one'), read('one')]
  assert.equal(first.filler.length, 1_500_000)
  assert.notEqual(first, again)
})

test('a document that is asked for all the time is remembered, whatever else is read', () => {
  const polled = textOf({ polled: 'x'.repeat(1000) })
  const read = () => parseDocument('asked', polled)
  read()
  const shared = read()
  for (let other = 0; other < 20; other++) {
    parseDocument(`other ${other}`, textOf({ filler: 'x'.repeat(900_000) }))
    assert.equal(read(), shared)
  }
})
