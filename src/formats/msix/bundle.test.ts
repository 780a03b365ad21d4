import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type BundledSpec,
  type BundleOptions,
  buildBundle,
  buildMsix,
} from '../../../test/helpers/msix-builder.ts'
import { makeMsixSigner } from '../../../test/helpers/msix-signer.ts'
import { bytesReader } from '../bytes-reader.ts'
import { defaultLimits } from '../types.ts'
import { msix } from './index.ts'

async function inspect(options: BundleOptions) {
  const { sound, facts, findings } = await msix.inspect(bytesReader(buildBundle(options)))
  const told = findings.filter(({ code }) => code !== 'msix-capability-restricted')
  return { sound, facts, codes: told.map(({ code }) => code), findings: told }
}

const x64: BundledSpec = { fileName: 'x64.msix', architecture: 'x64' }
const arm: BundledSpec = { fileName: 'arm.appx', architecture: 'arm' }
const german: BundledSpec = {
  fileName: 'de.msix',
  resource: true,
  resourceId: 'split.language-de',
  languages: ['de'],
}
const neutral = (fileName: string, resourceId: string, more: Partial<BundledSpec> = {}): BundledSpec => ({
  fileName,
  resourceId,
  architecture: 'neutral',
  ...more,
})
const family = (name: string, min: string) =>
  `<TargetDeviceFamily Name="${name}" MinVersion="${min}" MaxVersionTested="10.0.22621.0"/>`

const sound: readonly [title: string, options: BundleOptions][] = [
  ['applications and a language', {}],
  ['one of the 2018 schema', { schema: 2018 }],
  ['one application', { packages: [x64] }],
  ['a neutral application beside another', { packages: [x64, neutral('any.msix', 'any')] }],
  ['a package whose name is not ASCII', { packages: [{ ...x64, fileName: 'महसुस.appx' }] }],
  [
    'two neutral applications for different families of recent systems',
    {
      schema: 2019,
      packages: [
        neutral('a.msix', 'a', { families: family('Windows.Desktop', '10.0.18362.0') }),
        neutral('b.msix', 'b', { families: family('Windows.Xbox', '10.0.18362.0') }),
      ],
    },
  ],
]

for (const [title, options] of sound) {
  test(`a bundle of ${title} is sound`, async () => {
    const result = await inspect(options)
    assert.deepEqual(result.codes, [], JSON.stringify(result.findings, undefined, 1))
    assert.equal(result.sound, true)
  })
}

test('signed bundles of signed packages are sound', async () => {
  const signer = await makeMsixSigner()
  const { sound, codes, facts } = await inspect({ signer, packages: [{ ...x64, signer }, german] })
  assert.deepEqual(codes, [])
  assert.equal(sound, true)
  assert.equal(facts.signed, true)
  const packages = facts.packages as readonly { signed: boolean }[]
  assert.deepEqual(
    packages.map(({ signed }) => signed),
    [true, false],
  )
})

test('a package that was changed inside of a signed bundle is found', async () => {
  const signer = await makeMsixSigner()
  const { codes } = await inspect({
    signer,
    packages: [x64],
    afterSigning: (entries) =>
      entries.map((each) =>
        each.name === 'x64.msix' ? { ...each, content: buildMsix({ version: '1.2.4.0' }) } : each,
      ),
  })
  assert.ok(codes.includes('msix-signature-digest'))
  assert.ok(codes.includes('msix-bundle-package-differs'))
})

test('facts are those of all packages', async () => {
  const { facts } = await inspect({ packages: [x64, arm, german] })
  assert.deepEqual(
    [facts.kind, facts.architecture, facts.architectures, facts.languages, facts.displayName, facts.version],
    ['bundle', 'Neutral', ['x64', 'ARM'], ['en-US', 'de'], 'Contoso App', '2024.101.0.0'],
  )
  const [first, , third] = facts.packages as readonly { [key: string]: unknown }[]
  assert.deepEqual(
    [first?.fileName, first?.type, first?.offset, first?.inspected],
    ['x64.msix', 'application', 38, true],
  )
  assert.deepEqual(
    [third?.type, third?.resourceId, third?.languages],
    ['resource', 'split.language-de', ['de']],
  )
  assert.equal((await inspect({ packages: [arm] })).facts.architecture, 'ARM')
})

const attribute = (name: string, value: string) => (xml: string) => {
  const result = xml.replace(new RegExp(` ${name}="[^"]*"`), value === '' ? '' : ` ${name}="${value}"`)
  assert.notEqual(result, xml)
  return result
}

const unsound: readonly [title: string, options: BundleOptions, codes: readonly string[]][] = [
  ['no manifest', { manifest: () => undefined }, ['msix-bundle-manifest-missing']],
  ['no block map', { blockMap: () => undefined }, ['msix-block-map-missing']],
  ['no content types', { contentTypes: () => undefined }, ['msix-content-types-missing']],
  [
    'a manifest of another schema',
    { manifest: (xml) => xml.replace('2013/bundle', '2013/package') },
    ['msix-xml-root'],
  ],
  [
    'a manifest without SchemaVersion',
    { manifest: attribute('SchemaVersion', '') },
    ['msix-bundle-manifest-invalid'],
  ],
  ['a manifest without packages', { packages: [] }, ['msix-bundle-manifest-invalid']],
  [
    'a manifest without Identity',
    { manifest: (xml) => xml.replace(/<Identity.*?>/, '') },
    ['msix-manifest-element-missing'],
  ],
  [
    'a name no bundle may have',
    { name: 'no', packages: [x64] },
    ['msix-identity-name', 'msix-identity-name'],
  ],
  [
    'a package in the block map',
    { blockMap: (xml) => xml.replace('<File ', '<File Name="App_x64.msix" Size="0"/><File ') },
    ['msix-block-map-extra-file'],
  ],
  [
    'a manifest that is not in the block map',
    { blockMap: (xml) => xml.replace(/Name="AppxMetadata[^"]*"/, 'Name="other"') },
    ['msix-block-map-extra-file', 'msix-block-map-unlisted-file'],
  ],
  [
    'a manifest that was changed',
    { blockMap: (xml) => xml.replace(/Hash="[^"]{43}=/, `Hash="${'A'.repeat(43)}=`) },
    ['msix-block-map-hash'],
  ],
  ['resource packages only', { packages: [german] }, ['msix-bundle-no-application']],
  [
    'two neutral applications',
    { packages: [neutral('a.msix', 'a'), neutral('b.msix', 'b')] },
    ['msix-bundle-neutral-conflict'],
  ],
  [
    'two neutral applications for one family',
    {
      schema: 2019,
      packages: ['a', 'b'].map((each) =>
        neutral(`${each}.msix`, each, { families: family('Windows.Desktop', '10.0.18362.0') }),
      ),
    },
    ['msix-bundle-neutral-conflict'],
  ],
  [
    'two applications of one architecture',
    { packages: [x64, { ...x64, fileName: 'b.msix', version: '1.3.0.0' }] },
    ['msix-bundle-architecture-twice'],
  ],
  [
    'the same package twice',
    { packages: [x64, { ...x64, fileName: 'b.msix' }] },
    ['msix-bundle-package-twice', 'msix-bundle-architecture-twice'],
  ],
  [
    'one resource id twice',
    { packages: [x64, german, { ...german, fileName: 'b.msix', version: '1.3.0.0' }] },
    ['msix-bundle-package-twice'],
  ],
  [
    'a file name twice',
    { packages: [{ ...x64, listed: (xml) => xml + xml }] },
    ['msix-bundle-package-twice', 'msix-bundle-package-twice'],
  ],
  [
    'a file name of no package',
    { packages: [{ ...x64, fileName: 'x64.exe' }] },
    ['msix-bundle-file-name', 'msix-bundle-package-compressed'],
  ],
  [
    'a listed package that is missing',
    {
      packages: [x64, { ...arm, external: true, listed: (xml) => xml.replace(' Size', ' Offset="99" Size') }],
    },
    ['msix-bundle-package-missing'],
  ],
  [
    'a package outside of a flat bundle',
    { packages: [x64, { ...arm, external: true }] },
    ['msix-bundle-package-external'],
  ],
  [
    'a package that is not listed',
    { packages: [x64, { ...arm, listed: () => undefined }] },
    ['msix-bundle-package-unlisted'],
  ],
  [
    'a file that is no package',
    { entries: (entries) => [...entries, { name: 'readme.xml', content: 'x' }] },
    ['msix-bundle-package-unlisted'],
  ],
  ['a compressed package', { packages: [{ ...x64, compressed: true }] }, ['msix-bundle-package-compressed']],
  [
    'a wrong offset',
    { packages: [{ ...x64, listed: attribute('Offset', '39') }] },
    ['msix-bundle-package-offset'],
  ],
  ['no offset', { packages: [{ ...x64, listed: attribute('Offset', '') }] }, ['msix-bundle-package-offset']],
  [
    'an offset that is no number',
    { packages: [{ ...x64, listed: attribute('Offset', '3e1') }] },
    ['msix-bundle-manifest-invalid', 'msix-bundle-package-offset'],
  ],
  ['a wrong size', { packages: [{ ...x64, listed: attribute('Size', '1') }] }, ['msix-bundle-package-size']],
  ['another name', { packages: [{ ...x64, name: 'Contoso.Other' }] }, ['msix-bundle-package-differs']],
  [
    'another publisher',
    { packages: [{ ...x64, publisher: 'CN=Fabrikam' }] },
    ['msix-bundle-package-differs'],
  ],
  [
    'another version',
    { packages: [{ ...x64, listed: attribute('Version', '1.2.4.0') }] },
    ['msix-bundle-package-differs'],
  ],
  [
    'another architecture',
    { packages: [{ ...x64, listed: attribute('Architecture', 'x86') }] },
    ['msix-bundle-package-differs'],
  ],
  [
    'another resource id',
    { packages: [x64, { ...german, listed: attribute('ResourceId', 'fr') }] },
    ['msix-bundle-package-differs'],
  ],
  [
    'another type',
    { packages: [x64, { ...german, listed: attribute('Type', 'application') }] },
    ['msix-bundle-package-differs'],
  ],
  [
    'other languages',
    { packages: [{ ...x64, listed: (xml) => xml.replace('en-US', 'fr-FR') }] },
    ['msix-bundle-resources-differ'],
  ],
  [
    'a version of two numbers',
    { packages: [{ ...x64, listed: attribute('Version', '1.2') }] },
    ['msix-bundle-manifest-invalid', 'msix-bundle-package-differs'],
  ],
  [
    'a type of its own',
    { packages: [x64, { ...german, listed: attribute('Type', 'asset') }] },
    ['msix-bundle-manifest-invalid'],
  ],
  [
    'a framework',
    {
      packages: [
        {
          ...x64,
          manifest: (xml) =>
            xml
              .replace('<DisplayName>', '<Framework>true</Framework><DisplayName>')
              .replace(/<Capabilities>[\s\S]*<\/Applications>/, ''),
        },
      ],
    },
    ['msix-bundle-framework'],
  ],
  [
    'an application package without application',
    { packages: [{ ...x64, manifest: (xml) => xml.replace(/<Applications>[\s\S]*<\/Applications>/, '') }] },
    ['msix-bundle-application-empty'],
  ],
  ['a bundle in the bundle', { packages: [x64, { ...arm, bytes: buildBundle() }] }, ['msix-not-a-package']],
  ['junk in place of a package', { packages: [{ ...x64, bytes: Buffer.from('junk') }] }, ['zip-not-a-zip']],
]

const harmless = new Set([
  'msix-bundle-architecture-twice',
  'msix-bundle-package-external',
  'msix-bundle-resources-differ',
  'msix-bundle-application-empty',
])

for (const [title, options, codes] of unsound) {
  test(`${title}: ${codes.join(', ')}`, async () => {
    const result = await inspect(options)
    assert.deepEqual(result.codes, codes, JSON.stringify(result.findings, undefined, 1))
    assert.equal(
      result.sound,
      codes.every((code) => harmless.has(code)),
    )
  })
}

test('a package for Windows 8.0 is noticed in a bundle', async () => {
  const old = `<Package xmlns="http://schemas.microsoft.com/appx/2010/manifest">
    <Identity Name="Contoso.App" Publisher="CN=Contoso Software, O=&quot;Contoso, Ltd&quot;, C=US" Version="1.2.3.0" ProcessorArchitecture="x64"/>
    <Properties><DisplayName>a</DisplayName><PublisherDisplayName>b</PublisherDisplayName><Logo>Assets\\StoreLogo.png</Logo></Properties>
    <Resources><Resource Language="en-US"/></Resources>
    <Prerequisites><OSMinVersion>6.2</OSMinVersion><OSMaxVersionTested>6.3</OSMaxVersionTested></Prerequisites></Package>`
  const { codes } = await inspect({ packages: [{ ...x64, manifest: () => old }] })
  assert.deepEqual(codes, ['msix-bundle-application-empty', 'msix-bundle-old-system'])
})

test('what is wrong inside of a package is said under its name', async () => {
  const { findings } = await inspect({
    packages: [{ ...x64, blockMap: (xml) => xml.replace(/Size="14"/, 'Size="15"') }],
  })
  assert.deepEqual(
    findings.map(({ code, target }) => `${code} ${target}`),
    ['msix-block-map-size x64.msix!App.exe'],
  )
})

test('all packages together may unpack to the limit, not each of them', async () => {
  const each = { ...x64, files: { 'App.exe': Buffer.alloc(100_000) } }
  const bytes = buildBundle({
    packages: Array.from({ length: 8 }, (_, index) => ({ ...each, fileName: `${index}.msix` })),
  })
  const limits = { ...defaultLimits, unpackedBytes: 350_000 }
  const { findings } = await msix.inspect(bytesReader(bytes), limits)
  const refused = findings.filter(({ code }) => code === 'zip-too-large')
  assert.deepEqual(
    refused.map(({ target }) => target),
    ['3.msix', '4.msix', '5.msix', '6.msix', '7.msix'],
  )
})
