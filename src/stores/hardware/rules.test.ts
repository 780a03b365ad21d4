import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../test/helpers/seeded-random.ts'
import { mintId, readId, sharedIdOf } from './ids.ts'
import { architectureOf, isOsCode, isServer, isWindows10 } from './os-codes.ts'
import { pageOf, writeToken } from './paging.ts'
import { publisherIdOf } from './publishers.ts'

test('ids are minted where those of the service were seen, all equally long, so that text sorts as numbers do', () => {
  const random = seededRandom(3)
  for (let count = 0; count < 200; count++) {
    const product = BigInt(mintId('product', random))
    assert.ok(product > 2n ** 53n && product < 2n ** 55n)
    assert.equal(product.toString().length, 17)
    const submission = BigInt(mintId('submission', random))
    assert.ok(submission >= 2n ** 60n && submission < 2n ** 60n + 2n ** 48n)
  }
  const values = [9n, 10n, 9007199267351834n, 14631253285588838n, 2n ** 63n - 1n]
  for (const value of values) {
    assert.equal(readId('product', value.toString()), value.toString())
    assert.equal(readId('product', `00${value}`), value.toString())
  }
  assert.equal(readId('product', (2n ** 63n).toString()), undefined)
  assert.ok(BigInt(sharedIdOf('14631253285588838')) > 2n ** 60n)
})

test('every documented OS code is known, and what it says of system and architecture is read', () => {
  const known = [
    'WINDOWS_XP_MEDIA_CENTER',
    'WINDOWS_8_ARM',
    'WINDOWS_v63_SERVER_X64',
    'WINDOWS_v100_19H1_FULL',
    'WINDOWS_v100_SERVER_ARM64_FE_FULL',
  ]
  for (const code of known) assert.ok(isOsCode(code), code)
  for (const code of ['', 'WINDOWS_v100_X86_GE_FULL', 'WINDOWS_V100_X64_GE_FULL', 'WINDOWS_v100_X64_GE']) {
    assert.ok(!isOsCode(code), code)
  }
  assert.ok(isOsCode('WINDOWS_v101', ['WINDOWS_v101']))
  const architectures = [
    'WINDOWS_7',
    'WINDOWS_7_X64',
    'WINDOWS_8_ARM',
    'WINDOWS_v100_ARM64_GE_FULL',
    'WINDOWS_XP_IA64',
  ]
  assert.deepEqual(architectures.map(architectureOf), ['x86', 'amd64', 'arm', 'arm64', 'ia64'])
  assert.ok(isServer('WINDOWS_v100_SERVER_X64_RS5_FULL') && !isServer('WINDOWS_v100_X64_RS5_FULL'))
  assert.ok(isWindows10('WINDOWS_v100_GE_FULL') && !isWindows10('WINDOWS_7'))
})

test('a continuation token is read as it was written, whatever became of its plus signs', () => {
  const after = '14631253285588838'
  assert.deepEqual(pageOf({ pageSize: '7', continuationToken: writeToken(after) }), { size: 7, after })
  assert.equal(pageOf({ continuationToken: writeToken(after).replaceAll('+', ' ') }).after, after)
  for (const pageSize of ['0', '-1', 'x', '', undefined, ['5']]) assert.equal(pageOf({ pageSize }).size, 50)
  assert.equal(pageOf({ pageSize: '999999999' }).size, 10_000)
  for (const continuationToken of ['', 'x', 'PG5vPg==', ['a', 'b']]) {
    assert.throws(() => pageOf({ continuationToken }), /Validation Failed/)
  }
})

test('a publisher id has eight digits, the same for the same account; an account named by a number has that', () => {
  assert.match(publisherIdOf('sandbox'), /^[1-9]\d{7}$/)
  assert.equal(publisherIdOf('sandbox'), publisherIdOf('sandbox'))
  assert.equal(publisherIdOf('27691110'), '27691110')
})
