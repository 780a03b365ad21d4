import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildArsc } from '../../../../test/helpers/arsc-builder.ts'
import { buildAxml, type ManifestSpec, manifestElement } from '../../../../test/helpers/axml-builder.ts'
import { readXml } from '../axml/document.ts'
import { resolver } from '../resources/resolve.ts'
import { readResourceTable } from '../resources/table.ts'
import { readManifest } from './read-manifest.ts'
import { levelOfCodename } from './sdk-version.ts'
import { signingView } from './signing-view.ts'

const document = (spec: ManifestSpec) => readXml(buildAxml(manifestElement(spec)))

function read(spec: ManifestSpec, arsc?: Uint8Array) {
  const manifest = readManifest(document(spec), resolver(arsc && readResourceTable(arsc)))
  assert.ok(manifest !== undefined)
  return manifest
}

test('the version code has its major part in the high 32 bits', () => {
  assert.equal(read({}).versionCode, 7n)
  assert.equal(read({ manifest: { versionCode: 5, versionCodeMajor: 1 } }).versionCode, 4294967301n)
  assert.equal(read({ manifest: { versionCode: -1 } }).versionCode, 4294967295n)
  const most = { versionCode: -1, versionCodeMajor: 0x7fffffff }
  assert.equal(read({ manifest: most }).versionCode, 2n ** 63n - 1n)
})

test('an absent minimum is 1 and an absent target is the minimum', () => {
  const bare = readManifest(readXml(buildAxml({ name: 'manifest' })), resolver(undefined))
  assert.deepEqual([bare?.minSdk, bare?.targetSdk, bare?.versionCode], [1, 1, undefined])
  const element = { name: 'uses-sdk', android: { minSdkVersion: 21 } }
  const min = readManifest(readXml(buildAxml({ name: 'manifest', children: [element] })), resolver(undefined))
  assert.deepEqual([min?.minSdk, min?.targetSdk], [21, 21])
})

test('a code name stands for the level its platform still reported', () => {
  const manifest = read({ minSdk: 'O', targetSdk: 'Tiramisu' })
  assert.deepEqual(
    [manifest.minSdk, manifest.minSdkCodename, manifest.targetSdk, manifest.targetSdkCodename],
    [25, 'O', 30, 'Tiramisu'],
  )
  assert.deepEqual(['A', 'C', 'KitKat', 'P', 'q', '24', ''].map(levelOfCodename), [
    1,
    2,
    18,
    26,
    undefined,
    undefined,
    undefined,
  ])
})

test('label, icon, versions and levels are followed into the resources', () => {
  const arsc = buildArsc([
    [{ value: 'Etikett', language: 'de' }, { value: 'Label' }],
    [
      { value: 'res/icon-mdpi.png', density: 160 },
      { value: 'res/icon-xhdpi.png', density: 320 },
    ],
    [{ value: '9.9' }],
    [{ value: 26 }],
  ])
  const at = (index: number) => ({ reference: 0x7f010000 + index })
  const manifest = read(
    { manifest: { versionName: at(2) }, targetSdk: at(3), application: { label: at(0), icon: at(1) } },
    arsc,
  )
  assert.deepEqual(
    [manifest.label, manifest.icon, manifest.versionName, manifest.targetSdk],
    ['Label', 'res/icon-xhdpi.png', '9.9', 26],
  )
})

test('permissions are listed once, whichever element asks', () => {
  const permission = (name: string, element = 'uses-permission') => ({ name: element, android: { name } })
  const children = [permission('p.A'), permission('p.B', 'uses-permission-sdk-23'), permission('p.A')]
  assert.deepEqual(read({ children }).permissions, ['p.A', 'p.B'])
})

test('features, libraries and screens keep what the manifest leaves open', () => {
  const manifest = read({
    children: [
      { name: 'uses-feature', android: { name: 'f.A', required: false } },
      { name: 'uses-feature', android: { glEsVersion: { type: 0x11, data: 0x30002 } } },
      { name: 'supports-screens', android: { smallScreens: false, anyDensity: true } },
      {
        name: 'compatible-screens',
        children: [{ name: 'screen', android: { screenSize: 200, screenDensity: 320 } }],
      },
    ],
    applicationChildren: [
      { name: 'uses-library', android: { name: 'lib.A' } },
      { name: 'uses-library', android: { name: 'lib.B', required: false } },
    ],
  })
  assert.deepEqual(manifest.features, [
    { name: 'f.A', required: false, glEsVersion: undefined },
    { name: undefined, required: true, glEsVersion: 0x30002 },
  ])
  assert.deepEqual(manifest.libraries, [
    { name: 'lib.A', required: true },
    { name: 'lib.B', required: false },
  ])
  assert.equal(manifest.supportsScreens?.small, false)
  assert.equal(manifest.supportsScreens?.large, undefined)
  assert.equal(manifest.supportsScreens?.anyDensity, true)
  assert.deepEqual(manifest.compatibleScreens, [{ size: 200, density: 320 }])
})

test('booleans may be written as texts', () => {
  const manifest = read({ application: { debuggable: 'true', testOnly: '0' } })
  assert.deepEqual([manifest.debuggable, manifest.testOnly], [true, false])
})

test('a package attribute with a namespace is not the package', () => {
  const bytes = buildAxml({ name: 'manifest', plain: { package: 'real.one' }, android: { name: 'other' } })
  assert.equal(readManifest(readXml(bytes), resolver(undefined))?.packageName, 'real.one')
})

test('texts out of a manifest can be stored: no NUL, no half of a surrogate pair', () => {
  assert.equal(read({ application: { label: 'a\0b\ud800c' } }).label, 'a\ufffdb\ufffdc')
})

test('texts out of a manifest are cut after a page', () => {
  assert.equal(read({ application: { label: 'x'.repeat(100_000) } }).label?.length, 4096)
})

test('another root than <manifest> is no manifest', () => {
  assert.equal(readManifest(readXml(buildAxml({ name: 'resources' })), resolver(undefined)), undefined)
})

const second = (minSdkVersion: number) => [{ name: 'uses-sdk', android: { minSdkVersion } }]

for (const [title, spec, expected] of [
  ['numbers', { minSdk: 21, targetSdk: 33 }, [21, 33]],
  ['the greatest minimum of several', { minSdk: 21, children: second(24) }, [24, 29]],
  ['a code name as a minimum', { minSdk: 'R', targetSdk: 33 }, [28, 33]],
  ['a code name as a target, which does not count', { minSdk: 21, targetSdk: 'R' }, [21, 21]],
  ['a reference as a target, which does not count', { minSdk: 21, targetSdk: { reference: 1 } }, [21, 21]],
] as const) {
  test(`for signatures, the verifier reads ${title}`, () => {
    const view = signingView(document(spec))
    assert.deepEqual('problem' in view ? view : [view.minSdk, view.targetSdk], expected)
  })
}

for (const minSdk of [{ reference: 0x7f010000 }, true, '24', ''] as const) {
  test(`for signatures, a minimum of ${JSON.stringify(minSdk)} can't be read`, () => {
    assert.ok('problem' in signingView(document({ minSdk })))
  })
}

test('for signatures, a <uses-sdk> that is no child of the root sets no minimum', () => {
  const view = signingView(document({ minSdk: 21, applicationChildren: second(24) }))
  assert.ok(!('problem' in view) && view.minSdk === 21)
})
