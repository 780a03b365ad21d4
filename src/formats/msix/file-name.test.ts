import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeName } from '../../../test/helpers/msix-builder.ts'
import { decodeFileName, hasUnencodedCharacters, pathKey, pathProblem } from './file-name.ts'

test('entry names are decoded once', () => {
  assert.equal(decodeFileName('Assets/Logo.png'), 'Assets\\Logo.png')
  assert.equal(decodeFileName('loader%255B1%255D.js'), 'loader%5B1%5D.js')
  assert.equal(decodeFileName('%E0%A4%AE.appx'), 'म.appx')
  for (const path of ['a b#[1]{2}.txt', 'Fönt\\100%.dat', "it's (a) test+1.exe"]) {
    assert.equal(decodeFileName(encodeName(path)), path)
  }
})

test('what can not be decoded, or hides a folder, has no path', () => {
  for (const name of ['100%', 'a%2', 'a%zz', '%ff%fe', 'a\\b', 'a%2Fb', 'a%5cb', '%ed%a0%80']) {
    assert.equal(decodeFileName(name), undefined, name)
  }
})

test('raw characters that packers encode are noticed', () => {
  for (const name of ['a b.txt', 'ü.txt', 'a[1].txt', '{a}.txt'])
    assert.ok(hasUnencodedCharacters(name), name)
  for (const name of ['a%20b.txt', 'A-_.~!$&(),;=@+/b.txt']) assert.ok(!hasUnencodedCharacters(name), name)
})

test('paths that Windows can not have are problems', () => {
  const wrong = [
    '',
    'a\\..\\b',
    '..\\a',
    'con',
    'a\\NUL.txt',
    'a\\b.',
    'a \\b',
    'a\\\\b',
    '\\a',
    'a\\',
    'a:b',
    'a*',
    'a\u0007',
    '\ud800',
    'x'.repeat(256),
  ]
  for (const path of wrong) assert.ok(pathProblem(path), path)
  for (const path of ['a', 'Assets\\Logo.png', '.config', 'a..b', 'console.exe', '日本\\語.txt']) {
    assert.equal(pathProblem(path), undefined, path)
  }
})

test('letter case and Unicode composition do not make another file', () => {
  assert.equal(pathKey('ASSETS\\É.png'), pathKey('assets\\e\u0301.PNG'))
})
