import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Package } from '../../engine/index.ts'
import { systemRandom } from '../../engine/random.ts'
import { defaultSeed } from '../../sandbox/seed.ts'
import { checkEdit } from './check.ts'
import { blankDocument, cloneDocument, documentOf, type EditDocument } from './document.ts'
import { editRules, toWireFinding } from './findings.ts'
import { readContent } from './read-content.ts'
import { amazonSpec } from './spec.ts'

const product = {
  id: 'p',
  accountId: 'a',
  store: 'amazon',
  kind: 'app',
  name: 'P',
  identity: null,
  parentId: null,
  data: {},
  createdAt: 0,
}

const seeded = defaultSeed.accounts[0]?.products.find(({ store }) => store === 'amazon')?.published ?? {}
const live = documentOf({ content: seeded })
const ready: EditDocument = { ...cloneDocument(seeded, 'copy'), written: ['en-US'] }
const english = ready.listings['en-US'] ?? assert.fail('the seed has no listing')

function packageOf(id: string, facts: Package['facts'] = {}): Package {
  return {
    id,
    productId: 'p',
    fileName: `${id}.apk`,
    blob: id,
    size: 1,
    inspectedAt: 0,
    format: 'apk',
    sound: true,
    facts: { package: 'com.example.one', minSdk: 21, targetSdk: 30, abis: [], features: [], ...facts },
    findings: [],
    ordinal: 0,
    createdAt: 0,
  }
}

const apk = (id: string, versionCode: number, drm: boolean | null = false) => ({
  id,
  versionCode,
  name: id,
  packageId: id,
  drm,
})

function codesOf(content: EditDocument, packages: readonly Package[] = []): string[] {
  const findings = checkEdit({ product, content, packages, live: null }, { certificate: 'warn' })
  return findings.map(({ code }) => code)
}

test('the seeded app is sound once its notes are written', () => {
  assert.deepEqual(codesOf(ready), [])
  assert.deepEqual(codesOf({ ...ready, written: [] }), ['amazon-release-notes'])
  assert.deepEqual(codesOf(live), ['amazon-release-notes'])
})

const changes: [string, Partial<EditDocument>, string[], Package[]?][] = [
  ['no APK', { apks: [] }, ['amazon-apk-missing']],
  ['no listing in the default language', { listings: {} }, ['amazon-listing-missing']],
  [
    'a listing without a title',
    { listings: { 'en-US': { ...english, title: ' ' } } },
    ['amazon-listing-text'],
  ],
  [
    'a text too long',
    { listings: { 'en-US': { ...english, title: 'x'.repeat(251) } } },
    ['amazon-listing-text'],
  ],
  [
    'a keyword of two words',
    { listings: { 'en-US': { ...english, keywords: ['a b'] } } },
    ['amazon-keyword'],
  ],
  [
    'notes of blanks',
    { listings: { 'en-US': { ...english, recentChanges: ' \n' } } },
    ['amazon-release-notes'],
  ],
  [
    'notes missing in one language',
    { listings: { ...ready.listings, 'de-DE': english } },
    ['amazon-release-notes'],
  ],
  ['no images', { images: {} }, ['amazon-images-missing', 'amazon-images-missing', 'amazon-images-missing']],
  [
    'two APKs of one version code',
    { apks: [apk('a', 1), apk('b', 1)] },
    ['amazon-apk-version-conflict', 'amazon-apk-untargeted'],
    [packageOf('a'), packageOf('b')],
  ],
  ['an APK without an answer to DRM', { apks: [apk('a', 1, null)] }, ['amazon-apk-drm'], [packageOf('a')]],
  [
    'APKs of two package names',
    { apks: [apk('a', 1), apk('b', 2)] },
    ['amazon-apk-package-names', 'amazon-apk-superseded'],
    [packageOf('a'), packageOf('b', { package: 'com.example.two' })],
  ],
  [
    'an APK that targets nothing',
    { apks: [apk('a', 1)], targeting: { a: { devices: [], other: null } } },
    ['amazon-apk-untargeted'],
    [packageOf('a')],
  ],
  [
    'an APK for other Android devices alone',
    { apks: [apk('a', 1)], targeting: { a: { devices: [], other: 'TARGETING' } } },
    [],
    [packageOf('a')],
  ],
  [
    'an APK no device can run',
    { apks: [apk('a', 1)] },
    ['amazon-apk-untargeted'],
    [packageOf('a', { abis: ['mips'] })],
  ],
  [
    'a lower version code',
    { apks: [apk('a', 1)], published: [2] },
    ['amazon-apk-lower-version'],
    [packageOf('a')],
  ],
  [
    'a debuggable build',
    { apks: [apk('a', 1)] },
    ['amazon-apk-debuggable'],
    [packageOf('a', { debuggable: true })],
  ],
  [
    'a test-only build',
    { apks: [apk('a', 1)] },
    ['amazon-apk-test-only'],
    [packageOf('a', { testOnly: true })],
  ],
]
for (const [what, change, codes, packages] of changes) {
  test(`${what}: ${codes.join(', ') || 'sound'}`, () => {
    assert.deepEqual(codesOf({ ...ready, ...change }, packages), codes)
  })
}

test('a signer that the lineage of the update names is the same developer', () => {
  const signed = (id: string, signers: string[], lineage: string[] = []) =>
    packageOf(id, {
      signers: signers.map((sha256) => ({ sha256, subject: 'CN=x', scheme: 'v3' })),
      lineage: lineage.map((sha256) => ({ sha256, subject: 'CN=x' })),
    })
  const check = (pack: Package, certificate: 'off' | 'warn' | 'error') =>
    checkEdit(
      {
        product,
        content: { ...ready, apks: [apk('b', 2)] },
        packages: [pack],
        live: { content: live, packages: [signed('a', ['old'])] },
      },
      { certificate },
    ).map(({ severity }) => severity)
  assert.deepEqual(check(signed('b', ['old']), 'error'), [])
  assert.deepEqual(check(signed('b', ['new'], ['old', 'new']), 'error'), [])
  assert.deepEqual(check(signed('b', ['new']), 'error'), ['error'])
  assert.deepEqual(check(signed('b', ['new']), 'warn'), ['warning'])
  assert.deepEqual(check(signed('b', ['new']), 'off'), [])
})

test('on the wire a finding has the service’s code where one is known, invalid_input elsewhere', () => {
  const codes = Object.keys(editRules).map((code) =>
    toWireFinding({ code, severity: 'error', message: code }),
  )
  assert.deepEqual([...new Set(codes.map(({ errorCode }) => errorCode))].sort(), [
    'SINGLE_WORD',
    'error_apk_drm_value_missing',
    'error_apk_must_target_atleast1_device',
    'error_apk_version_code_conflict',
    'error_release_notes_incomplete',
    'invalid_input',
  ])
  const foreign = toWireFinding({ code: 'constructor', severity: 'error', message: 'x' })
  assert.deepEqual(foreign, { errorCode: 'invalid_input', errorMessage: 'x' })
})

test('content of the wrong shape is said, member by member', () => {
  assert.deepEqual(readContent(seeded), [])
  assert.deepEqual(readContent(blankDocument), [])
  assert.deepEqual(readContent({ unknown: 1 }), [])
  const wrong: { readonly [member: string]: unknown }[] = [
    { details: null },
    { details: { ...ready.details, defaultLanguage: 'xx' } },
    { listings: [] },
    { listings: { en_US: english } },
    { listings: { 'en-US': { ...english, keywords: 'x' } } },
    { listings: { 'en-US': { ...english, more: 1 } } },
    { images: { 'en-US': { icon: [] } } },
    { images: { 'en-US': { 'small-icons': [{ id: 1, sha256: null }] } } },
    { videos: { 'en-US': {} } },
    { availability: { dateTime: 'x', zoneId: null } },
    { availability: null },
    { apks: [{ id: 'a' }] },
    { apks: [{ ...apk('a', 1.5) }] },
    { targeting: { a: { devices: 'all', other: null } } },
    { targeting: { a: { devices: [], other: 'ALL' } } },
    { revisions: { x: 'y' } },
    { written: ['english'] },
    { published: [null] },
  ]
  for (const content of wrong) {
    const [member = ''] = Object.keys(content)
    const [first] = readContent(content)
    assert.equal(first?.severity, 'error', JSON.stringify(content))
    assert.ok(first?.message.startsWith(member))
  }
})

test('ids have the store’s forms, and a chosen one may have any letters', () => {
  const spec = amazonSpec({ certificate: 'warn', releaseNotes: 'blank' })
  assert.match(spec.mintId('submission', systemRandom), /^amzn1\.devportal\.apprelease\.[0-9a-f]{32}$/)
  assert.equal(
    spec.readId('product', 'amzn1.devportal.mobileapp.slipway'),
    'amzn1.devportal.mobileapp.slipway',
  )
  for (const id of ['slipway', 'amzn1.devportal.mobileapp.', 'amzn1.devportal.mobileapp.a/b']) {
    assert.equal(spec.readId('product', id), undefined)
  }
})
