import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildInf, utf16 } from '../../../test/helpers/inf-builder.ts'
import { modelsOf, parseInf } from './inf.ts'
import { copiedFiles, copiedInfs, sourceFiles } from './inf-files.ts'
import { outlineOf } from './inf-install.ts'
import { architecturesOf, isUniversal, notDeclarative } from './inf-universal.ts'
import { readDate, readDriverVersion } from './inf-version.ts'

const parse = (text: string) => parseInf(Buffer.from(text))
const outlined = (text: string) => {
  const inf = parse(text)
  return [inf, outlineOf(inf)] as const
}

test('the version section is read', () => {
  const { version } = parse(
    buildInf('echo', { version: { ExtensionId: '{94A1F6B4-1174-436F-BAF8-AC737AD7DE55}' } }),
  )
  assert.deepEqual(
    { ...version, catalogFiles: { ...version.catalogFiles } },
    {
      isPresent: true,
      signature: '$WINDOWS NT$',
      class: 'System',
      classGuid: '{4D36E97D-E325-11CE-BFC1-08002BE10318}',
      provider: 'Contoso',
      catalogFiles: { '': 'echo.cat' },
      driverVer: '05/20/2026,1.2.3.4',
      driverDate: '2026-05-20',
      driverVersion: '1.2.3.4',
      pnpLockdown: true,
      extensionId: '{94A1F6B4-1174-436F-BAF8-AC737AD7DE55}',
      layoutFile: null,
    },
  )
})

test('what the version section lacks is null', () => {
  const version = {
    Class: undefined,
    DriverVer: undefined,
    Provider: '',
    CatalogFile: undefined,
    PnpLockdown: undefined,
  }
  const { version: read } = parse(buildInf('echo', { version }))
  assert.partialDeepStrictEqual(read, {
    class: null,
    driverVer: null,
    driverDate: null,
    driverVersion: null,
    provider: null,
    pnpLockdown: null,
  })
  assert.equal(parse('[Other]').version.isPresent, false)
})

test('every encoding that Windows takes is read', () => {
  const text = buildInf('echo', { strings: { Provider: '"Größe"' } })
  const cases = [
    ['utf-16le', utf16(text)],
    ['utf-16be', utf16(text, 'be')],
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['windows-1252', Buffer.from(text, 'latin1')],
  ] as const
  for (const [encoding, bytes] of cases) {
    const inf = parseInf(bytes)
    assert.equal(inf.encoding, encoding)
    assert.equal(inf.version.provider, 'Größe')
    assert.deepEqual(inf.problems, [])
  }
  assert.equal(
    parseInf(Buffer.concat([Buffer.from('[Version]\nProvider="'), Buffer.from([0x80]), Buffer.from('"')]))
      .version.provider,
    '€',
  )
})

test('catalogs are told by decoration', () => {
  const { version } = parse(
    buildInf('echo', { version: { CatalogFile: 'all.cat', 'CatalogFile.NTamd64': 'x64.cat' } }),
  )
  assert.deepEqual({ ...version.catalogFiles }, { '': 'all.cat', ntamd64: 'x64.cat' })
})

test('dates and versions of DriverVer are checked', () => {
  assert.equal(readDate('05/20/2026'), '2026-05-20')
  assert.equal(readDate('5-2-2026'), '2026-05-02')
  assert.equal(readDate('02/29/2024'), '2024-02-29')
  for (const wrong of [
    '',
    '20/05/2026',
    '02/30/2026',
    '02/29/2025',
    '05/20/26',
    '2026/05/20',
    '05/20/2026x',
    '0/0/0000',
    '00/10/2026',
  ]) {
    assert.equal(readDate(wrong), null, wrong)
  }
  assert.equal(readDriverVersion('1.2.3.4'), '1.2.3.4')
  assert.equal(readDriverVersion('1.00.0000'), '1.0.0.0')
  assert.equal(readDriverVersion('65535.65535.65535.65535'), '65535.65535.65535.65535')
  for (const wrong of [
    '',
    '1.2.3.4.5',
    '65536.0.0.0',
    '1.-2.3.4',
    '1..3',
    'a',
    '1.2.3.4 ',
    '99999999999999999999.0',
  ]) {
    assert.equal(readDriverVersion(wrong), null, wrong)
  }
})

test('strings replace their tokens, American English first, then the unlocalised ones, then the others', () => {
  const inf = parse(
    '[Strings.0407]\na=deutsch\nb=nur\n[Strings]\na=plain\nc="x, y"\n[Strings.0409]\na=english',
  )
  assert.equal(inf.expand('%a% %B% %c% %%d%% %d% %11%'), 'english nur x, y %d% %d% %11%')
  assert.deepEqual(inf.undefinedTokens('%a% %D% %11% 50%'), ['d'])
})

test('a string that refers to itself does not grow', () => {
  const inf = parse(`[Strings]\na="%a%%a%"\nb="${'x'.repeat(4000)}"`)
  assert.equal(inf.expand('%a%'), '%a%%a%')
  assert.equal(inf.expand('%b%'.repeat(1000)).length, 4095)
})

test('models are listed for every target operating system', () => {
  const inf = parse(`[Manufacturer]
%Maker% = Models, NTamd64.10.0...16299, NTARM64, NTx86.6.1
Other = Plain
[Models]
%Old% = Old_Install, PCI\\OLD
[Models.NTamd64.10.0...16299]
%New% = New_Install, PCI\\NEW, PCI\\COMPATIBLE
"Second, one" = New_Install,, PCI\\SECOND
[Models.NTarm64]
%New% = Arm_Install, PCI\\ARM
[Plain]
Thing = Thing_Install, ROOT\\THING
[Strings]
Maker = "Maker, Inc."
New = New device`)
  assert.deepEqual(
    modelsOf(inf).map((model) => [
      model.architecture,
      model.osDecoration,
      model.manufacturer,
      model.description,
      model.hardwareIds.join(' '),
    ]),
    [
      ['', '', 'Maker, Inc.', '%Old%', 'PCI\\OLD'],
      ['amd64', 'NTamd64.10.0...16299', 'Maker, Inc.', 'New device', 'PCI\\NEW PCI\\COMPATIBLE'],
      ['amd64', 'NTamd64.10.0...16299', 'Maker, Inc.', 'Second, one', 'PCI\\SECOND'],
      ['arm64', 'NTARM64', 'Maker, Inc.', 'New device', 'PCI\\ARM'],
      ['', '', 'Other', 'Thing', 'ROOT\\THING'],
    ],
  )
  assert.deepEqual(architecturesOf(inf, outlineOf(inf)), ['amd64', 'arm64', 'x86'])
})

test('a manufacturer without a key names its models section by itself', () => {
  const [model] = modelsOf(parse('[Manufacturer]\nContoso\n[Contoso]\nDevice = I, ROOT\\X'))
  assert.equal(model?.manufacturer, 'Contoso')
})

test('a primitive driver has the architectures of its DefaultInstall sections', () => {
  assert.deepEqual(
    architecturesOf(
      ...outlined('[DefaultInstall.NTamd64]\n[DefaultInstall.NTarm64.Services]\n[DefaultInstall.NTx86]'),
    ),
    ['amd64', 'x86'],
  )
})

test('source files have the folder that disk and file name together', () => {
  const inf = parse(`[SourceDisksNames]
1 = Disk,,,\\base
2 = Packed, files.cab
[SourceDisksNames.amd64]
1 = Disk,,,x64
[SourceDisksFiles]
a.sys = 1
b.sys = 1, sub
c.sys = 2
[SourceDisksFiles.amd64]
d.sys = 1, deep\\er, 123`)
  assert.deepEqual(
    sourceFiles(inf).map(({ name, folder, architecture, isInCabinet }) => [
      name,
      folder,
      architecture,
      isInCabinet,
    ]),
    [
      ['a.sys', 'base', '', false],
      ['b.sys', 'base/sub', '', false],
      ['c.sys', '', '', true],
      ['d.sys', 'x64/deep/er', 'amd64', false],
    ],
  )
})

test('copied files are those of the install sections that models reach', () => {
  const inf = parse(`[Manufacturer]
M = Models, NTamd64
[Models.NTamd64]
D = Install, ROOT\\X
[Install.NT]
CopyFiles = @Direct.sys, List
CopyINF = other.inf
[Install.NT.CoInstallers]
CopyFiles = CoList
[Unreached]
CopyFiles = @never.sys
[List]
target.sys, source.sys
same.sys,,,0x100
[CoList]
co.dll`)
  assert.deepEqual([...copiedFiles(inf, outlineOf(inf))].toSorted(), [
    'co.dll',
    'direct.sys',
    'same.sys',
    'source.sys',
  ])
  assert.deepEqual([...copiedInfs(inf, outlineOf(inf))], ['other.inf'])
})

test('a declarative and universal INF is known, and what keeps one from it is named', () => {
  const sound = outlined(buildInf('echo'))
  assert.deepEqual(notDeclarative(...sound), [])
  assert.equal(isUniversal(...sound), true)
  const cases: [string, string][] = [
    ['[ClassInstall32]\nAddReg = x', '[ClassInstall32]'],
    ['[Install.NT.CoInstallers]\nAddReg = x', '[Install.NT.CoInstallers]'],
    ['[Install.NT]\nRegisterDlls = x', 'registerdlls'],
    ['[Install.NT]\nDelFiles = x', 'delfiles'],
    ['[DefaultInstall]', '[DefaultInstall]'],
  ]
  for (const [extra, reason] of cases)
    assert.deepEqual(notDeclarative(...outlined(buildInf('echo', { extra }))), [reason])
  assert.deepEqual(notDeclarative(...outlined(buildInf('echo', { targets: ['NTamd64.10.0.1'] }))), [
    'NTamd64.10.0.1',
  ])
  const registry = (entry: string) =>
    outlined(buildInf('echo', { extra: `[Install.NT]\nAddReg = Registry\n[Registry]\n${entry}` }))
  assert.equal(isUniversal(...registry('HKR,,A,,b')), true)
  assert.equal(isUniversal(...registry('HKLM,SOFTWARE\\Classes\\X,A,,b')), true)
  assert.equal(isUniversal(...registry('HKLM,SOFTWARE\\Contoso,A,,b')), false)
  const elsewhere = outlined(buildInf('echo', { extra: '[DestinationDirs]\nOther = 24, x' }))
  assert.equal(isUniversal(...elsewhere), false)
  assert.deepEqual(notDeclarative(...elsewhere), [])
})
