import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familyName, publisherId } from './family-name.ts'
import { isApplicationId, isLanguageTag, isPackageName, isResourceId, storeArchitecture } from './identity.ts'
import { compareQuads, parseQuad, parseShortVersion } from './version.ts'

test('publisher ids are those Windows computes', () => {
  const microsoft = 'CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US'
  assert.equal(publisherId(microsoft), '8wekyb3d8bbwe')
  // Of the documentation of PackageFamilyNameFromId and of widely installed packages.
  assert.equal(
    publisherId('CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US'),
    'cw5n1h2txyewy',
  )
  assert.equal(
    familyName('Microsoft.WindowsCalculator', microsoft),
    'Microsoft.WindowsCalculator_8wekyb3d8bbwe',
  )
})

test('package names are 3 to 50 letters, digits, dots and dashes that Windows can use as a file name', () => {
  for (const name of [
    'abc',
    'Contoso.App-1',
    'x'.repeat(50),
    '987c313f-792a-5734-8852-88815fdfef0c',
    'console',
  ]) {
    assert.ok(isPackageName(name), name)
  }
  const wrong = [
    '',
    'ab',
    'x'.repeat(51),
    'a_b',
    'a b',
    'con',
    'CON.app',
    'lpt9',
    'App.',
    'xn--abc',
    'a.xn--b',
    'ä.b.c',
  ]
  for (const name of wrong) assert.ok(!isPackageName(name), name)
})

test('resource ids may be short, and are at most 30 characters', () => {
  for (const id of ['n', 'split.language-de', 'x'.repeat(30)]) assert.ok(isResourceId(id), id)
  for (const id of ['', 'x'.repeat(31), 'a~b', 'nul']) assert.ok(!isResourceId(id), id)
})

test('application ids are dotted words that start with a letter', () => {
  for (const id of ['App', 'Contoso.App2.Main']) assert.ok(isApplicationId(id), id)
  for (const id of ['', '1App', 'App.', '.App', 'A..b', 'A-b', 'con', 'x'.repeat(65)])
    assert.ok(!isApplicationId(id), id)
})

test('languages are tags, not sentences', () => {
  for (const tag of ['en', 'en-US', 'zh-Hant-TW', 'sr-Latn', 'x-generate']) assert.ok(isLanguageTag(tag), tag)
  for (const tag of ['', '-', 'en_US', 'en-', 'english language', 'abcdefghi', '1-en'])
    assert.ok(!isLanguageTag(tag), tag)
})

test('architectures are spelled as the Store spells them', () => {
  assert.deepEqual(['x86', 'x64', 'arm', 'arm64', 'neutral', 'mips', 'X64'].map(storeArchitecture), [
    'x86',
    'x64',
    'ARM',
    'ARM64',
    'Neutral',
    undefined,
    undefined,
  ])
})

test('versions have four numbers of sixteen bits without leading zeros', () => {
  assert.deepEqual(parseQuad('1.2.3.0'), [1, 2, 3, 0])
  assert.deepEqual(parseQuad('65535.65535.65535.65535'), [65535, 65535, 65535, 65535])
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.65536',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.4 ',
    '1.2.3.４',
  ]) {
    assert.equal(parseQuad(text), undefined, text)
  }
  assert.deepEqual(parseShortVersion('6.2'), [6, 2, 0, 0])
  assert.deepEqual(parseShortVersion('6.2.1'), [6, 2, 1, 0])
  for (const text of ['6', '6.2.1.0', '6.x', '6.70000'])
    assert.equal(parseShortVersion(text), undefined, text)
})

test('versions are ordered by number, not by text', () => {
  assert.ok(compareQuads([10, 0, 9, 0], [10, 0, 10, 0]) < 0)
  assert.ok(compareQuads([2, 0, 0, 0], [1, 99, 99, 99]) > 0)
  assert.equal(compareQuads([1, 2, 3, 4], [1, 2, 3, 4]), 0)
})
