import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunk, stringPool, words } from '../../../../test/helpers/axml-builder.ts'
import { type Chunk, isBad, readChunk } from './chunk.ts'
import { StringPool } from './string-pool.ts'

function pool(bytes: Uint8Array): StringPool {
  const read = readChunk(bytes, 0)
  assert.ok(read !== undefined && !isBad(read))
  return new StringPool(read as Chunk)
}

const texts = ['', 'a', 'añ', '日本語', '𝄞', 'x'.repeat(200), 'é'.repeat(5000)]

for (const utf8 of [true, false]) {
  const form = utf8 ? 'UTF-8' : 'UTF-16'

  test(`${form} strings of every length read as they were written`, () => {
    const read = pool(stringPool(texts, utf8))
    assert.deepEqual(
      texts.map((_, index) => read.get(index)),
      texts,
    )
  })

  test(`${form} strings beyond 32767 units read whole`, () => {
    const long = 'y'.repeat(0x8000 + 17)
    assert.equal(pool(stringPool([long, 'next'], utf8)).get(0), long)
  })

  test(`a ${form} string that does not end where it says is no string`, () => {
    const bytes = Buffer.from(stringPool(['abcd'], utf8))
    bytes[32] = 2
    if (utf8) bytes[33] = 2
    assert.equal(pool(bytes).get(0), undefined)
  })
}

test('an index without a string gives none', () => {
  const read = pool(stringPool(['only']))
  assert.deepEqual([read.get(1), read.get(0xffffffff)], [undefined, undefined])
})

test('an offset outside of the pool gives none', () => {
  const bytes = Buffer.from(stringPool(['only']))
  bytes.writeUInt32LE(0xfffffff0, 28)
  assert.equal(pool(bytes).get(0), undefined)
})

test('a pool that claims more strings than it has room for is refused', () => {
  assert.throws(() => pool(stringPool(['a'], true, 1000)), /claims 1001 strings/)
})

test('strings that lie outside of their pool are refused', () => {
  assert.throws(() => pool(chunk(0x0001, words(0), words(1, 0, 0, 5000, 0))), /do not lie inside/)
})

test('strings that all share their bytes cost no more than the pool is big', () => {
  const long = 'z'.repeat(100_000)
  const bytes = Buffer.from(stringPool([long, ...Array.from({ length: 1000 }, () => '')], true))
  for (let index = 1; index <= 1000; index++) bytes.writeUInt32LE(bytes.readUInt32LE(28), 28 + index * 4)
  const read = pool(bytes)
  let characters = 0
  for (let index = 0; index <= 1000; index++) characters += read.get(index)?.length ?? 0
  assert.ok(characters <= bytes.length + 65_536, `${characters} characters`)
})
