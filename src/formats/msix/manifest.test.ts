import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manifestXml } from '../../../test/helpers/msix-builder.ts'
import type { MsixCode } from './findings.ts'
import { readManifest } from './manifest.ts'

function read(xml: string) {
  const codes: MsixCode[] = []
  const targets: (string | undefined)[] = []
  const manifest = readManifest(Buffer.from(xml), (code, _detail, target) => {
    if (code !== 'msix-capability-restricted') codes.push(code)
    targets.push(target)
  })
  return { manifest, codes, targets }
}

/** The sound manifest with one piece of it replaced. */
function changed(from: string | RegExp, to: string): string {
  const xml = manifestXml({ resourceId: 'main' })
  const result = xml.replace(from, to)
  assert.notEqual(result, xml, `${from} is not in the manifest`)
  return result
}

test('the manifest of a Windows 10 application is read', () => {
  const { manifest, codes } = read(manifestXml({ languages: ['en-US', 'de'], scales: ['200'] }))
  assert.deepEqual(codes, [])
  assert.ok(manifest)
  assert.deepEqual(manifest.identity, {
    name: 'Contoso.App',
    publisher: 'CN=Contoso Software, O="Contoso, Ltd", C=US',
    version: '1.2.3.0',
    architecture: 'x64',
    resourceId: '',
  })
  assert.equal(manifest.kind, 'application')
  assert.deepEqual(manifest.resources, { languages: ['en-US', 'de'], scales: ['200'], dxFeatureLevels: [] })
  assert.deepEqual(manifest.capabilities, [{ name: 'runFullTrust', kind: 'restricted' }])
  assert.deepEqual(
    manifest.files.map(({ kind, path }) => `${kind} ${path}`),
    [
      'image Assets\\StoreLogo.png',
      'program App.exe',
      'image Assets\\Square150x150Logo.png',
      'image Assets\\Square44x44Logo.png',
    ],
  )
})

test('the manifest of a Windows 8.1 application is read', () => {
  const { manifest, codes } = read(`<?xml version="1.0" encoding="utf-8"?>
    <Package xmlns="http://schemas.microsoft.com/appx/2010/manifest" xmlns:m2="http://schemas.microsoft.com/appx/2013/manifest">
      <Identity Name="Contoso.Old" Publisher="CN=Contoso" Version="1.0.0.0"/>
      <Properties><DisplayName>ms-resource:name</DisplayName><PublisherDisplayName>Contoso</PublisherDisplayName>
        <Logo>logo.png</Logo></Properties>
      <Prerequisites><OSMinVersion>6.3.0</OSMinVersion><OSMaxVersionTested>6.3.0</OSMaxVersionTested></Prerequisites>
      <Resources><Resource Language="en-us"/><Resource m2:Scale="140"/></Resources>
      <Dependencies><PackageDependency Name="Microsoft.VCLibs.120.00"/></Dependencies>
      <Applications><Application Id="App" StartPage="default.html">
        <m2:VisualElements DisplayName="Old" Description="Old" BackgroundColor="#000000" Square150x150Logo="a.png">
          <m2:SplashScreen Image="splash.png"/></m2:VisualElements>
        <Extensions><m2:Extension Category="windows.alarm" Executable="alarm.exe"/>
          <Extension Category="windows.backgroundTasks" Executable="backgroundTaskHost.exe"/></Extensions>
      </Application></Applications>
      <Capabilities><Capability Name="internetClient"/><DeviceCapability Name="webcam"/></Capabilities>
    </Package>`)
  assert.deepEqual(codes, [])
  assert.ok(manifest)
  assert.equal(manifest.generation, 'windows8')
  assert.equal(manifest.osMinVersion, '6.3.0')
  assert.equal(manifest.identity.architecture, 'neutral')
  assert.deepEqual(manifest.resources.scales, ['140'])
  assert.deepEqual(
    manifest.capabilities.map(({ name, kind }) => `${kind} ${name}`),
    ['general internetClient', 'device webcam'],
  )
  assert.deepEqual(
    manifest.files.map(({ kind, path }) => `${kind} ${path}`),
    ['image logo.png', 'program default.html', 'image a.png', 'image splash.png', 'extension alarm.exe'],
  )
})

test('namespaces of later schemas, and ignorable ones, are taken', () => {
  const { codes } = read(
    changed(
      /<Package [^>]*>/,
      `<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"
        xmlns:uap="http://schemas.microsoft.com/appx/manifest/uap/windows10"
        xmlns:uap17="http://schemas.microsoft.com/appx/manifest/uap/windows10/17"
        xmlns:rescap="http://schemas.microsoft.com/appx/manifest/foundation/windows10/restrictedcapabilities"
        xmlns:tool="https://tools.example/" IgnorableNamespaces="uap17 tool">
        <tool:Metadata><tool:Item/></tool:Metadata><uap17:New/>`,
    ),
  )
  assert.deepEqual(codes, [])
})

const identity = (attribute: string, value: string) =>
  changed(new RegExp(`${attribute}="[^"]*"`), `${attribute}="${value}"`)

const wrong: readonly [title: string, xml: string, codes: readonly MsixCode[]][] = [
  ['another root', '<Bundle xmlns="urn:x"/>', ['msix-xml-root']],
  ['another namespace', changed('foundation/windows10"', 'foundation/windows11"'), ['msix-xml-root']],
  ['no Identity', changed(/<Identity [^>]*>/, ''), ['msix-manifest-element-missing']],
  ['two Identities', changed(/(<Identity [^>]*>)/, '$1$1'), ['msix-manifest-element-repeated']],
  ['no name', changed(/ Name="Contoso.App"/, ''), ['msix-manifest-attribute-missing']],
  ['no publisher', changed(/Publisher="[^"]*"/, ''), ['msix-manifest-attribute-missing']],
  ['no version', changed(/ Version="[^"]*"/, ''), ['msix-manifest-attribute-missing']],
  ['a name of two characters', identity(' Name', 'ab').replace('=', ' = '), ['msix-identity-name']],
  ['a device name', identity(' Name', 'nul.app'), ['msix-identity-name']],
  ['a publisher that is a word', identity('Publisher', 'Contoso'), ['msix-identity-publisher']],
  ['a version of three numbers', identity(' Version', '1.2.3'), ['msix-identity-version']],
  ['a version beyond 16 bits', identity(' Version', '1.2.3.70000'), ['msix-identity-version']],
  ['a revision', identity(' Version', '1.2.3.4'), ['msix-version-revision']],
  ['a version that begins with 0', identity(' Version', '0.1.0.0'), ['msix-version-major']],
  ['an unknown architecture', identity('ProcessorArchitecture', 'X64'), ['msix-identity-architecture']],
  ['a resource id with a blank', identity('ResourceId', 'a b'), ['msix-identity-resource-id']],
  ['no Properties', changed(/<Properties>[\s\S]*<\/Properties>/, ''), ['msix-manifest-element-missing']],
  ['no DisplayName', changed(/<DisplayName>.*<\/DisplayName>/, ''), ['msix-manifest-element-missing']],
  ['an empty DisplayName', changed('>Contoso App<', '><'), ['msix-property-invalid']],
  ['a DisplayName with space around it', changed('>Contoso App<', '> Contoso <'), ['msix-property-invalid']],
  [
    'a DisplayName of 257 characters',
    changed('>Contoso App<', `>${'x'.repeat(257)}<`),
    ['msix-property-invalid'],
  ],
  [
    'a logo that is a program',
    changed('Assets\\StoreLogo.png', 'Assets\\StoreLogo.exe'),
    ['msix-property-invalid'],
  ],
  ['two logos', changed(/(<Logo>.*<\/Logo>)/, '$1$1'), ['msix-manifest-element-repeated']],
  [
    'a flag that is a word',
    changed('<DisplayName>', '<Framework>yes</Framework><DisplayName>'),
    ['msix-property-invalid'],
  ],
  [
    'a framework with applications',
    changed('<DisplayName>', '<Framework>true</Framework><DisplayName>'),
    ['msix-package-kind-content', 'msix-package-kind-content'],
  ],
  [
    'a framework that is a resource package',
    changed(
      '<DisplayName>',
      '<Framework>1</Framework><ResourcePackage>1</ResourcePackage><DisplayName>',
    ).replace(/<Capabilities>[\s\S]*<\/Applications>/, ''),
    ['msix-package-kind-conflict'],
  ],
  [
    'a resource package with an architecture',
    changed('<DisplayName>', '<ResourcePackage>true</ResourcePackage><DisplayName>').replace(
      /<Capabilities>[\s\S]*<\/Applications>/,
      '',
    ),
    ['msix-package-kind-content'],
  ],
  ['a language that is a sentence', changed('"en-US"', '"some English"'), ['msix-resource-invalid']],
  [
    'a language twice',
    changed(/(<Resource .*?>)/, '$1<Resource Language="EN-us"/>'),
    ['msix-resource-invalid'],
  ],
  ['a language left open', changed('"en-US"', '"x-generate"'), ['msix-resource-placeholder']],
  ['a scale without digits', changed('Language="en-US"', 'uap:Scale="big"'), ['msix-resource-invalid']],
  [
    'a DirectX level of no DirectX',
    changed('Language="en-US"', 'uap:DXFeatureLevel="dx8"'),
    ['msix-resource-invalid'],
  ],
  ['no device family', changed(/<TargetDeviceFamily.*?>/, ''), ['msix-device-family-none']],
  [
    'an unknown family alone',
    changed('Windows.Desktop', 'Contoso.Phone'),
    ['msix-device-family-unknown', 'msix-device-family-none'],
  ],
  [
    'an unknown family beside a known one',
    changed(
      /(<TargetDeviceFamily.*?>)/,
      '$1<TargetDeviceFamily Name="Contoso.Phone" MinVersion="1.0.0.0" MaxVersionTested="1.0.0.0"/>',
    ),
    ['msix-device-family-unknown'],
  ],
  ['a family without versions', changed(/ MinVersion="[^"]*"/, ''), ['msix-device-family-invalid']],
  [
    'a family with a blank',
    changed('Windows.Desktop', 'Windows Desktop'),
    ['msix-device-family-invalid', 'msix-device-family-none'],
  ],
  ['a minimum above the maximum', changed('10.0.22621.0', '10.0.9999.0'), ['msix-version-range']],
  [
    'a package dependency without publisher',
    changed(
      '</Dependencies>',
      '<PackageDependency Name="Microsoft.VCLibs" MinVersion="1.0.0.0"/></Dependencies>',
    ),
    ['msix-dependency-invalid'],
  ],
  [
    'a package dependency with an impossible range',
    changed(
      '</Dependencies>',
      '<PackageDependency Name="Microsoft.VCLibs" Publisher="CN=a" MinVersion="14.0.0.0" MaxMajorVersionTested="13"/></Dependencies>',
    ),
    ['msix-version-range'],
  ],
  [
    'an optional package with capabilities and a main package without name',
    changed('</Dependencies>', '<uap:MainPackageDependency/></Dependencies>'),
    ['msix-dependency-invalid', 'msix-optional-package-content'],
  ],
  [
    'a capability of nobody',
    changed('rescap:Capability Name="runFullTrust"', 'Capability Name="runFullTrust"'),
    ['msix-capability-unknown'],
  ],
  [
    'a capability uap has not',
    changed('rescap:Capability Name="runFullTrust"', 'uap:Capability Name="flying"'),
    ['msix-capability-unlisted'],
  ],
  ['a capability without name', changed(' Name="runFullTrust"', ''), ['msix-capability-invalid']],
  ['a capability with a blank', changed('"runFullTrust"', '"run it"'), ['msix-capability-invalid']],
  ['a capability twice', changed(/(<rescap:Capability .*?>)/, '$1$1'), ['msix-capability-twice']],
  ['an application without Id', changed('Id="App"', ''), ['msix-manifest-attribute-missing']],
  ['an Id with a dash', changed('Id="App"', 'Id="My-App"'), ['msix-application-invalid']],
  [
    'an application twice',
    changed(/(<Application Id[\s\S]*<\/Application>)/, '$1$1'),
    ['msix-application-twice'],
  ],
  [
    'no application in Applications',
    changed(/<Application Id[\s\S]*<\/Application>/, ''),
    ['msix-application-invalid'],
  ],
  ['an Executable that is a script', changed('"App.exe"', '"App.cmd"'), ['msix-application-invalid']],
  ['an application that can not start', changed('Executable="App.exe"', ''), ['msix-application-no-entry']],
  ['an Executable without EntryPoint', changed(/EntryPoint="[^"]*"/, ''), ['msix-application-no-entry']],
  ['no VisualElements', changed(/<uap:VisualElements[\s\S]*?\/>/, ''), ['msix-manifest-element-missing']],
  [
    'two VisualElements',
    changed(/(<uap:VisualElements[\s\S]*?\/>)/, '$1$1'),
    ['msix-manifest-element-repeated'],
  ],
  ['no tile', changed(/Square150x150Logo="[^"]*"/, ''), ['msix-manifest-attribute-missing']],
  [
    'an application without a name',
    changed('DisplayName="Contoso App"', 'DisplayName=""'),
    ['msix-application-invalid'],
  ],
  [
    'an unknown namespace',
    changed('<Properties>', '<x:y xmlns:x="urn:x"/><Properties>'),
    ['msix-manifest-namespace-unknown'],
  ],
  ['a document type', changed('<Package', '<!DOCTYPE Package><Package'), ['msix-xml-doctype']],
]

for (const [title, xml, codes] of wrong) {
  test(`${title}: ${codes.join(', ')}`, () => assert.deepEqual(read(xml).codes, codes))
}

test('prerequisites of Windows 8 are judged', () => {
  const windows8 = (inside: string) =>
    read(`<Package xmlns="http://schemas.microsoft.com/appx/2010/manifest">
      <Identity Name="Contoso.Old" Publisher="CN=Contoso" Version="1.0.0.0"/>
      <Properties><DisplayName>a</DisplayName><PublisherDisplayName>b</PublisherDisplayName><Logo>c.png</Logo></Properties>
      <Resources><Resource Language="en"/></Resources>${inside}</Package>`).codes
  const prerequisites = (min: string, max: string) =>
    `<Prerequisites><OSMinVersion>${min}</OSMinVersion><OSMaxVersionTested>${max}</OSMaxVersionTested></Prerequisites>`
  assert.deepEqual(windows8(''), ['msix-manifest-element-missing'])
  assert.deepEqual(windows8(prerequisites('6.2', '6.2.1')), [])
  assert.deepEqual(windows8(prerequisites('6.3', '6.2')), ['msix-version-range'])
  assert.deepEqual(windows8(prerequisites('6', '6.2')), ['msix-prerequisite-invalid'])
  assert.deepEqual(windows8('<Prerequisites/>'), [
    'msix-manifest-element-missing',
    'msix-manifest-element-missing',
  ])
})

test('targets say where in the manifest', () => {
  const { targets } = read(identity(' Version', '1.2.3'))
  assert.ok(targets.includes('AppxManifest.xml#/Package/Identity/@Version'))
})
