import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareVersions, isBrowserVersion, parseVersion } from './versions.ts'

test('one to four integers up to 65535 are a version', () => {
  assert.deepEqual(parseVersion('1'), [1])
  assert.deepEqual(parseVersion('0.1.0.65535'), [0, 1, 0, 65_535])
  assert.deepEqual(parseVersion('2026.8.15'), [2026, 8, 15])
  assert.deepEqual(parseVersion('1.00'), [1, 0])
})

test('what is no version is none', () => {
  const wrong = [
    '',
    '0',
    '0.0',
    '00.1',
    '1.2.3.4.5',
    '65536',
    '1.02',
    '-1',
    '+1',
    '1.',
    '.1',
    '1..2',
    'v1',
    '1 ',
    '١',
  ]
  for (const version of [...wrong, '9'.repeat(400), '1.0x10'])
    assert.equal(parseVersion(version), undefined, version)
})

test('versions are compared part by part, and a missing part is zero', () => {
  assert.equal(compareVersions('1.1', '1.1.0'), 0)
  assert.ok(compareVersions('1.1.9.9999', '1.1') > 0)
  assert.ok(compareVersions('1.9', '1.10') < 0)
  assert.ok(compareVersions('2', '1.65535.65535.65535') > 0)
  assert.throws(() => compareVersions('1', 'one'), RangeError)
  assert.throws(() => compareVersions('', '1'), RangeError)
})

test('the order of versions is the order of their numbers', () => {
  const part = fc.integer({ min: 0, max: 65_535 })
  const version = fc.tuple(fc.integer({ min: 1, max: 65_535 }), part, part, part)
  const number = (parts: readonly number[]) => parts.reduce((sum, each) => sum * 65_536n + BigInt(each), 0n)
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = Math.sign(compareVersions(a.join('.'), b.join('.')))
      assert.equal(order, number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0)
    }),
    { seed: 7, numRuns: 500 },
  )
})

test('a browser version has as many parts as it likes', () => {
  for (const version of ['49', '88.0.4324.96', '1.2.3.4.5']) assert.ok(isBrowserVersion(version), version)
  for (const version of ['', 'latest', '1.', '100+', '99999999999'])
    assert.ok(!isBrowserVersion(version), version)
})
