import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCab, buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import { makeSigner, signCab } from '../../../test/helpers/cab-signer.ts'
import { buildInf, driverFolder, type InfOptions, utf16 } from '../../../test/helpers/inf-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openCab } from '../containers/cab.ts'
import { collectDriverFindings } from './findings.ts'
import { driver } from './index.ts'
import { inspectContent } from './package.ts'

type Files = Readonly<Record<string, Uint8Array | string>>

/** Findings about the content of a cabinet with these files, and its facts. */
async function judge(files: Files) {
  const findings = collectDriverFindings()
  const cabinet = await openCab(bytesReader(buildMszipCab(files)))
  const { facts } = await inspectContent(cabinet, findings)
  const all = findings.all()
  return { facts, all, codes: all.map(({ code }) => code), messages: all.map(({ message }) => message) }
}

const judgeInf = (options: InfOptions) => judge(driverFolder('Echo', 'echo', options))

test('a signed cabinet of sound driver folders is sound, and its facts are told', async () => {
  const files = {
    ...driverFolder('Echo', 'echo', {
      ids: ['ROOT\\ECHO', 'ROOT\\COMPATIBLE'],
      targets: ['NTamd64', 'NTarm64'],
    }),
    ...driverFolder('Other', 'other', { targets: ['NTarm64.10.0...22000', 'NTamd64'] }),
  }
  const signer = await makeSigner({ policy: '2.23.140.1.3' })
  const inspection = await driver.inspect(bytesReader(signCab(buildMszipCab(files), signer)))
  assert.deepEqual(
    inspection.findings.filter(({ severity }) => severity !== 'notice'),
    [],
  )
  assert.equal(inspection.sound, true)
  assert.equal(inspection.format, 'driver')
  assert.partialDeepStrictEqual(inspection.facts, {
    container: 'cab',
    files: 6,
    architectures: ['amd64', 'arm64'],
    signature: { present: true, isValid: true },
  })
  const { drivers } = inspection.facts as { drivers: { folder: string; infs: object[] }[] }
  assert.deepEqual(
    drivers.map(({ folder }) => folder),
    ['Echo', 'Other'],
  )
  const [inf] = drivers[0]?.infs ?? []
  const model = {
    manufacturer: 'Contoso',
    description: 'Contoso device',
    installSection: 'Install',
    hardwareIds: ['ROOT\\ECHO', 'ROOT\\COMPATIBLE'],
  }
  assert.deepEqual(inf, {
    name: 'echo.inf',
    encoding: 'utf-8',
    class: 'System',
    classGuid: '{4D36E97D-E325-11CE-BFC1-08002BE10318}',
    provider: 'Contoso',
    driverVersion: '1.2.3.4',
    driverDate: '2026-05-20',
    extensionId: null,
    catalogFile: 'echo.cat',
    isExtension: false,
    isDeclarative: true,
    isUniversal: true,
    notDeclarativeBecause: [],
    architectures: ['amd64', 'arm64'],
    models: [
      { architecture: 'amd64', osDecoration: 'NTamd64', ...model },
      { architecture: 'arm64', osDecoration: 'NTarm64', ...model },
    ],
  })
  assert.deepEqual(JSON.parse(JSON.stringify(inspection)), inspection, 'plain JSON')
})

test('an unsigned cabinet is refused, and so is one with bytes around it', async () => {
  const cab = buildMszipCab(driverFolder('Echo', 'echo'))
  const unsigned = await driver.inspect(bytesReader(cab))
  assert.deepEqual(
    unsigned.findings.map(({ code }) => code),
    ['driver-unsigned'],
  )
  assert.equal(unsigned.sound, false)
  const signed = signCab(cab, await makeSigner())
  for (const bytes of [
    Buffer.concat([signed, Buffer.from('more')]),
    Buffer.concat([Buffer.from('stub'), signed]),
  ]) {
    const { findings } = await driver.inspect(bytesReader(bytes))
    assert.ok(findings.some(({ code }) => code === 'driver-bytes-outside'))
  }
})

test('files at the root are refused in the words of the service', async () => {
  const { codes, messages, facts } = await judge({
    ...driverFolder('Echo', 'echo'),
    'a.txt': '',
    'b.inf': buildInf('b'),
  })
  assert.deepEqual(codes, ['driver-files-at-root'])
  assert.match(messages[0] ?? '', /^There are files at the root of the cabinet: a\.txt, b\.inf\. /)
  assert.equal((facts.drivers as unknown[]).length, 1)
  assert.deepEqual((await judge({ 'a.txt': '' })).codes, ['driver-files-at-root', 'driver-no-folder'])
})

test('a driver folder without an INF is refused in the words of the service', async () => {
  const { codes, messages } = await judge({ ...driverFolder('Echo', 'echo'), 'X\\x.sys': '', 'Y\\y.sys': '' })
  assert.deepEqual(codes, ['driver-no-inf'])
  assert.match(messages[0] ?? '', /^No inf files found in driver directory\/directories: X, Y\. /)
})

test('folders inside driver folders are refused, and an INF there does not count', async () => {
  const { codes, all } = await judge({
    ...driverFolder('Echo', 'echo'),
    'Echo\\x64\\a.inf': buildInf('a'),
    'Echo\\x64\\b.sys': '',
  })
  assert.deepEqual(codes, ['driver-nested-folder'])
  assert.equal(all[0]?.target, 'Echo/x64')
})

test('paths that are too long or impossible on Windows are refused', async () => {
  const with160 = `Echo\\${'n'.repeat(155)}`
  assert.deepEqual((await judge({ ...driverFolder('Echo', 'echo'), [with160]: '' })).codes, [])
  assert.deepEqual((await judge({ ...driverFolder('Echo', 'echo'), [`${with160}n`]: '' })).codes, [
    'driver-path-too-long',
  ])
  for (const name of ['Echo\\a?.sys', 'Echo\\con.sys', 'Echo\\a.', 'Echo\\a ', 'Echo\\a"b', 'Echo\\LPT1']) {
    assert.deepEqual(
      (await judge({ ...driverFolder('Echo', 'echo'), [name]: '' })).codes,
      ['driver-path-impossible'],
      name,
    )
  }
  assert.deepEqual((await judge({ ...driverFolder('Echo', 'echo'), 'Echo\\console.sys': '' })).codes, [])
})

test('all driver folders must support the same architectures', async () => {
  const { codes, all } = await judge({
    ...driverFolder('A', 'a', { targets: ['NTamd64', 'NTarm64'] }),
    ...driverFolder('B', 'b', { targets: ['NTamd64'] }),
    ...driverFolder('C', 'c', { targets: ['NTarm64', 'NTamd64.10.0'] }),
  })
  assert.deepEqual(codes, ['driver-architectures-differ'])
  assert.equal(all[0]?.target, 'B')
  assert.match(all[0]?.message ?? '', /supports amd64 where A supports amd64, arm64/)
})

test('files that an INF speaks of must be in its folder', async () => {
  const missing = { ...driverFolder('Echo', 'echo', { files: ['a.sys', 'b.sys'] }) }
  delete missing['Echo\\b.sys']
  const { codes, messages } = await judge(missing)
  assert.deepEqual(codes, ['driver-file-missing'])
  assert.match(messages[0] ?? '', /b\.sys/)
  assert.deepEqual((await judge({ ...missing, 'Echo\\B.SY_': '' })).codes, [], 'compressed, in another case')
  assert.deepEqual(
    (await judgeInf({ extra: '[SourceDisksFiles.arm64]\nonly-arm.sys = 1' })).codes,
    [],
    'for another architecture',
  )
  assert.deepEqual((await judgeInf({ extra: '[SourceDisksFiles.amd64]\nonly-x64.sys = 1' })).codes, [
    'driver-file-missing',
  ])
  assert.deepEqual((await judgeInf({ extra: '[Copied]\nunlisted.sys' })).codes, ['driver-file-not-listed'])
  assert.deepEqual((await judgeInf({ extra: '[Install.NT]\nCopyINF = absent.inf' })).codes, [
    'driver-file-missing',
  ])
  assert.deepEqual(
    (await judgeInf({ extra: '[Copied]\nunlisted.sys', version: { LayoutFile: 'layout.inf' } })).codes,
    [],
    'another INF has the list',
  )
  const withoutCatalog = driverFolder('Echo', 'echo')
  delete withoutCatalog['Echo\\echo.cat']
  assert.deepEqual((await judge(withoutCatalog)).codes, ['driver-catalog-absent'])
})

test('network paths are refused', async () => {
  const { codes } = await judgeInf({ extra: '[SourceDisksNames]\n2 = Disk,,,\\\\server\\share' })
  assert.deepEqual(codes, ['driver-unc-path'])
})

test('the version section is judged', async () => {
  const cases: [string, Record<string, string | undefined>][] = [
    ['driver-inf-signature', { Signature: '"$Linux$"' }],
    ['driver-inf-signature', { Signature: undefined }],
    ['driver-inf-class', { Class: undefined }],
    ['driver-inf-class-guid', { ClassGuid: undefined }],
    ['driver-inf-class-guid', { ClassGuid: '4D36E97D-E325-11CE-BFC1-08002BE10318' }],
    ['driver-inf-provider', { Provider: '""' }],
    ['driver-inf-undefined-string', { Provider: '%Nobody%' }],
    ['driver-inf-driver-ver-missing', { DriverVer: undefined }],
    ['driver-inf-driver-ver-missing', { DriverVer: '; TODO: set DriverVer in stampinf property pages' }],
    ['driver-inf-driver-ver', { DriverVer: '05/20/2026' }],
    ['driver-inf-driver-ver', { DriverVer: '20.05.2026,1.0.0.0' }],
    ['driver-inf-driver-ver', { DriverVer: '05/20/2026,1.0.0.65536' }],
    ['driver-inf-catalog', { CatalogFile: undefined }],
    ['driver-inf-pnp-lockdown', { PnpLockdown: undefined }],
    ['driver-inf-pnp-lockdown', { PnpLockdown: '0' }],
    ['driver-inf-extension-class', { ClassGuid: '{e2f84ce7-8efa-411c-aa69-97454ca4cb57}' }],
  ]
  for (const [code, version] of cases) {
    assert.deepEqual((await judgeInf({ version })).codes, [code], JSON.stringify(version))
  }
  assert.deepEqual((await judgeInf({ without: ['Version'] })).codes, ['driver-inf-version-missing'])
  for (const Signature of ['$Chicago$', '"$WINDOWS NT$"', '"$Windows NT$"']) {
    assert.deepEqual((await judgeInf({ version: { Signature } })).codes, [])
  }
})

test('an extension INF needs its class and an ExtensionId', async () => {
  const version = { Class: 'Extension', ClassGuid: '{e2f84ce7-8efa-411c-aa69-97454ca4cb57}' }
  assert.deepEqual((await judgeInf({ version })).codes, ['driver-inf-extension-id'])
  const ExtensionId = '{94a1f6b4-1174-436f-baf8-ac737ad7de55}'
  const { codes, facts } = await judgeInf({ version: { ...version, ExtensionId } })
  assert.deepEqual(codes, [])
  assert.partialDeepStrictEqual(facts, {
    drivers: [{ infs: [{ isExtension: true, extensionId: ExtensionId }] }],
  })
})

test('manufacturers and models are judged', async () => {
  assert.deepEqual((await judgeInf({ without: ['Manufacturer'] })).codes, ['driver-inf-no-models'])
  const templates: InfOptions[] = [
    { targets: ['NT$ARCH$.10.0', 'NTamd64'] },
    { extra: '[Other.NT$ARCH$]' },
    { extra: '[Wdf]\nKmdfLibraryVersion = $KMDFVERSION$' },
  ]
  for (const options of templates) assert.deepEqual((await judgeInf(options)).codes, ['driver-inf-template'])
  assert.deepEqual((await judgeInf({ targets: ['NTmips'] })).codes, ['driver-inf-decoration'])
  assert.deepEqual((await judgeInf({ targets: ['NTamd64.ten'] })).codes, ['driver-inf-decoration'])
  assert.deepEqual((await judgeInf({ ids: [] })).codes, ['driver-inf-no-hardware-id'])
  assert.deepEqual((await judgeInf({ without: ['Install.NT', 'Copied'] })).codes, [
    'driver-inf-install-missing',
  ])
  assert.deepEqual((await judgeInf({ extra: '[Manufacturer]\n%Provider% = Absent, NTamd64' })).codes, [
    'driver-inf-models-missing',
  ])
  assert.deepEqual(
    (await judgeInf({ strings: { Device: '' }, extra: '[Models.NTamd64.10.0...16299]\n%New% = Install, X' }))
      .codes,
    ['driver-inf-undefined-string'],
  )
  assert.deepEqual((await judgeInf({ extra: '[Broken\nKey = "open' })).codes, [
    'driver-inf-syntax',
    'driver-inf-syntax',
  ])
})

test('a primitive driver needs no manufacturer', async () => {
  const extra = '[DefaultInstall.NTamd64]\nCopyFiles = Copied'
  const { codes, facts } = await judgeInf({
    without: ['Manufacturer', 'Models.NTamd64.10.0...16299', 'Install.NT'],
    extra,
  })
  assert.deepEqual(codes, [])
  assert.deepEqual(facts.architectures, ['amd64'])
})

test('an INF in UTF-16 that spans blocks and folders is read whole', async () => {
  const padding = `; ${'x'.repeat(70)}\r\n`.repeat(2000)
  const files = driverFolder('Echo', 'echo')
  const { facts, codes } = await judge({ ...files, 'Echo\\echo.inf': utf16(padding + buildInf('echo')) })
  assert.deepEqual(codes, [])
  assert.partialDeepStrictEqual(facts, {
    drivers: [{ infs: [{ encoding: 'utf-16le', provider: 'Contoso' }] }],
  })
})

test('facts stay small however many models there are', async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `%Device% = Install, PCI\\VEN_1234&DEV_${i}`).join(
    '\r\n',
  )
  const { codes, facts } = await judgeInf({ extra: `[Models.NTamd64.10.0...16299]\r\n${lines}` })
  assert.deepEqual(codes, ['driver-facts-truncated'])
  assert.ok(JSON.stringify(facts).length < 8_000_000)
})

test('too many INF files, and one too large or too full, are refused', async () => {
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`Echo\\${i}.inf`, '']))
  const { codes, facts } = await judge(many)
  assert.ok(codes.includes('driver-too-many-infs'))
  assert.ok(codes.includes('driver-findings-omitted'), 'a thousand of a kind are not listed')
  assert.partialDeepStrictEqual(facts, { drivers: [{ files: 1001 }] })
  assert.ok(((facts.drivers as { infs: unknown[] }[])[0]?.infs.length ?? 0) === 1000)
  const large = `${buildInf('echo')}\n;${' '.repeat(9_000_000)}`
  assert.ok(
    (await judge({ ...driverFolder('Echo', 'echo'), 'Echo\\echo.inf': large })).codes.includes(
      'driver-inf-too-large',
    ),
  )
  assert.deepEqual((await judgeInf({ extra: `[Commas]\n${','.repeat(600_000)}` })).codes, [
    'driver-inf-too-large',
  ])
})

test('models sections that are named over and over do not multiply', async () => {
  const makers = Array.from({ length: 3000 }, (_, i) => `M${i} = Models, NTamd64`).join('\n')
  const models = Array.from({ length: 3000 }, (_, i) => `D${i} = Install, ROOT\\D${i}`).join('\n')
  const started = process.cpuUsage()
  await judge({ 'Echo\\echo.inf': `[Manufacturer]\n${makers}\n[Models.NTamd64]\n${models}` })
  assert.ok(process.cpuUsage(started).user < 4_000_000)
})

test('a file that is no package is refused', async () => {
  for (const text of ['', 'M', 'GIF89a', 'x'.repeat(10_000)]) {
    const { sound, findings, format } = await driver.inspect(bytesReader(Buffer.from(text)))
    assert.equal(format, 'driver')
    assert.equal(sound, false)
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['driver-not-a-package'],
    )
  }
})

test('an INF that breaks off does not spoil the next one', async () => {
  const broken = Buffer.from(`${buildInf('a')};${'x'.repeat(50_000)}`)
  const folder = { compression: 'mszip', files: [{ name: 'A\\a.inf', data: broken }] } as const
  const next = { files: [{ name: 'B\\b.inf', data: buildInf('b') }, { name: 'B\\empty.inf' }] }
  const { bytes, blocks } = buildCab([folder, next])
  bytes[(blocks[0]?.[1] ?? 0) + 20] = 0
  const { facts } = await driver.inspect(bytesReader(bytes))
  const { drivers } = facts as {
    drivers: { infs: { name: string; class: string; provider: string | null }[] }[]
  }
  assert.deepEqual(drivers[0]?.infs, [])
  assert.deepEqual(
    drivers[1]?.infs.map(({ name, class: of }) => [name, of]),
    [
      ['b.inf', 'System'],
      ['empty.inf', null],
    ],
  )
  assert.deepEqual(
    drivers[1]?.infs.map(({ provider }) => provider),
    ['Contoso', null],
  )
})

test('damage that unpacking finds refuses the package', async () => {
  const { bytes, blocks } = buildCab([
    { compression: 'mszip', files: [{ name: 'Echo\\echo.inf', data: buildInf('echo') }] },
  ])
  bytes[(blocks[0]?.[0] ?? 0) + 20] = 0
  const { findings } = await driver.inspect(bytesReader(bytes))
  assert.ok(findings.some(({ code }) => code === 'cab-checksum'))
})
