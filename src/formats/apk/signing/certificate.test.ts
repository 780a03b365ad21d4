import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { apkKey, oid } from '../../../../test/helpers/apk-keys.ts'
import { BerSequence, ber, berChildren, oidText, readBer, writeDer } from './ber.ts'
import { readCertificate } from './certificate.ts'
import { canonicalName, nameText } from './distinguished-name.ts'

for (const kind of ['ec', 'rsa'] as const) {
  test(`what is read of a certificate with an ${kind.toUpperCase()} key is what OpenSSL reads`, () => {
    const { certificate, sha256 } = apkKey('Someone', { kind })
    const ours = readCertificate(certificate)
    const theirs = new X509Certificate(certificate)
    assert.equal(ours.sha256, sha256)
    assert.equal(ours.sha256, theirs.fingerprint256.replaceAll(':', '').toLowerCase())
    assert.equal(ours.serialNumber.toUpperCase(), theirs.serialNumber)
    assert.equal(ours.subject, theirs.subject)
    assert.ok(ours.publicKey.equals(theirs.publicKey))
    assert.deepEqual(
      Buffer.from(ours.publicKeyInfo),
      theirs.publicKey.export({ type: 'spki', format: 'der' }),
    )
  })
}

/** The value again, with an indefinite length. */
const indefinite = (value: Uint8Array): Uint8Array => {
  const { tag, contents } = readBer(value)
  return Buffer.concat([Uint8Array.of(tag, 0x80), contents, Uint8Array.of(0, 0)])
}

test('a certificate in BER is read, and its identity is its bytes as they are', () => {
  const { certificate, sha256 } = apkKey('Someone')
  const loose = readCertificate(indefinite(certificate))
  assert.notEqual(loose.sha256, sha256)
  assert.equal(loose.subject, 'CN=Someone')
})

test('an RSA modulus that was written as a negative number is read as positive', () => {
  const { certificate, publicKeyInfo } = apkKey('Negative', { kind: 'rsa' })
  const info = berChildren(readBer(publicKeyInfo))
  const numbers = berChildren(readBer(info[1]?.contents ?? new Uint8Array(0), 1))
  const modulus = numbers[0]?.contents ?? new Uint8Array(0)
  assert.equal(modulus[0], 0)
  const negative = writeDer(
    ber.sequence,
    writeDer(ber.integer, modulus.subarray(1)),
    numbers[1]?.encoded ?? new Uint8Array(0),
  )
  const wrong = writeDer(
    ber.sequence,
    info[0]?.encoded ?? new Uint8Array(0),
    writeDer(ber.bitString, Uint8Array.of(0), negative),
  )
  const rewritten = replaced(certificate, publicKeyInfo, wrong)
  assert.deepEqual(Buffer.from(readCertificate(rewritten).publicKeyInfo), Buffer.from(publicKeyInfo))
})

/** The certificate with one part of its body exchanged. */
function replaced(certificate: Uint8Array, part: Uint8Array, other: Uint8Array): Uint8Array {
  const [body, ...rest] = berChildren(readBer(certificate))
  assert.ok(body !== undefined)
  const parts = berChildren(body).map(({ encoded }) =>
    Buffer.compare(encoded, part) === 0 ? other : encoded,
  )
  const values = [writeDer(ber.sequence, ...parts), ...rest.map(({ encoded }) => encoded)]
  return writeDer(ber.sequence, ...values)
}

test('a certificate cut off or overwritten anywhere is read or refused, and nothing else', () => {
  const { certificate } = apkKey('Someone')
  for (let at = 0; at < certificate.length; at++) {
    const overwritten = Buffer.from(certificate)
    overwritten[at] = 0xff
    for (const bytes of [certificate.subarray(0, at), overwritten]) {
      try {
        readCertificate(bytes)
      } catch (error) {
        assert.equal((error as Error).name, 'Malformed', `at ${at}`)
      }
    }
  }
})

test('deeply nested values of indefinite length are refused', () => {
  const open = Buffer.alloc(200_000, Buffer.of(0x30, 0x80))
  assert.throws(() => readBer(open), { name: 'Malformed', message: /nested too deep/ })
})

test('lengths that lie are refused', () => {
  for (const bytes of [
    [],
    [0x30],
    [0x30, 0x82, 0xff],
    [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
    [0x30, 0x85, 0, 0, 0, 0, 1],
    [0x04, 0x80],
    [0x1f, 0x81, 0],
  ]) {
    assert.throws(() => readBer(Uint8Array.from(bytes)), { name: 'Malformed' })
  }
})

test('object identifiers read as they were written', () => {
  for (const text of [
    '1.2.840.113549.1.1.11',
    '2.5.29.15',
    '0.9.2342.19200300.100.1.25',
    '2.16.840.1.101.3.4.2.1',
  ]) {
    assert.equal(oidText(readBer(oid(text))), text)
  }
  assert.throws(() => oidText(readBer(Uint8Array.of(6, 1, 0x80))), { name: 'Malformed' })
})

test('optional parts of a sequence are passed over, required ones are not', () => {
  const value = readBer(writeDer(ber.sequence, writeDer(ber.integer, Uint8Array.of(1))))
  const sequence = new BerSequence(value)
  assert.equal(sequence.optional(ber.set), undefined)
  assert.equal(sequence.required(ber.integer).contents[0], 1)
  assert.throws(() => sequence.any(), { name: 'Malformed' })
})

const name = (...parts: readonly (readonly [string, number, Buffer])[]): Uint8Array =>
  writeDer(
    ber.sequence,
    ...parts.map(([type, tag, text]) =>
      writeDer(ber.set, writeDer(ber.sequence, oid(type), writeDer(tag, text))),
    ),
  )

test('names are shown as Java shows them, whatever string type they use', () => {
  const encoded = name(
    ['2.5.4.6', 0x13, Buffer.from('DE')],
    ['2.5.4.10', 0x0c, Buffer.from('Müller, Söhne')],
    ['2.5.4.11', 0x1e, Buffer.from('Ωμ', 'utf16le').swap16()],
    ['2.5.4.3', 0x14, Buffer.from('é', 'latin1')],
    ['1.2.3', 0x0c, Buffer.from('x\ny')],
  )
  assert.equal(nameText(encoded), 'C=DE, O="Müller, Söhne", OU=Ωμ, CN=é, OID.1.2.3=x?y')
})

test('names that differ in case, blanks or string type only are the same', () => {
  const one = name(['2.5.4.3', 0x0c, Buffer.from('Some  One ')])
  const same = name(['2.5.4.3', 0x13, Buffer.from('some one')])
  const other = name(['2.5.4.3', 0x13, Buffer.from('someone')])
  assert.equal(canonicalName(one), canonicalName(same))
  assert.notEqual(canonicalName(one), canonicalName(other))
})
