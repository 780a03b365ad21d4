import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApkSpec, buildApk } from '../../../test/helpers/apk-builder.ts'
import { apkKey } from '../../../test/helpers/apk-keys.ts'
import { buildArsc } from '../../../test/helpers/arsc-builder.ts'
import { buildAxml, chunk, manifestElement, words } from '../../../test/helpers/axml-builder.ts'
import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { inspect } from '../index.ts'
import type { Reader } from '../types.ts'
import { apk } from './index.ts'

const key = apkKey('Owner')
const v2 = [{ key }]
const look = (spec: ApkSpec = {}) => apk.inspect(bytesReader(buildApk({ v2, ...spec })))
const codes = async (spec: ApkSpec) => (await look(spec)).findings.map(({ code }) => code)

test('an ordinary package is sound, and everything about it is a fact', async () => {
  const arsc = buildArsc([
    [{ value: 'Etikett', language: 'de' }, { value: 'Label' }],
    [{ value: 'res/icon.png', density: 320 }],
  ])
  const inspection = await look({
    manifest: {
      minSdk: 24,
      targetSdk: 34,
      application: {
        label: { reference: 0x7f010000 },
        icon: { reference: 0x7f010001 },
        extractNativeLibs: false,
      },
      children: [{ name: 'uses-permission', android: { name: 'android.permission.INTERNET' } }],
    },
    entries: [
      { name: 'resources.arsc', content: arsc, method: 'stored', align: 4 },
      { name: 'lib/arm64-v8a/libx.so', content: 'so', method: 'stored', align: 4096 },
      { name: 'lib/x86/libx.so', content: 'so', method: 'stored', align: 4096 },
      { name: 'lib/x86/readme.txt', content: 'text' },
      { name: 'lib/odd/deeper/libx.so', content: 'so' },
    ],
  })
  assert.deepEqual(inspection, {
    format: 'apk',
    sound: true,
    facts: {
      package: 'com.example.built',
      versionCode: 7,
      versionName: '1.2.3',
      minSdk: 24,
      minSdkCodename: null,
      targetSdk: 34,
      targetSdkCodename: null,
      maxSdk: null,
      compileSdk: null,
      split: null,
      sharedUserId: null,
      permissions: ['android.permission.INTERNET'],
      features: [],
      libraries: [],
      supportsScreens: null,
      compatibleScreens: [],
      label: 'Label',
      icon: 'res/icon.png',
      debuggable: false,
      testOnly: false,
      extractNativeLibs: false,
      abis: ['arm64-v8a', 'x86'],
      signatureVerified: true,
      schemes: ['v2'],
      signers: [{ sha256: key.sha256, subject: 'CN=Owner', scheme: 'v2' }],
      lineage: [],
    },
    findings: [],
  })
})

test('facts are JSON values', async () => {
  const { facts } = await look({ manifest: { manifest: { versionCode: -1, versionCodeMajor: 0x7fffffff } } })
  assert.equal(facts.versionCode, '9223372036854775807')
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts)
})

test('the format is known by its content', async () => {
  const { format } = await inspect(bytesReader(buildApk({ v2 })), { name: 'upload.bin' })
  assert.equal(format, 'apk')
})

for (const [title, spec, expected] of [
  ['debuggable', { manifest: { application: { debuggable: true } } }, ['apk-debuggable']],
  ['for tests only', { manifest: { application: { testOnly: true } } }, ['apk-test-only']],
  ['a split', { manifest: { plain: { split: 'config.de' } } }, ['apk-split']],
  ['for a preview', { manifest: { targetSdk: 'Q' } }, ['apk-codename']],
  [
    'with unaligned entries',
    { entries: [{ name: 'abc', content: 'x', method: 'stored' }] },
    ['apk-entry-unaligned'],
  ],
  [
    'with unaligned resources',
    {
      entries: [
        { name: 'resources.arsc', content: buildArsc([]), method: 'stored', localExtra: new Uint8Array(1) },
      ],
    },
    ['apk-resources-unaligned'],
  ],
  [
    'with compressed resources and target 30',
    { manifest: { targetSdk: 30 }, entries: [{ name: 'resources.arsc', content: buildArsc([]) }] },
    ['apk-resources-compressed'],
  ],
  [
    'with compressed resources and target 29',
    { entries: [{ name: 'resources.arsc', content: buildArsc([]) }] },
    [],
  ],
  [
    'with resources that are none',
    { entries: [{ name: 'resources.arsc', content: 'none' }] },
    ['apk-resources-malformed'],
  ],
  [
    'with an unaligned library to be mapped',
    {
      manifest: { application: { extractNativeLibs: false } },
      entries: [{ name: 'lib/x86/lib.so', content: 'so', method: 'stored', align: 4 }],
    },
    ['apk-native-library-unaligned'],
  ],
  ['with names in two letter cases', { entries: [{ name: 'res/a.xml' }, { name: 'res/A.xml' }] }, []],
  [
    'with another compression method in the local header',
    { entries: [{ name: 'x', content: 'xxxx', local: { method: 0 } }] },
    ['zip-local-mismatch'],
  ],
  [
    'with a compression method that nobody knows',
    { entries: [{ name: 'x', content: 'xxxx', local: { method: 21 }, central: { method: 21 } }] },
    ['apk-compression-method'],
  ],
  [
    'with a manifest of unusual structure',
    {
      manifest: buildAxml(manifestElement(), { attributeSize: 24, chunksBetween: [chunk(0x7777, words(1))] }),
    },
    ['apk-manifest-unusual', 'apk-manifest-unusual'],
  ],
] as const satisfies readonly (readonly [string, ApkSpec, readonly string[]])[]) {
  test(`a package ${title} is sound, with ${expected.length > 0 ? 'a warning' : 'nothing to say'}`, async () => {
    const { sound, facts, findings } = await look(spec)
    assert.deepEqual(
      { sound, verified: facts.signatureVerified, codes: findings.map(({ code }) => code) },
      { sound: true, verified: true, codes: expected },
    )
  })
}

for (const [title, spec, code] of [
  ['without a package name', { manifest: buildAxml({ name: 'manifest' }) }, 'apk-package-missing'],
  ['with a package name of one part', { manifest: { package: 'single' } }, 'apk-package-invalid'],
  [
    'with a package name that begins with a digit',
    { manifest: { package: 'com.1st' } },
    'apk-package-invalid',
  ],
  [
    'with a manifest in text',
    { manifest: Buffer.from('<manifest package="a.b"/>') },
    'apk-manifest-malformed',
  ],
  ['with another root', { manifest: buildAxml({ name: 'resources' }) }, 'apk-manifest-malformed'],
  ['with a reference for a minimum', { manifest: { minSdk: { reference: 1 } } }, 'apk-min-sdk-unreadable'],
  [
    'with an entry twice',
    {
      entries: [
        { name: 'a', content: '1' },
        { name: 'a', content: '2' },
      ],
    },
    'apk-entry-duplicate',
  ],
  [
    'with two local headers for a name',
    { entries: [{ name: 'a', content: '1', localName: 'b' }] },
    'apk-entry-mismatch',
  ],
  [
    'with a manifest whose checksum is wrong',
    { entries: [{ name: 'resources.arsc', content: 'x', local: { crc32: 1 }, central: { crc32: 1 } }] },
    'apk-entry-unreadable',
  ],
  ['with something before the archive', { zip: { prefix: Buffer.from('dex\n035\0') } }, 'zip-leading-bytes'],
  ['with something after the archive', { zip: { suffix: Buffer.alloc(4) } }, 'zip-trailing-bytes'],
  [
    'with an entry that the directory does not list',
    {
      entries: [{ name: 'a', content: '1' }, { name: 'hidden', content: '2', unlisted: true }, { name: 'b' }],
    },
    'zip-hidden-entry',
  ],
  ['with an encrypted entry', { entries: [{ name: 'a', content: '1', flags: 1 }] }, 'zip-encrypted'],
  ['with a path out of it', { entries: [{ name: '../../a', content: '1' }] }, 'zip-parent-path'],
] as const satisfies readonly (readonly [string, ApkSpec, string])[]) {
  test(`a package ${title} is not sound`, async () => {
    const { sound, findings } = await look(spec)
    const errors = findings.filter(({ severity }) => severity === 'error').map((each) => each.code)
    assert.equal(sound, false)
    assert.ok(errors.includes(code), errors.join())
  })
}

test('what fills unused space in packages of the Android build tools is no entry in hiding', async () => {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(50, 28)
  const filler = Buffer.concat([header, Buffer.alloc(50)])
  const entries: ZipSpec[] = [
    { name: 'a', content: '1' },
    { name: 'b', content: '2', before: filler },
    { name: 'c', before: Buffer.alloc(10) },
  ]
  assert.deepEqual(await codes({ entries, zip: { prefix: filler } }), [])
  const named = Buffer.from(filler)
  named.writeUInt16LE(1, 26)
  assert.ok((await codes({ entries, zip: { prefix: named } })).includes('zip-leading-bytes'))
})

test('a hostile manifest that Android reads gives its facts', async () => {
  const options = {
    utf8: true,
    attributeSize: 32,
    chunksBefore: [chunk(0x0aaa, words(1, 2))],
    trailing: Buffer.from('junk'),
  }
  const { facts } = await look({ manifest: buildAxml(manifestElement({ package: 'com.hidden' }), options) })
  assert.deepEqual([facts.package, facts.versionCode, facts.signatureVerified], ['com.hidden', 7, true])
  const unreadable = await look({
    manifest: buildAxml(manifestElement({ package: 'com.hidden' }), { outerType: 0 }),
  })
  assert.deepEqual(
    [unreadable.facts.package, unreadable.facts.signatureVerified, unreadable.sound],
    ['com.hidden', false, false],
  )
})

for (const [title, bytes] of [
  ['nothing', new Uint8Array(0)],
  ['text', Buffer.from('not an archive')],
  ['an empty archive', buildZip([])],
  ['an archive of something else', buildZip({ 'a.txt': 'text' })],
  ['half a package', buildApk({ v2 }).subarray(0, 2000)],
] as const) {
  test(`${title} is no APK`, async () => {
    const { sound, facts, findings } = await apk.inspect(bytesReader(bytes))
    assert.deepEqual(
      { sound, verified: facts.signatureVerified, signers: facts.signers },
      { sound: false, verified: false, signers: [] },
    )
    assert.ok(findings.some(({ code }) => code === 'apk-manifest-missing'))
  })
}

test('a failure of the reader is thrown, not taken for bad content', async () => {
  const bytes = buildApk({
    v2,
    entries: [{ name: 'big', content: Buffer.alloc(3_000_000, 1), method: 'stored' }],
  })
  for (const failing of [0, 1, 2]) {
    let reads = 0
    const reader: Reader = {
      size: bytes.length,
      async read(offset, length) {
        // The tail is read first; then the megabytes one after the other.
        if (offset < 2_900_000 && reads++ === failing) throw new Error('the disk is gone')
        return bytes.subarray(offset, offset + length)
      },
    }
    await assert.rejects(apk.inspect(reader), /the disk is gone/)
  }
})

test('signed content is read once, and a few megabytes of it are kept', async () => {
  const size = 40 * 1024 ** 2
  const bytes = buildApk({ v2, entries: [{ name: 'big', content: Buffer.alloc(size, 1), method: 'stored' }] })
  let read = 0
  let longest = 0
  const reader: Reader = {
    size: bytes.length,
    async read(offset, length) {
      read += length
      longest = Math.max(longest, length)
      return bytes.subarray(offset, offset + length)
    },
  }
  const { sound } = await apk.inspect(reader)
  assert.equal(sound, true)
  assert.ok(read < bytes.length + 2 * 1024 ** 2, `${read} of ${bytes.length} bytes`)
  assert.ok(longest <= 1024 ** 2, `${longest} bytes at once`)
})
