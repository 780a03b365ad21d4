import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  buildHlkx,
  type HlkxOptions,
  packageInfo,
  relationships,
} from '../../../test/helpers/hlkx-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { driver } from './index.ts'

async function inspect(options: HlkxOptions = {}) {
  const inspection = await driver.inspect(bytesReader(await buildHlkx(options)))
  const errors = inspection.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  assert.equal(inspection.sound, errors.length === 0)
  return { ...inspection, errors, codes: inspection.findings.map(({ code }) => code) }
}

test('a signed HLK package is sound, and its facts are told', async () => {
  const { errors, codes, facts } = await inspect()
  assert.deepEqual(errors, [])
  assert.deepEqual(codes, ['driver-hlk-signature-unverified'])
  assert.partialDeepStrictEqual(facts, {
    container: 'hlkx',
    packageInfo: {
      packageType: 'SubmissionPackage',
      kitVersion: '10.1.26100.1',
      isWindowsDriverProject: true,
      projects: ['Contoso adapter'],
      productInstances: 1,
      architectures: ['X64'],
      osCodes: ['WINDOWS_v100_X64_GE_FULL', 'WINDOWS_v100_ARM64_GE_FULL'],
      productTypes: ['LAN'],
      features: ['Device.Network.LAN.Base'],
      targets: [
        {
          key: 'PCI\\VEN_1234&DEV_5678',
          name: 'Contoso adapter',
          targetType: 'Device',
          driverStatus: 'Signed',
        },
      ],
      testRollup: { passed: 12, failed: 0, notRun: 0 },
    },
    signature: {
      present: true,
      isVerified: false,
      chainTrusted: false,
      signatures: [
        {
          part: 'package/services/digital-signature/xml-signature/1.psdsxs',
          signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
          signatureTime: '2026-05-01T10:00:00Z',
          references: 2,
          signer: { subject: 'CN=Contoso, O=Contoso Ltd, C=DE' },
        },
      ],
    },
  })
})

test('a certificate inside the signature is found too', async () => {
  const { errors, facts } = await inspect({ certificate: 'embedded' })
  assert.deepEqual(errors, [])
  assert.partialDeepStrictEqual(facts.signature, { signatures: [{ signer: { serialNumber: '01A2B3' } }] })
})

test('an unsigned package, or a signature without a certificate, is refused', async () => {
  assert.deepEqual((await inspect({ signer: false })).errors, ['driver-hlk-unsigned'])
  const certificate = 'package/services/digital-signature/certificate/contoso.cer'
  assert.deepEqual((await inspect({ parts: { [certificate]: undefined } })).errors, [
    'driver-hlk-missing-part',
    'driver-hlk-no-certificate',
  ])
  assert.deepEqual((await inspect({ parts: { [certificate]: 'no certificate' } })).errors, [
    'driver-hlk-no-certificate',
  ])
})

test('Zip64 is refused in the words of the portal', async () => {
  const { findings, errors } = await inspect({ zip: { zip64: true } })
  assert.ok(errors.includes('driver-hlk-zip64'))
  assert.match(
    findings.find(({ code }) => code === 'driver-hlk-zip64')?.message ?? '',
    /^File is using Zip64\(4gb\+file Size\)/,
  )
})

test('a package without PackageInfo.xml, or with one that is none, is refused in the words of the portal', async () => {
  const part = 'hck/data/PackageInfo.xml'
  for (const content of [undefined, '<Other/>', 'no xml', '', '<Package>']) {
    const { findings, errors } = await inspect({ parts: { [part]: content } })
    assert.ok(errors.includes('driver-hlk-no-package-info'), content)
    const { message } = findings.find(({ code }) => code === 'driver-hlk-no-package-info') ?? {}
    assert.match(message ?? '', /^Unable to extract and upload PackageInfo\.xml/)
  }
})

test('PackageInfo.xml is found without its relationship, and in UTF-16', async () => {
  const text = packageInfo().replace('utf-8', 'utf-16')
  const { facts } = await inspect({
    parts: {
      '_rels/.rels': relationships([]),
      'hck/data/PackageInfo.xml': Buffer.from(`\ufeff${text}`, 'utf16le'),
    },
  })
  assert.partialDeepStrictEqual(facts.packageInfo, { kitVersion: '10.1.26100.1' })
})

test('a document type declaration is refused', async () => {
  const bomb = `<!DOCTYPE Package [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${packageInfo().replace(/<\?xml.*?\?>\n/, '')}`
  const { errors } = await inspect({ parts: { 'hck/data/PackageInfo.xml': bomb } })
  assert.deepEqual(errors, ['driver-hlk-bad-xml', 'driver-hlk-no-package-info'])
})

test('parts that the package needs or refers to must be there', async () => {
  assert.deepEqual((await inspect({ parts: { '[Content_Types].xml': undefined } })).errors, [
    'driver-hlk-no-content-types',
  ])
  assert.deepEqual((await inspect({ parts: { '[Content_Types].xml': '<Other/>' } })).errors, [
    'driver-hlk-no-content-types',
  ])
  assert.deepEqual((await inspect({ parts: { '_rels/.rels': undefined } })).errors, [
    'driver-hlk-no-relationships',
    'driver-hlk-unsigned',
  ])
  assert.deepEqual((await inspect({ parts: { 'hck/data/1000': undefined } })).errors, [
    'driver-hlk-missing-part',
  ])
})

test('failed tests and missing operating system codes are remarked on', async () => {
  const { codes, errors } = await inspect({ osCodes: [], rollup: { passed: 1, failed: 2, notRun: 3 } })
  assert.deepEqual(errors, [])
  assert.deepEqual(codes.toSorted(), [
    'driver-hlk-failed-tests',
    'driver-hlk-no-os-codes',
    'driver-hlk-signature-unverified',
    'driver-hlk-tests-not-run',
  ])
})

test('a deeply nested or endless XML part is refused in time', async () => {
  const started = process.cpuUsage()
  const deep = '<a>'.repeat(200_000)
  const wide = `<Package>${'<Code/>'.repeat(300_000)}</Package>`
  assert.ok(
    (await inspect({ parts: { 'hck/data/PackageInfo.xml': deep } })).errors.includes('driver-hlk-bad-xml'),
  )
  assert.deepEqual((await inspect({ parts: { 'hck/data/PackageInfo.xml': wide } })).errors, [])
  assert.ok(process.cpuUsage(started).user < 4_000_000)
})

test('an XML part beyond the bounds is refused unread', async () => {
  const { errors } = await inspect({
    parts: { '[Content_Types].xml': Buffer.alloc(33 * 1024 * 1024, 'abc') },
  })
  assert.deepEqual(errors, ['driver-hlk-part-too-large'])
})

test('mutated packages give findings, never a throw', async () => {
  const original = Buffer.from(await buildHlkx())
  let state = 5
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 300; round += 1) {
    const bytes = Buffer.from(original)
    for (let change = 1 + next(4); change > 0; change -= 1) bytes[4 + next(bytes.length - 4)] = next(256)
    const started = process.cpuUsage()
    const { format } = await driver.inspect(bytesReader(bytes))
    assert.equal(format, 'driver')
    assert.ok(process.cpuUsage(started).user < 2_000_000)
  }
})
