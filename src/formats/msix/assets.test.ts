import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeReferences } from './assets.ts'
import type { FileReference } from './manifest-types.ts'

function judge(
  paths: readonly string[],
  files: readonly string[],
  kind: FileReference['kind'] = 'image',
  elsewhere = false,
) {
  const codes: string[] = []
  const references = paths.map((path) => ({ path, kind, target: path }))
  judgeReferences(
    references,
    files.map((file) => file.toLowerCase()),
    elsewhere,
    (code, _detail, target) => codes.push(`${code} ${target}`),
  )
  return codes
}

test('an image is found at any scale, contrast, theme and language', () => {
  for (const file of [
    'Assets\\Logo.png',
    'assets\\LOGO.PNG',
    'Assets\\Logo.scale-200.png',
    'Assets\\Logo.scale-200_contrast-black.png',
    'Assets\\Logo.targetsize-24_altform-unplated.png',
    'Assets\\Logo.lang-de-de.scale-100.png',
    'Assets\\scale-180\\Logo.png',
    'Assets\\contrast-high\\Logo.scale-100.png',
    'Assets\\de-DE\\Logo.png',
    'de\\Assets\\Logo.png',
    'Assets\\zh-Hant-TW\\Logo.theme-dark.png',
  ]) {
    assert.deepEqual(judge(['Assets\\Logo.png'], [file]), [], file)
  }
  assert.deepEqual(judge(['Assets/Logo.png'], ['Assets\\Logo.scale-100.png']), [])
  // A folder of the app’s own may look like a language.
  assert.deepEqual(judge(['img\\Logo.png'], ['img\\Logo.png']), [])
  assert.deepEqual(judge(['img\\Logo.png'], ['img\\Logo.scale-100.png']), [])
})

test('another image is not a variant', () => {
  for (const file of [
    'Assets\\Logo2.png',
    'Logo.png',
    'Assets\\Logo.big.png',
    'Assets\\Logo.jpg',
    'Assets\\scale-100.png',
  ]) {
    assert.deepEqual(
      judge(['Assets\\Logo.png'], [file]),
      ['msix-referenced-image-missing Assets\\Logo.png'],
      file,
    )
  }
})

test('references to resources are not files', () => {
  assert.deepEqual(judge(['ms-resource:Files/Assets/Logo.png', 'ms-appx:///a.png'], []), [])
})

test('programs have no variants, and images may lie in resource packages', () => {
  assert.deepEqual(judge(['App.exe'], ['App.scale-100.exe'], 'program'), [
    'msix-referenced-file-missing App.exe',
  ])
  assert.deepEqual(judge(['Task.exe'], [], 'extension', true), ['msix-extension-file-missing Task.exe'])
  assert.deepEqual(judge(['Logo.png'], [], 'image', true), [])
})
