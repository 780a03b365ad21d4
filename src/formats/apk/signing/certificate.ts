import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { hex, Malformed } from '../byte-cursor.ts'
import { BerSequence, type BerValue, ber, berChildren, oidText, readBer, writeDer } from './ber.ts'
import { canonicalName, nameText } from './distinguished-name.ts'

/** What deciding about a signature needs of an X.509 certificate. Its validity dates do not matter on Android. */
export interface Certificate {
  /** Exactly as it stands in the package; its identity. */
  readonly encoded: Uint8Array
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly subject: string
  /** Comparable: {@link canonicalName} of the issuer, and the serial number's bytes as hexadecimal. */
  readonly issuer: string
  readonly serialNumber: string
  readonly publicKey: KeyObject
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKeyInfo: Uint8Array
  /** Has a critical extension that the platform would not know. */
  readonly hasUnknownCriticalExtension: boolean
  /** False when its key usage excludes digital signatures. */
  readonly maySign: boolean
}

/**
 * Reads a certificate, also in BER and with the encoding mistakes of old tools that Android bears.
 * `node:crypto` is given the key alone, since OpenSSL refuses such certificates as a whole.
 * @throws Malformed
 */
export function readCertificate(encoded: Uint8Array): Certificate {
  const certificate = new BerSequence(readBer(encoded))
  const body = new BerSequence(certificate.required(ber.sequence))
  certificate.required(ber.sequence)
  certificate.required(ber.bitString)
  body.optional(ber.context(0))
  const serialNumber = body.required(ber.integer)
  body.required(ber.sequence)
  const issuer = body.required(ber.sequence)
  body.required(ber.sequence)
  const subject = body.required(ber.sequence)
  const publicKeyInfo = cleanKeyInfo(body.required(ber.sequence))
  const extensions = readExtensions(body.rest().find(({ tag }) => tag === ber.context(3)))
  return {
    encoded,
    sha256: createHash('sha256').update(encoded).digest('hex'),
    subject: nameText(subject.encoded),
    issuer: canonicalName(issuer.encoded),
    serialNumber: serialText(serialNumber),
    publicKeyInfo,
    publicKey: readPublicKey(publicKeyInfo),
    hasUnknownCriticalExtension: extensions.some(
      ({ oid, critical }) => critical && !knownExtensions.has(oid),
    ),
    maySign: extensions.every(({ oid, value }) => oid !== keyUsageOid || allowsSignatures(value)),
  }
}

/** @throws Malformed */
export function readPublicKey(publicKeyInfo: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' })
  } catch {
    throw new Malformed('a public key is malformed')
  }
}

/** Integers compare by value: leading zeros of a careless encoder do not count. */
export function serialText({ contents }: BerValue): string {
  const bytes = Buffer.from(contents)
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++
  return hex(bytes.subarray(start))
}

const rsaEncryption = '1.2.840.113549.1.1.1'

/** The key in DER; an RSA modulus that was written as a negative number becomes positive, as Android reads it. */
function cleanKeyInfo(value: BerValue): Uint8Array {
  const info = new BerSequence(value)
  const algorithm = info.required(ber.sequence)
  const key = info.required(ber.bitString)
  const [oid, parameters] = berChildren(algorithm)
  if (oid === undefined) throw new Malformed('a public key names no algorithm')
  const identifier = writeDer(ber.sequence, ...[oid, parameters].map((part) => derOf(part)))
  if (oidText(oid) !== rsaEncryption) return writeDer(ber.sequence, identifier, derOf(key))
  const numbers = new BerSequence(readBer(key.contents, 1))
  const [modulus, exponent] = [numbers.required(ber.integer), numbers.required(ber.integer)].map(positive)
  if (modulus === undefined || exponent === undefined) throw new Malformed('an RSA key is malformed')
  const bits = Buffer.concat([Buffer.of(0), writeDer(ber.sequence, modulus, exponent)])
  return writeDer(ber.sequence, identifier, writeDer(ber.bitString, bits))
}

const derOf = (value: BerValue | undefined): Uint8Array =>
  value === undefined ? new Uint8Array(0) : writeDer(value.tag, value.contents)

function positive({ contents }: BerValue): Uint8Array {
  const bytes = Buffer.from(contents)
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0)
  return writeDer(ber.integer, sign, digits)
}

interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

function readExtensions(wrapper: BerValue | undefined): Extension[] {
  if (wrapper === undefined) return []
  const [list] = berChildren(wrapper)
  if (list === undefined) return []
  return berChildren(list).map((value) => {
    const extension = new BerSequence(value)
    const oid = oidText(extension.required(ber.oid))
    const critical = extension.optional(ber.boolean)?.contents.some((byte) => byte !== 0) ?? false
    return { oid, critical, value: extension.required(ber.octetString).contents }
  })
}

const keyUsageOid = '2.5.29.15'
const digitalSignature = 0x80
const nonRepudiation = 0x40

function allowsSignatures(value: Uint8Array): boolean {
  const [, bits = 0] = readBer(value).contents
  return (bits & (digitalSignature | nonRepudiation)) !== 0
}

/** Extensions that Android's and Java's X.509 implementations interpret. */
const knownExtensions: ReadonlySet<string> = new Set([
  ...[9, 14, 15, 16, 17, 18, 19, 20, 21, 27, 28, 29, 30, 31, 32, 33, 35, 36, 37, 46, 54].map(
    (arc) => `2.5.29.${arc}`,
  ),
  '1.3.6.1.5.5.7.1.1',
  '1.3.6.1.5.5.7.1.11',
  '1.3.6.1.5.5.7.48.1.5',
  '2.16.840.1.113730.1.1',
])
