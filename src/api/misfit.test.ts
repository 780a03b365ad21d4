import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import Schema from 'typebox/schema'
import { choice, flag, input, integer, list, nullable, output, text, time } from './json-schema.ts'
import { fromTexts, misfitOf } from './misfit.ts'
import { components } from './schema.ts'

const everything = input(
  { name: text({ minLength: 2, maxLength: 4 }), kind: choice(['a', 'b']) },
  {
    count: integer({ minimum: 0, maximum: 10 }),
    on: flag(),
    when: nullable(time()),
    tags: list(text({ pattern: '^[a-z]+$' }), { maxItems: 2 }),
    inner: output({ id: text() }, {}, { more: list(input({ x: integer() }, {})) }),
  },
)

const times = [
  '2030-01-31T00:00:00Z',
  '2030-02-30T00:00:00Z',
  '2030-01-31',
  '2030-01-31T10:00:00.123+02:00',
  'now',
]
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    'a',
    'b',
    'ab',
    'abcd',
    'abcde',
    '😀😀',
    '😀😀😀😀',
    '😀😀😀😀😀',
    ...times,
  ),
  fc.integer({ min: -2, max: 12 }),
  fc.double({ min: -2, max: 2, noNaN: true }),
)

/** Values that are often nearly right: the names of the schema with values of any kind. */
function nearly(names: readonly string[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: names.length }),
  }))
  return value
}

/** Right values with one part replaced. */
const whole = fc.record(
  {
    name: fc.constantFrom('ab', 'abcd', '😀😀'),
    kind: fc.constantFrom('a', 'b'),
    count: fc.integer({ min: 0, max: 10 }),
    on: fc.boolean(),
    when: fc.constantFrom(null, ...times),
    tags: fc.array(fc.constantFrom('a', 'b', 'xyz', 'A'), { maxLength: 3 }),
    inner: fc.record({ id: fc.string(), more: fc.array(fc.record({ x: fc.integer() }), { maxLength: 2 }) }),
  },
  { requiredKeys: ['name', 'kind'] },
)

test('it judges as TypeBox does', () => {
  const keys = ['name', 'kind', 'count', 'on', 'when', 'tags', 'inner', 'id', 'more', 'x', 'colour']
  let sound = 0
  const agree = (value: unknown) => {
    const fits = Schema.Check(everything, value)
    if (fits) sound += 1
    assert.equal(misfitOf(everything, value) === undefined, fits, JSON.stringify(value))
  }
  fc.assert(fc.property(nearly(keys), agree), { seed: 1, numRuns: 1000 })
  fc.assert(fc.property(whole, agree), { seed: 2, numRuns: 1000 })
  const mutated = fc.tuple(whole, fc.constantFrom(...keys), nearly(keys))
  fc.assert(
    fc.property(mutated, ([value, key, other]) => agree({ ...value, [key]: other })),
    { seed: 3, numRuns: 1000 },
  )
  assert.ok(sound > 300, `only ${sound} sound values were tried`)
})

test('it judges everything the API takes as TypeBox does', () => {
  for (const schema of [
    components.CreateProduct,
    components.CreateCredential,
    components.CreateAccount,
    components.Reject,
  ]) {
    const values = nearly(Object.keys(schema.properties))
    fc.assert(
      fc.property(values, (value) => {
        assert.equal(
          misfitOf(schema, value) === undefined,
          Schema.Check(schema, value),
          JSON.stringify(value),
        )
      }),
      { seed: 4, numRuns: 1000 },
    )
  }
})

test('a misfit names its place and what would do', () => {
  const good = { name: 'ab', kind: 'a' }
  for (const [value, path, message] of [
    [[], '', 'must be an object'],
    [{ kind: 'a' }, 'name', 'is required'],
    [{ ...good, kind: 'c' }, 'kind', 'must be a, b'],
    [{ ...good, count: 11 }, 'count', 'must be at most 10'],
    [{ ...good, count: '1' }, 'count', 'must be a whole number'],
    [{ ...good, when: '2030-02-30T00:00:00Z' }, 'when', 'must be a time such as 2030-01-31T00:00:00Z'],
    [
      { ...good, inner: { id: '', more: [{ x: 1 }, { x: 'a' }] } },
      'inner.more.1.x',
      'must be a whole number',
    ],
    [
      { ...good, constructor: 1 },
      'constructor',
      'is not known; there are name, kind, count, on, when, tags, inner',
    ],
  ] as const) {
    assert.deepEqual(misfitOf(everything, value), { path, message })
  }
})

test('texts of a query become whole numbers only where those are wanted and written plainly', () => {
  const schema = input({}, { limit: integer(), name: text() })
  assert.deepEqual(fromTexts(schema, { limit: '10', name: '10' }), { limit: 10, name: '10' })
  for (const limit of ['', ' 1', '1.0', '0x10', '1e3', '99999999999999999']) {
    assert.ok(misfitOf(schema, fromTexts(schema, { limit })), limit)
  }
})
