import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMsix, type MsixOptions } from '../../../test/helpers/msix-builder.ts'
import { buildZip, type ZipSpec } from '../../../test/helpers/zip-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { defaultLimits, type Reader } from '../types.ts'
import { msix } from './index.ts'

async function inspect(bytes: Uint8Array) {
  const { sound, findings, facts } = await msix.inspect(bytesReader(bytes))
  const told = findings.filter(({ code }) => code !== 'msix-capability-restricted')
  return { sound, facts, codes: told.map(({ code }) => code), findings: told }
}

/** 300 KB: five blocks. */
const large = Buffer.from(Array.from({ length: 30_000 }, (_, index) => `line ${index}\n`).join('')).subarray(
  0,
  300_000,
)

const withFiles = (files: Readonly<Record<string, Uint8Array | string>>): MsixOptions => ({
  files: {
    'App.exe': 'MZ',
    'Assets\\StoreLogo.png': '1',
    'Assets\\Square150x150Logo.png': '2',
    'Assets\\Square44x44Logo.png': '3',
    ...files,
  },
})

const sound: readonly [title: string, options: MsixOptions][] = [
  ['an application', {}],
  ['one of SHA-384', { hash: 'sha384' }],
  [
    'one of SHA-512 with hashes of whole files',
    { hash: 'sha512', fileHash: true, ...withFiles({ 'a.bin': large }) },
  ],
  [
    'files of several blocks',
    withFiles({ 'big.dat': large, 'exact.bin': large.subarray(0, 131_072), 'empty.txt': '' }),
  ],
  ['one that MakeMSIX packed', { unterminated: true, ...withFiles({ 'big.dat': large }) }],
  ['names that are encoded', withFiles({ 'Ünï codé\\a b#[1]{2}100%.txt': 'x', 'no extension': 'y' })],
  ['a resource package', { resource: true, resourceId: 'split.language-de', languages: ['de'] }],
  ['an archive without ZIP64', { zip: { zip64: false } }],
  ['a catalog that the block map leaves out', { catalog: 'catalog' }],
]

for (const [title, options] of sound) {
  test(`${title} is sound`, async () => {
    const { sound, codes } = await inspect(buildMsix(options))
    assert.deepEqual(codes, options.catalog === undefined ? [] : ['msix-catalog-unsigned'])
    assert.equal(sound, true)
  })
}

test('facts of an application', async () => {
  const { facts } = await inspect(buildMsix({ languages: ['en-US', 'de'], architecture: 'arm64' }))
  assert.deepEqual(facts, {
    kind: 'package',
    packageKind: 'application',
    name: 'Contoso.App',
    publisher: 'CN=Contoso Software, O="Contoso, Ltd", C=US',
    version: '1.2.3.0',
    familyName: 'Contoso.App_mzqga4nxddvra',
    architecture: 'ARM64',
    architectures: ['ARM64'],
    resourceId: '',
    displayName: 'Contoso App',
    publisherDisplayName: 'Contoso',
    scales: [],
    languages: ['en-US', 'de'],
    capabilities: ['runFullTrust'],
    restrictedCapabilities: ['runFullTrust'],
    targetDeviceFamilies: [
      { name: 'Windows.Desktop', minVersion: '10.0.17763.0', maxVersionTested: '10.0.22621.0' },
    ],
    osMinVersion: null,
    packageDependencies: [],
    mainPackages: [],
    applications: [
      {
        id: 'App',
        executable: 'App.exe',
        entryPoint: 'Windows.FullTrustApplication',
        startPage: null,
        displayName: 'Contoso App',
      },
    ],
    signed: false,
    signer: null,
  })
})

const replace = (from: string | RegExp, to: string) => (xml: string) => {
  const result = xml.replace(from, to)
  assert.notEqual(result, xml, `${from} is not there`)
  return result
}

const entry = (name: string, change: Partial<ZipSpec>) => (entries: ZipSpec[]) =>
  entries.map((each) => (each.name === name ? { ...each, ...change } : each))

const adding =
  (...more: ZipSpec[]) =>
  (entries: ZipSpec[]) => [...more, ...entries]

const bigFile = withFiles({ 'big.dat': large })

const unsound: readonly [title: string, options: MsixOptions, codes: readonly string[]][] = [
  ['no manifest', { manifest: () => undefined }, ['msix-manifest-missing']],
  ['no content types', { contentTypes: () => undefined }, ['msix-content-types-missing']],
  ['no block map', { blockMap: () => undefined }, ['msix-block-map-missing']],
  [
    'the manifest of a bundle as well',
    { entries: adding({ name: 'AppxMetadata/AppxBundleManifest.xml' }) },
    ['msix-two-manifests'],
  ],
  ['a manifest that is no XML', { manifest: () => 'nothing' }, ['msix-xml-malformed']],
  [
    'an unlisted file',
    { entries: adding({ name: 'virus.exe', content: 'MZ' }) },
    ['msix-block-map-unlisted-file'],
  ],
  [
    'a file without type',
    { contentTypes: replace(/<Default Extension="exe".*?>/, '') },
    ['msix-content-type-missing'],
  ],
  ['content types that are a word', { contentTypes: () => 'types' }, ['msix-xml-malformed']],
  ['a block map in no namespace', { blockMap: replace(/xmlns="[^"]*"/, '') }, ['msix-xml-root']],
  [
    'a block map of 2017, for encrypted packages',
    { blockMap: replace('2010/blockmap', '2017/blockmap') },
    ['msix-xml-root'],
  ],
  [
    'a block map with an undeclared prefix',
    { blockMap: replace(/<File /, '<fake:File ') },
    ['msix-xml-malformed'],
  ],
  [
    'a file of another namespace in the block map',
    { blockMap: replace(/<File (.*?)<\/File>/, '<x:File xmlns:x="urn:x" $1</x:File>') },
    ['msix-block-map-unlisted-file'],
  ],
  [
    'a block map of SHA-1',
    { blockMap: replace(/HashMethod="[^"]*"/, 'HashMethod="sha1"') },
    ['msix-block-map-hash-method'],
  ],
  [
    'the manifest missing in the block map',
    { blockMap: replace(/<File Name="AppxManifest.*?<\/File>/, '') },
    ['msix-block-map-unlisted-file'],
  ],
  [
    'a file missing in the package',
    { blockMap: replace('<File ', '<File Name="gone.dll" Size="0"/><File ') },
    ['msix-block-map-extra-file'],
  ],
  ['a wrong size', { blockMap: replace('Size="14"', 'Size="15"') }, ['msix-block-map-size']],
  [
    'a wrong hash',
    { blockMap: replace(/Hash="[^"]{43}=/, `Hash="${'A'.repeat(43)}=`) },
    ['msix-block-map-hash'],
  ],
  [
    'a block too few',
    { ...bigFile, blockMap: replace(/(<File Name="big.dat"[^>]*>)<Block[^>]*>/, '$1') },
    ['msix-block-map-block-count'],
  ],
  [
    'blocks in another order',
    { ...bigFile, blockMap: replace(/(<File Name="big.dat"[^>]*>)(<Block[^>]*>)(<Block[^>]*>)/, '$1$3$2') },
    ['msix-block-not-independent', 'msix-block-map-hash'],
  ],
  [
    'a compressed size that does not add up',
    { ...bigFile, blockMap: replace(/(Name="big.dat".*?Block Hash="[^"]*" Size=")/, '$11') },
    ['msix-block-map-compressed-size'],
  ],
  [
    'compressed sizes of a stored file',
    { blockMap: replace(/(StoreLogo.*?Hash="[^"]*")/, '$1 Size="14"') },
    ['msix-block-map-compressed-size'],
  ],
  [
    'no compressed sizes of a compressed file',
    { ...bigFile, blockMap: replace(/(Name="big.dat".*?Hash="[^"]*") Size="\d+"/, '$1') },
    ['msix-block-map-compressed-size'],
  ],
  [
    'a wrong header size',
    { blockMap: replace('LfhSize="37"', 'LfhSize="38"') },
    ['msix-block-map-header-size'],
  ],
  [
    'a wrong hash of the whole file',
    { fileHash: true, blockMap: replace(/FileHash Hash="[^"]*"/, `FileHash Hash="${'A'.repeat(43)}="`) },
    ['msix-block-map-file-hash'],
  ],
  [
    'a file twice in the block map',
    { blockMap: replace(/(<File Name="App.exe".*?<\/File>)/, '$1$1') },
    ['msix-block-map-file-twice'],
  ],
  [
    'the content types in the block map',
    { blockMap: replace('<File ', '<File Name="[Content_Types].xml" Size="0"/><File ') },
    ['msix-block-map-footprint'],
  ],
  [
    'content that was changed',
    {
      entries: (entries) =>
        entries.map((each) =>
          each.name === 'App.exe' ? { name: each.name, content: 'MZ the virus_', method: 'stored' } : each,
        ),
    },
    ['msix-block-map-size'],
  ],
  [
    'content of the same length that was changed',
    {
      afterSigning: (entries) =>
        entries.map((each) =>
          each.name === 'Assets/StoreLogo.png' ? { ...each, content: 'PNG STORE LOGO' } : each,
        ),
    },
    ['msix-block-map-hash'],
  ],
  [
    'a wrong checksum',
    {
      entries: entry('Assets/StoreLogo.png', {
        central: { crc32: 1 },
        local: { crc32: 1 },
        descriptorLie: { crc32: 1 },
      }),
    },
    ['zip-crc-mismatch'],
  ],
  ['blocks that depend on each other', { dependentBlocks: true, ...bigFile }, ['msix-block-not-independent']],
  [
    'two names for one file',
    withFiles({ 'a.txt': '1', 'A.txt': '2' }),
    ['msix-file-twice', 'msix-block-map-file-twice', 'msix-block-map-hash'],
  ],
  [
    'a name that is not encoded',
    { entries: adding({ name: 'a b.exe' }) },
    ['msix-file-name-unencoded', 'msix-block-map-unlisted-file'],
  ],
  ['a name that can not be decoded', { entries: adding({ name: '100%.exe' }) }, ['msix-file-name']],
  [
    'a hidden parent folder',
    { entries: adding({ name: '%2e%2e/a.exe' }) },
    ['msix-file-name', 'msix-block-map-unlisted-file'],
  ],
  ['an entry for a folder', { entries: adding({ name: 'Assets/' }) }, ['msix-folder-entry']],
  [
    'a file of the system',
    withFiles({ 'microsoft.system.package.metadata\\a.xml': 'x' }),
    ['msix-reserved-folder'],
  ],
  [
    'an odd type of the manifest',
    { contentTypes: replace('appx.manifest+xml', 'appx+xml') },
    ['msix-content-type-unexpected'],
  ],
  [
    'a program that is missing',
    { files: {} },
    [
      'msix-referenced-image-missing',
      'msix-referenced-file-missing',
      'msix-referenced-image-missing',
      'msix-referenced-image-missing',
    ],
  ],
]

const harmless = new Set([
  'msix-block-not-independent',
  'msix-folder-entry',
  'msix-reserved-folder',
  'msix-content-type-unexpected',
])

for (const [title, options, codes] of unsound) {
  test(`${title}: ${codes.join(', ')}`, async () => {
    const result = await inspect(buildMsix(options))
    assert.deepEqual(result.codes, codes, JSON.stringify(result.findings, undefined, 1))
    assert.equal(
      result.sound,
      codes.every((code) => harmless.has(code)),
    )
  })
}

test('parts that no sound package has at that size are not read', async () => {
  const filler = `<!--${' '.repeat(9 * 1024 ** 2)}-->`
  const { codes } = await inspect(buildMsix({ manifest: (xml) => xml + filler }))
  assert.deepEqual(codes, ['msix-part-too-large'])
})

test('what is no package is told so', async () => {
  for (const [bytes, code] of [
    [new Uint8Array(0), 'zip-not-a-zip'],
    [Buffer.from('PK\u0003\u0004'), 'zip-truncated'],
    [buildZip({ 'readme.txt': 'hello' }), 'msix-not-a-package'],
    [buildZip([]), 'msix-not-a-package'],
  ] as const) {
    const { sound, codes } = await inspect(bytes)
    assert.equal(sound, false)
    assert.deepEqual(codes, [code])
  }
})

test('a container that lies is not read any further', async () => {
  const bytes = buildMsix({ entries: (entries) => [...entries, { name: 'again', sharesBytesOf: 0 }] })
  const { codes, facts } = await inspect(bytes)
  assert.ok(codes.includes('zip-overlap'))
  assert.ok(codes.every((code) => code.startsWith('zip-')))
  assert.deepEqual(facts, {})
})

test('limits are kept', async () => {
  const bytes = buildMsix(bigFile)
  const few = await msix.inspect(bytesReader(bytes), { ...defaultLimits, entries: 3 })
  assert.deepEqual(
    few.findings.map(({ code }) => code),
    ['zip-too-many-entries'],
  )
  const small = await msix.inspect(bytesReader(bytes), { ...defaultLimits, unpackedBytes: 1000 })
  assert.deepEqual(
    small.findings.map(({ code }) => code),
    ['zip-too-large'],
  )
})

test('a manifest of huge texts makes facts of bounded size', async () => {
  const { facts } = await inspect(
    buildMsix({ manifest: replace('Contoso App<', `${'x'.repeat(1_000_000)}<`) }),
  )
  assert.ok(JSON.stringify(facts).length < 20_000)
})

test('the failure of the reader itself is thrown', async () => {
  const whole = bytesReader(buildMsix(bigFile))
  let reads = 0
  const failing: Reader = {
    size: whole.size,
    read(offset, length) {
      reads += 1
      return reads > 12 ? Promise.reject(new Error('disk')) : whole.read(offset, length)
    },
  }
  await assert.rejects(msix.inspect(failing), /disk/)
})
