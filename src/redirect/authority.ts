import { createHash, webcrypto } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const validMs = 7 * 24 * 60 * 60 * 1000

const oid = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
}

/** Bits of the key usage extension, the first of them the highest. */
const usage = { sign: 0b1000_0000, certify: 0b0000_0110 }

/** GeneralName [2]: a DNS name (RFC 5280, 4.2.1.6). */
const dnsName = 2

/** A certificate authority for one run; its private key exists in this process's memory only. */
export interface Authority {
  /** The authority's certificate, PEM. */
  readonly certificate: string
  /** A server's identity for all the names at once, PEM. */
  readonly server: { readonly certificate: string; readonly key: string }
}

/** Makes an authority and one server identity it vouches for, good for a week. */
export async function createAuthority(hosts: readonly string[], now: number): Promise<Authority> {
  const caKeys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const issuer = 'Slipway run (trusted by this run only)'
  const keyIdentifier = await identifierOf(caKeys.publicKey)
  const authority = await certify(now, {
    subject: issuer,
    issuer,
    publicKey: caKeys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      extension(oid.basicConstraints, true, new pkijs.BasicConstraints({ cA: true, pathLenConstraint: 0 })),
      keyUsage(usage.certify),
      new pkijs.Extension({ extnID: oid.subjectKeyIdentifier, extnValue: keyIdentifier.toBER() }),
    ],
  })
  const server = await certify(now, {
    subject: 'Slipway sandbox',
    issuer,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      extension(oid.basicConstraints, true, new pkijs.BasicConstraints({ cA: false })),
      keyUsage(usage.sign),
      extension(oid.authorityKeyIdentifier, false, new pkijs.AuthorityKeyIdentifier({ keyIdentifier })),
      extension(
        oid.extendedKeyUsage,
        false,
        new pkijs.ExtKeyUsage({ keyPurposes: [oid.serverAuthentication] }),
      ),
      extension(
        oid.subjectAltName,
        false,
        new pkijs.GeneralNames({
          names: hosts.map((value) => new pkijs.GeneralName({ type: dnsName, value })),
        }),
      ),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey)
  return {
    certificate: toPem('CERTIFICATE', authority),
    server: { certificate: toPem('CERTIFICATE', server), key: toPem('PRIVATE KEY', key) },
  }
}

/** RFC 5280, 4.2.1.2; strict verifiers want the issuer's key named. */
async function identifierOf(publicKey: webcrypto.CryptoKey): Promise<asn1js.OctetString> {
  const raw = Buffer.from(await webcrypto.subtle.exportKey('raw', publicKey))
  const digest = createHash('sha1').update(raw).digest()
  return new asn1js.OctetString({ valueHex: new Uint8Array(digest).buffer })
}

interface Wanted {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: webcrypto.CryptoKey
  readonly signingKey: webcrypto.CryptoKey
  readonly extensions: pkijs.Extension[]
}

async function certify(now: number, wanted: Wanted): Promise<ArrayBuffer> {
  const certificate = new pkijs.Certificate({
    version: 2,
    // Of its own for every certificate: some verifiers refuse one they have seen with another key.
    serialNumber: new asn1js.Integer({ valueHex: randomSerial() }),
    extensions: wanted.extensions,
  })
  certificate.subject.typesAndValues.push(commonName(wanted.subject))
  certificate.issuer.typesAndValues.push(commonName(wanted.issuer))
  certificate.notBefore.value = new Date(now - 60_000)
  certificate.notAfter.value = new Date(now + validMs)
  await certificate.subjectPublicKeyInfo.importKey(wanted.publicKey)
  await certificate.sign(wanted.signingKey, 'SHA-256')
  return certificate.toSchema(true).toBER()
}

/** Positive, as RFC 5280 wants it. */
function randomSerial(): ArrayBuffer {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.buffer
}

function commonName(value: string): pkijs.AttributeTypeAndValue {
  return new pkijs.AttributeTypeAndValue({ type: oid.commonName, value: new asn1js.Utf8String({ value }) })
}

function extension(
  extnID: string,
  critical: boolean,
  value: { toSchema(): asn1js.AsnType },
): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue: value.toSchema().toBER() })
}

function keyUsage(bits: number): pkijs.Extension {
  const valueHex = new Uint8Array([bits]).buffer
  const unusedBits = bits === usage.certify ? 1 : 7
  const extnValue = new asn1js.BitString({ valueHex, unusedBits }).toBER()
  return new pkijs.Extension({ extnID: oid.keyUsage, critical: true, extnValue })
}

function toPem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
