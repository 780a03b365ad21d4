import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AxmlElement,
  type AxmlOptions,
  buildAxml,
  chunk,
  manifestElement,
  words,
} from '../../../../test/helpers/axml-builder.ts'
import { readXml } from './document.ts'

const tree: AxmlElement = {
  name: 'manifest',
  android: { versionCode: 7, debuggable: true, label: { reference: 0x7f010002 } },
  plain: { package: 'com.example.añb', split: '' },
  children: [{ name: 'application', children: [{ name: 'activity' }] }, { name: 'uses-sdk' }],
}

function shape(options: AxmlOptions = {}) {
  const document = readXml(buildAxml(tree, options))
  const elements = document.elements.map(({ name, depth }) => `${depth} ${name}`)
  const attributes = document.elements[0]?.attributes() ?? []
  return { ...document, elements, attributes }
}

const whole = ['1 manifest', '2 application', '3 activity', '2 uses-sdk']

test('elements come in document order with their depth', () => {
  const { elements, refusals, oddities } = shape()
  assert.deepEqual({ elements, refusals, oddities }, { elements: whole, refusals: [], oddities: [] })
})

test('attributes have their framework identifier, type and text', () => {
  const { attributes } = shape()
  const found = attributes.map(({ resourceId, namespace, name, type, data, text }) => ({
    resourceId,
    own: namespace === undefined,
    name,
    type,
    data: type === 3 ? text : data,
  }))
  assert.deepEqual(found, [
    { resourceId: 0x01010001, own: false, name: 'label', type: 1, data: 0x7f010002 },
    { resourceId: 0x0101000f, own: false, name: 'debuggable', type: 0x12, data: -1 },
    { resourceId: 0x0101021b, own: false, name: 'versionCode', type: 0x10, data: 7 },
    { resourceId: 0, own: true, name: 'package', type: 3, data: 'com.example.añb' },
    { resourceId: 0, own: true, name: 'split', type: 3, data: '' },
  ])
})

test('UTF-8 and UTF-16 pools read the same', () => {
  assert.deepEqual(shape({ utf8: true }).attributes, shape({ utf8: false }).attributes)
})

test('attributes may be longer than they need', () => {
  const padded = shape({ attributeSize: 36 })
  assert.deepEqual(padded.attributes, shape().attributes)
  assert.deepEqual(padded.refusals, [])
  assert.match(padded.oddities.join(), /longer/)
})

test('attributes shorter than they must be are refused and not read across each other', () => {
  const bytes = Buffer.from(buildAxml({ name: 'manifest', plain: { package: 'a.b' } }))
  const start = bytes.indexOf(Buffer.from([20, 0, 20, 0, 1, 0]))
  bytes.writeUInt16LE(8, start + 2)
  const document = readXml(bytes)
  assert.deepEqual(document.elements[0]?.attributes(), [])
  assert.match(document.refusals.join(), /attributes of 8 bytes/)
})

test('chunks of unknown types are passed over wherever they stand', () => {
  const junk = chunk(0x7777, words(1, 2, 3))
  const { elements, refusals, oddities } = shape({ chunksBefore: [junk], chunksBetween: [junk, junk] })
  assert.deepEqual(elements, whole)
  assert.deepEqual(refusals, [])
  assert.deepEqual(oddities, ['it has chunks of unknown types'])
})

test('Android does not look at the type of the outermost chunk, its signature verifier does', () => {
  const { elements, refusals } = shape({ outerType: 0 })
  assert.deepEqual(elements, whole)
  assert.match(refusals.join(), /chunk of type 0/)
})

test('bytes after the document are left alone', () => {
  const { elements, refusals, oddities } = shape({ trailing: Buffer.from('PK and so on') })
  assert.deepEqual({ elements, refusals }, { elements: whole, refusals: [] })
  assert.deepEqual(oddities, ['bytes follow the document'])
})

test('a second string pool after the first element is not used', () => {
  const pool = chunk(0x0001, words(), words(0, 0, 0, 28, 0))
  const { elements, refusals } = shape({ chunksBetween: [pool] })
  assert.deepEqual(elements, whole)
  assert.match(refusals.join(), /two string pools/)
})

test('a pool that counts a few strings too many does no harm, one that has no room for them is refused', () => {
  const few = shape({ extraStringCount: 1, extraStrings: ['padding'] })
  assert.deepEqual({ elements: few.elements, refusals: few.refusals }, { elements: whole, refusals: [] })
  assert.deepEqual(few.attributes, shape().attributes)
  assert.match(readXml(buildAxml(tree, { extraStringCount: 0x3fffffff })).refusals.join(), /claims/)
})

for (const [title, bytes, expected] of [
  [
    'a chunk that claims more than there is',
    Buffer.from([0x77, 0x77, 8, 0, 0xff, 0xff, 0xff, 0xff]),
    /claims/,
  ],
  [
    'a chunk that claims no bytes at all',
    Buffer.from([0x77, 0x77, 8, 0, 0, 0, 0, 0]),
    /smaller than its header/,
  ],
  ['a chunk with a header of four bytes', Buffer.from([0x77, 0x77, 4, 0, 8, 0, 0, 0]), /header of 4 bytes/],
  ['a start of an element without room', chunk(0x0102, words(1), words(1, 2)), /too short/],
  ['an end of an element without room', chunk(0x0103, words(1), words(1, 2)), /too short/],
] as const) {
  test(`${title} ends the reading, and what came before stays`, () => {
    const { elements, refusals } = shape({ chunksBetween: [bytes] })
    assert.equal(elements[0], '1 manifest')
    assert.match(refusals.join(), expected)
  })
}

test('a second root is refused: Android stops after the first', () => {
  const one = Buffer.from(buildAxml({ name: 'manifest' }))
  const nodes = one.subarray(one.length - 60)
  const body = Buffer.concat([one.subarray(8), nodes])
  assert.match(readXml(chunk(0x0003, body)).refusals.join(), /second root/)
})

test('text, nothing and noise are refused without elements', () => {
  for (const bytes of [Buffer.from('<?xml version="1.0"?><manifest/>'), Buffer.alloc(0), Buffer.alloc(100)]) {
    const { elements, refusals } = readXml(bytes)
    assert.deepEqual(elements, [])
    assert.equal(refusals.length > 0, true)
  }
})

test('a document cut off anywhere is refused and never thrown', () => {
  const bytes = buildAxml(manifestElement({}))
  for (let length = 0; length < bytes.length; length++) {
    assert.ok(readXml(bytes.subarray(0, length)).refusals.length > 0, `${length} bytes`)
  }
})
