import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspectExtension } from '../../../test/helpers/extension-rows.ts'
import type { ZipOptions, ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { noise } from '../../../test/helpers/zip-rows.ts'

const errorsOf = async (entries: readonly ZipSpec[], zip?: ZipOptions): Promise<string[]> => {
  const { findings, sound } = await inspectExtension({ entries, ...(zip === undefined ? {} : { zip }) })
  const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  assert.equal(sound, codes.length === 0)
  return codes
}

const lie = { crc32: 1 }
const hostile: readonly (readonly [
  title: string,
  entries: readonly ZipSpec[],
  code: string,
  zip?: ZipOptions,
])[] = [
  ['a damaged small file', [{ name: 'a.js', content: 'a', central: lie, local: lie }], 'zip-crc-mismatch'],
  [
    'a damaged large file',
    [{ name: 'a', content: noise(3_000_000), central: lie, local: lie }],
    'zip-crc-mismatch',
  ],
  [
    'a file that unpacks to more than it says',
    [{ name: 'a', data: noise(9), method: 'deflate' }],
    'zip-bad-data',
  ],
  ['a second manifest', [{ name: 'manifest.json', content: '{}' }], 'zip-duplicate-name'],
  ['a symbolic link', [{ name: 'a.js', content: '/etc/passwd', unixMode: 0o120777 }], 'zip-symlink'],
  ['an encrypted file', [{ name: 'a.js', content: 'a', flags: 1 }], 'zip-encrypted'],
  ['a path that leads out', [{ name: '../../a.js' }], 'zip-parent-path'],
  ['an absolute path', [{ name: '/a.js' }], 'zip-absolute-path'],
  ['a hidden entry', [{ name: 'a.js', unlisted: true }, { name: 'b.js' }], 'zip-hidden-entry'],
  ['another name in the local header', [{ name: 'a.js', localName: 'b.js' }], 'zip-local-mismatch'],
  ['bytes in front', [], 'zip-leading-bytes', { prefix: Buffer.from('#!/bin/sh\n') }],
  ['bytes at the end', [], 'zip-trailing-bytes', { suffix: Buffer.from('\n') }],
]

for (const [title, entries, code, zip] of hostile) {
  test(`an extension with ${title} is refused: ${code}`, async () => {
    assert.deepEqual(await errorsOf(entries, zip), [code])
  })
}

test('a backslash is said once, in the words of the store', async () => {
  assert.deepEqual(await errorsOf([{ name: 'img\\a.png' }]), ['extension-backslash'])
})

test('a damaged manifest is said to be unreadable, and damaged', async () => {
  const manifest = { name: 'manifest.json', content: '{}', central: lie, local: lie }
  const { findings, facts } = await inspectExtension({
    files: { 'manifest.json': undefined },
    entries: [manifest],
  })
  const codes = findings.map(({ code }) => code)
  assert.deepEqual(codes.sort(), ['extension-manifest-missing', 'zip-crc-mismatch'])
  assert.equal(facts.name, null)
  assert.equal(facts.folder, '')
})

test('damaged messages are said once', async () => {
  const messages = { name: '_locales/en/messages.json', content: '{}', central: lie, local: lie }
  const { findings } = await inspectExtension({ manifest: { default_locale: 'en' }, entries: [messages] })
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['zip-crc-mismatch'],
  )
})

test('a package of thousands of files is judged in little time', async () => {
  const entries = Array.from({ length: 5000 }, (_, index) => ({ name: `assets/${index}.js`, content: 'x' }))
  const started = performance.now()
  assert.deepEqual(await errorsOf(entries), [])
  assert.ok(performance.now() - started < 5000)
})
