import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ArscForm, type ArscValue, buildArsc } from '../../../../test/helpers/arsc-builder.ts'
import { valueType } from '../axml/value.ts'
import { resolver } from './resolve.ts'
import { readResourceTable } from './table.ts'

const reference = (index: number) => ({
  type: valueType.reference,
  data: 0x7f010000 + index,
  text: undefined,
})

const open = (resources: readonly (readonly ArscValue[])[], form?: ArscForm) =>
  resolver(readResourceTable(buildArsc(resources, form)))

const mixed: readonly (readonly ArscValue[])[] = [
  [{ value: 'Deutsch', language: 'de' }, { value: 'default' }, { value: 'dense', density: 480 }],
  [{ value: 42 }],
  [],
  [{ value: { reference: 0x7f010000 } }],
]

for (const form of ['plain', 'sparse', 'short', 'compact'] as const) {
  test(`references are followed through a table with ${form} entries`, () => {
    const resources = open(mixed, form)
    assert.equal(resources.text(reference(0)), 'default')
    assert.equal(resources.integer(reference(1)), 42)
    assert.equal(resources.text(reference(1)), '42')
    assert.equal(resources.text(reference(2)), undefined)
    assert.equal(resources.text(reference(3)), 'default')
  })
}

test('the default language wins over any other, then the least qualified', () => {
  const resources = open([
    [
      { value: 'fr', language: 'fr' },
      { value: 'hdpi', density: 240 },
    ],
    [{ value: 'fr only', language: 'fr' }],
  ])
  assert.equal(resources.text(reference(0)), 'hdpi')
  assert.equal(resources.text(reference(1)), 'fr only')
})

test('an icon is the densest bitmap, or the vector where there is no bitmap', () => {
  const resources = open([
    [
      { value: 'res/any.xml', density: 0xfffe },
      { value: 'res/mdpi.png', density: 160 },
      { value: 'res/xxhdpi.png', density: 480 },
    ],
    [{ value: 'res/vector.xml', density: 0xfffe }, { value: 'res/default.xml' }],
  ])
  assert.equal(resources.file(reference(0)), 'res/xxhdpi.png')
  assert.equal(resources.file(reference(1)), 'res/default.xml')
})

test('literal values need no table', () => {
  const resources = resolver(undefined)
  assert.equal(resources.text({ type: valueType.string, data: 0, text: 'literal' }), 'literal')
  assert.equal(resources.integer({ type: valueType.string, data: 0, text: '0x1F' }), 31)
  assert.equal(resources.text(reference(0)), undefined)
})

test('references in a circle, to another package or out of the table resolve to nothing', () => {
  const resources = open([[{ value: { reference: 0x7f010001 } }], [{ value: { reference: 0x7f010000 } }]])
  assert.equal(resources.text(reference(0)), undefined)
  assert.equal(resources.text(reference(5000)), undefined)
  assert.equal(resources.text({ type: 1, data: 0x01040000, text: undefined }), undefined)
})

test('a shared library refers to itself as package 0', () => {
  assert.equal(
    open(mixed).text({ type: valueType.dynamicReference, data: 0x00010000, text: undefined }),
    'default',
  )
})

test('a table cut off or overwritten anywhere gives answers or is refused, and nothing else', () => {
  const bytes = buildArsc(mixed)
  for (let at = 0; at < bytes.length; at++) {
    for (const hostile of [bytes.subarray(0, at), overwritten(bytes, at)]) {
      try {
        const resources = resolver(readResourceTable(hostile))
        for (let index = 0; index < 5; index++) resources.text(reference(index))
      } catch (error) {
        assert.equal((error as Error).name, 'Malformed', `at ${at}`)
      }
    }
  }
})

function overwritten(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes)
  copy.fill(0xff, at, Math.min(at + 4, copy.length))
  return copy
}
