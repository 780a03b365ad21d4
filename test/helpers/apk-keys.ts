import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { ber, writeDer } from '../../src/formats/apk/signing/ber.ts'

/** A key with its self-signed certificate, made in memory. */
export interface ApkKey {
  readonly kind: 'rsa' | 'ec'
  readonly privateKey: KeyObject
  /** DER. */
  readonly certificate: Uint8Array
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKeyInfo: Uint8Array
  /** Name and serial number as PKCS #7 refers to the certificate. */
  readonly issuerAndSerial: Uint8Array
  /** Of the certificate, lower-case hexadecimal. */
  readonly sha256: string
}

export interface ApkKeyOptions {
  readonly kind?: 'rsa' | 'ec'
  /** Extensions in DER, each a SEQUENCE. */
  readonly extensions?: readonly Uint8Array[]
}

const made = new Map<string, ApkKey>()

/** The key of this name; the same one for the whole test run. */
export function apkKey(name: string, { kind = 'ec', extensions = [] }: ApkKeyOptions = {}): ApkKey {
  const id = `${name}/${kind}/${extensions.length}`
  const known = made.get(id)
  if (known !== undefined) return known
  const { privateKey, publicKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const { certificate, issuerAndSerial } = selfSigned(name, kind, privateKey, publicKeyInfo, extensions)
  const sha256 = createHash('sha256').update(certificate).digest('hex')
  const key = { kind, privateKey, certificate, publicKeyInfo, issuerAndSerial, sha256 }
  made.set(id, key)
  return key
}

/** DER of an OBJECT IDENTIFIER from its dotted text. */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...others]) {
    const groups = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(128 + (left % 128))
    bytes.push(...groups)
  }
  return writeDer(ber.oid, Uint8Array.from(bytes))
}

export const derNull: Uint8Array = Uint8Array.of(5, 0)
const sequence = (...parts: readonly Uint8Array[]) => writeDer(ber.sequence, ...parts)
const utf8 = (text: string) => writeDer(0x0c, Buffer.from(text))
const utcTime = (text: string) => writeDer(0x17, Buffer.from(text))

function selfSigned(
  name: string,
  kind: ApkKey['kind'],
  privateKey: KeyObject,
  publicKeyInfo: Uint8Array,
  extensions: readonly Uint8Array[],
): { certificate: Uint8Array; issuerAndSerial: Uint8Array } {
  const algorithm =
    kind === 'rsa' ? sequence(oid('1.2.840.113549.1.1.11'), derNull) : sequence(oid('1.2.840.10045.4.3.2'))
  const subject = sequence(writeDer(ber.set, sequence(oid('2.5.4.3'), utf8(name))))
  const serial = writeDer(
    ber.integer,
    createHash('sha256').update(name).digest().subarray(0, 8).fill(1, 0, 1),
  )
  const body = sequence(
    writeDer(ber.context(0), writeDer(ber.integer, Uint8Array.of(2))),
    serial,
    algorithm,
    subject,
    sequence(utcTime('200101000000Z'), utcTime('490101000000Z')),
    subject,
    publicKeyInfo,
    ...(extensions.length > 0 ? [writeDer(ber.context(3), sequence(...extensions))] : []),
  )
  const signature = writeDer(ber.bitString, Uint8Array.of(0), sign('sha256', body, privateKey))
  return { certificate: sequence(body, algorithm, signature), issuerAndSerial: sequence(subject, serial) }
}
