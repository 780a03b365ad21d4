import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBundle, buildMsix, buildUpload } from '../../../test/helpers/msix-builder.ts'
import { buildZip } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { msix } from './index.ts'

async function inspect(bytes: Uint8Array) {
  const { sound, facts, findings } = await msix.inspect(bytesReader(bytes))
  const told = findings.filter(({ code }) => code !== 'msix-capability-restricted')
  return { sound, facts, codes: told.map(({ code }) => code), findings: told }
}

for (const compressed of [false, true]) {
  test(`an upload whose content is ${compressed ? 'compressed' : 'stored'} has the facts of its content`, async () => {
    const bundle = await inspect(
      buildUpload({ 'App.msixbundle': buildBundle(), 'App.appxsym': 'PK' }, compressed),
    )
    assert.deepEqual(bundle.codes, [])
    assert.equal(bundle.sound, true)
    assert.deepEqual(
      [bundle.facts.kind, bundle.facts.content, bundle.facts.symbols, bundle.facts.name],
      ['upload', { kind: 'bundle', fileName: 'App.msixbundle' }, ['App.appxsym'], 'Contoso.App'],
    )
    const single = await inspect(buildUpload({ 'App.appx': buildMsix() }, compressed))
    assert.deepEqual([single.codes, single.facts.content], [[], { kind: 'package', fileName: 'App.appx' }])
  })
}

const flat = () =>
  buildBundle({
    packages: [
      { fileName: 'x64.msix', architecture: 'x64' },
      { fileName: 'arm.msix', architecture: 'arm', external: true },
    ],
  })

test('packages of a flat bundle are found beside it', async () => {
  const { sound, codes, facts } = await inspect(
    buildUpload({ 'App.msixbundle': flat(), 'arm.msix': buildMsix({ architecture: 'arm' }) }),
  )
  assert.deepEqual(codes, [])
  assert.equal(sound, true)
  const packages = facts.packages as readonly { fileName: string; inspected: boolean }[]
  assert.deepEqual(
    packages.map(({ inspected }) => inspected),
    [true, true],
  )
})

const unsound: readonly [
  title: string,
  files: { [name: string]: Uint8Array | string },
  codes: readonly string[],
][] = [
  ['two bundles', { 'a.msixbundle': buildBundle(), 'b.msixbundle': buildBundle() }, ['msix-upload-several']],
  ['two packages', { 'a.msix': buildMsix(), 'b.appx': buildMsix() }, ['msix-upload-several']],
  [
    'a package that the bundle does not refer to',
    { 'a.msixbundle': buildBundle(), 'b.msix': buildMsix() },
    ['msix-upload-several'],
  ],
  [
    'an upload in the upload',
    { 'a.msix': buildMsix(), 'b.msixupload': buildUpload() },
    ['msix-upload-nested'],
  ],
  ['nothing but an upload', { 'b.msixupload': buildUpload() }, ['msix-upload-nested']],
  ['another file', { 'a.msix': buildMsix(), 'readme.txt': 'hello' }, ['msix-upload-extra-file']],
  ['junk in place of the package', { 'a.msix': 'junk' }, ['zip-not-a-zip']],
  ['an upload under the name of a package', { 'a.msix': buildUpload() }, ['msix-not-a-package']],
  [
    'a flat bundle of another size',
    { 'a.msixbundle': flat(), 'arm.msix': buildMsix({ architecture: 'arm', resourceId: 'x' }) },
    ['msix-bundle-package-size', 'msix-bundle-package-differs'],
  ],
]

for (const [title, files, codes] of unsound) {
  for (const compressed of [false, true]) {
    test(`${title}${compressed ? ', compressed' : ''}: ${codes.join(', ')}`, async () => {
      const result = await inspect(buildUpload(files, compressed))
      assert.deepEqual(result.codes, codes, JSON.stringify(result.findings, undefined, 1))
      assert.equal(result.sound, codes[0] === 'msix-upload-extra-file')
    })
  }
}

test('what is wrong inside is said under the names that lead there', async () => {
  const bundle = buildBundle({ packages: [{ fileName: 'x64.msix', version: '1.2.3.4' }] })
  const { findings } = await inspect(buildUpload({ 'folder/App.msixbundle': bundle }))
  assert.deepEqual(
    findings.map(({ target }) => target),
    ['App.msixbundle!x64.msix!AppxManifest.xml#/Package/Identity/@Version'],
  )
})

test('damage of the upload itself is found, stored or compressed', async () => {
  const content = buildMsix()
  const lie = { central: { crc32: 1 }, local: { crc32: 1 } }
  for (const method of ['stored', 'deflate'] as const) {
    const { sound, codes } = await inspect(buildZip([{ name: 'a.msix', content, method, ...lie }]))
    assert.equal(sound, false)
    assert.deepEqual(codes, ['zip-crc-mismatch'])
  }
})
