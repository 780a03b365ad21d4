import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDocument } from './documents.ts'

const textOf = (value: unknown) => JSON.stringify(value)

test('a document that is read again and again is parsed once, and cannot be changed then', () => {
  const text = textOf({ name: 'App', listings: { 'en-us': { images: [] } } })
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
  for (const value of [1, 1, 1, 2, 2, 1, 2, 1, 1, 1]) {
    assert.deepEqual(parseDocument('edited', textOf({ value })), { value })
  }
})

test('documents beyond what is remembered are parsed anew, and come out whole', () => {
  const large = textOf({ filler: 'x'.repeat(1_500_000) })
  const read = (id: string) => parseDocument<{ filler: string }>(id, large)
  for (const id of ['one', 'one', 'two', 'two', 'three', 'three']) read(id)
  assert.equal(read('three'), read('three'))
  const [first, again] = [read('one'), read('one')]
  assert.equal(first.filler.length, 1_500_000)
  assert.notEqual(first, again)
  const huge = textOf({ filler: 'x'.repeat(5_000_000) })
  assert.notEqual(parseDocument('huge', huge), parseDocument('huge', huge))
})
