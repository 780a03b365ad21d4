import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMszipCab } from '../../../test/helpers/cab-builder.ts'
import {
  makeSigner,
  reserveForSignature,
  type SignerOptions,
  type SigningOptions,
  signCab,
} from '../../../test/helpers/cab-signer.ts'
import { bytesReader } from '../bytes-reader.ts'
import { openCab } from '../containers/cab.ts'
import { inspectSignature } from './authenticode.ts'
import { collectDriverFindings } from './findings.ts'

const ev = '2.23.140.1.3'
const cab = () =>
  buildMszipCab({ 'Echo\\echo.inf': 'content of the inf', 'Echo\\echo.sys': 'x'.repeat(100_000) })
const stamper = () => makeSigner({ name: 'Stamper', usage: '1.3.6.1.5.5.7.3.8' })

async function signed(options: SigningOptions = {}, signer: SignerOptions = { policy: ev }) {
  return signCab(cab(), await makeSigner(signer), options)
}

async function inspect(bytes: Uint8Array) {
  const reader = bytesReader(bytes)
  const findings = collectDriverFindings()
  const cabinet = await openCab(reader)
  const facts = await inspectSignature(reader, cabinet, findings)
  const all = findings.all()
  return {
    facts,
    cabinet,
    errors: all.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    others: all.filter(({ severity }) => severity !== 'error').map(({ code }) => code),
  }
}

test('a signed cabinet holds, and its signer is told', async () => {
  const time = new Date('2026-05-01T10:00:00Z')
  const bytes = await signed({ timestamp: { signer: await stamper(), time } })
  const { facts, errors, others, cabinet } = await inspect(bytes)
  assert.deepEqual(errors, [])
  assert.deepEqual(others, ['driver-signature-chain'])
  assert.deepEqual(cabinet.findings, [], 'the signature behind the cabinet is no stray data')
  const { signer, ...rest } = facts
  assert.partialDeepStrictEqual(rest, {
    present: true,
    isValid: true,
    digestAlgorithm: 'sha256',
    digestMatches: true,
    chainTrusted: false,
    chain: [],
    timestamp: { kind: 'rfc3161', time: '2026-05-01T10:00:00.000Z', isValid: true },
    nestedSignatures: 0,
  })
  assert.partialDeepStrictEqual(signer, {
    subject: 'CN=Contoso, O=Contoso Ltd, C=DE',
    issuer: 'CN=Contoso, O=Contoso Ltd, C=DE',
    serialNumber: '01A2B3',
    notBefore: '2025-01-01T00:00:00.000Z',
    notAfter: '2035-01-01T00:00:00.000Z',
    isForCodeSigning: true,
    hasEvPolicy: true,
    isSelfSigned: true,
  })
  const { sha1Thumbprint, sha256Thumbprint } = signer as Record<string, string>
  assert.match(sha1Thumbprint ?? '', /^[0-9A-F]{40}$/)
  assert.match(sha256Thumbprint ?? '', /^[0-9A-F]{64}$/)
})

test('an ECDSA signature and a counter-signature hold as well', async () => {
  const time = new Date('2026-05-01T10:00:00Z')
  const timestamp = { signer: await stamper(), time, kind: 'counterSignature' as const }
  const { facts, errors } = await inspect(await signed({ timestamp }, { algorithm: 'ecdsa' }))
  assert.deepEqual(errors, [])
  assert.deepEqual(facts.timestamp, {
    kind: 'counterSignature',
    time: '2026-05-01T10:00:00.000Z',
    isValid: true,
  })
})

test('a cabinet without a signature is refused', async () => {
  const { facts, errors } = await inspect(cab())
  assert.deepEqual(facts, { present: false })
  assert.deepEqual(errors, ['driver-unsigned'])
  assert.deepEqual((await inspect(reserveForSignature(cab()))).errors, ['driver-unsigned'])
})

test('any change to the signed bytes is noticed, the fields that signing itself changes are not', async () => {
  const bytes = await signed()
  const signatureOffset = bytes.readUInt32LE(44)
  for (const at of [8, 24, 33, 56, 60, 100, signatureOffset - 1]) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    const { errors, facts } = await inspect(changed)
    assert.notDeepEqual(errors, [], `byte ${at}`)
    if (at >= 100) assert.deepEqual(errors, ['driver-signature-digest'])
    assert.notEqual(facts.isValid, true, `byte ${at}`)
  }
  const unsigned = Buffer.from(bytes)
  unsigned[5] = 1
  unsigned[53] = 1
  assert.deepEqual((await inspect(unsigned)).errors, [])
})

test('a SHA-1 signature is refused with the error of the signing service', async () => {
  const { errors, facts } = await inspect(await signed({ digest: 'sha1' }))
  assert.deepEqual(errors, ['driver-signature-algorithm'])
  assert.equal(facts.digestAlgorithm, 'sha1')
  assert.equal(facts.digestMatches, true)
})

test('a signature whose attributes, value or signer do not fit is refused', async () => {
  assert.deepEqual((await inspect(await signed({ messageDigest: Buffer.alloc(32) }))).errors, [
    'driver-signature-invalid',
  ])
  assert.deepEqual((await inspect(await signed({ signers: 2 }))).errors, ['driver-signature-signers'])
  assert.deepEqual((await inspect(await signed({ signers: 0 }))).errors, ['driver-signature-signers'])
  assert.deepEqual((await inspect(await signed({ withoutCertificate: true }))).errors, [
    'driver-signature-no-certificate',
  ])
  assert.deepEqual((await inspect(await signed({ contentType: '1.2.3.4' }))).errors, [
    'driver-signature-unreadable',
  ])
  const bytes = await signed()
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
  assert.deepEqual((await inspect(bytes)).errors, ['driver-signature-invalid'])
})

test('a certificate that is not for code signing is refused, one without EV policy remarked on', async () => {
  assert.deepEqual((await inspect(await signed({}, { usage: undefined }))).errors, [
    'driver-signature-purpose',
  ])
  assert.deepEqual((await inspect(await signed({}, { usage: '1.3.6.1.5.5.7.3.1' }))).errors, [
    'driver-signature-purpose',
  ])
  const { errors, others } = await inspect(await signed({}, {}))
  assert.deepEqual(errors, [])
  assert.deepEqual(others, [
    'driver-signature-not-ev',
    'driver-signature-chain',
    'driver-signature-no-timestamp',
  ])
})

test('a time-stamp outside the validity of the certificate, or of another signature, does not count', async () => {
  const signer = await stamper()
  const late = await inspect(await signed({ timestamp: { signer, time: new Date('2036-01-01T00:00:00Z') } }))
  assert.deepEqual(late.errors, ['driver-signature-expired'])
  const early = await inspect(await signed({ timestamp: { signer, time: new Date('2024-12-31T23:59:59Z') } }))
  assert.deepEqual(early.errors, ['driver-signature-expired'])
  const time = new Date('2026-05-01T10:00:00Z')
  for (const kind of ['rfc3161', 'counterSignature'] as const) {
    const other = await inspect(
      await signed({ timestamp: { signer, time, kind }, stampedValue: Buffer.from('other') }),
    )
    assert.ok(other.others.includes('driver-signature-timestamp'), kind)
    assert.partialDeepStrictEqual(other.facts.timestamp, { isValid: false })
  }
})

test('a nested signature is counted', async () => {
  assert.equal((await inspect(await signed({ nested: true }))).facts.nestedSignatures, 1)
})

test('a signature that is elsewhere, cut off, too long or no PKCS#7 is refused', async () => {
  const lies: [string, (bytes: Buffer) => Buffer | number][] = [
    ['driver-signature-location', (bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(44) - 1, 44)],
    ['driver-signature-location', (bytes) => bytes.writeUInt32LE(10, 44)],
    ['driver-signature-location', (bytes) => bytes.writeUInt32LE(0xffff_fff0, 44)],
    ['driver-signature-location', (bytes) => bytes.writeUInt32LE(0xffff_fff0, 48)],
    ['driver-signature-location', (bytes) => bytes.subarray(0, -8)],
    ['driver-signature-unreadable', (bytes) => bytes.fill(0x30, bytes.readUInt32LE(44))],
    ['driver-signature-unreadable', (bytes) => bytes.fill(0x80, bytes.readUInt32LE(44) + 1)],
    ['driver-signature-unreadable', (bytes) => bytes.writeUInt32LE(8, 48)],
  ]
  for (const [code, lie] of lies) {
    const bytes = await signed()
    const lied = lie(bytes)
    const { errors, facts } = await inspect(Buffer.isBuffer(lied) ? lied : bytes)
    assert.deepEqual(errors, [code])
    assert.deepEqual(facts, { present: true, isValid: false })
  }
})

test('mutated signatures give findings, never a throw, in little time', async () => {
  const original = await signed({
    timestamp: { signer: await stamper(), time: new Date('2026-05-01T10:00:00Z') },
  })
  const start = original.readUInt32LE(44)
  let state = 1
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 60; round += 1) {
    const bytes = Buffer.from(original)
    for (let change = 1 + next(3); change > 0; change -= 1)
      bytes[start + next(bytes.length - start)] = next(256)
    const started = process.cpuUsage()
    const { facts } = await inspect(bytes)
    assert.equal(facts.present, true)
    assert.ok(process.cpuUsage(started).user < 2_000_000)
  }
})
