import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  Boolean as AsnBoolean,
  type BaseBlock,
  BitString,
  fromBER,
  Integer,
  Sequence,
  UTCTime,
  Utf8String,
} from 'asn1js'
import { der, octets, oid, sequence, set, tagged } from './der.ts'

const ids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
}

/** Said in every certificate, so that nobody takes one for the real store's. */
const organization = 'Slipway, not Microsoft'
const authorityName = 'Slipway driver signing authority (not Microsoft, trusted by nobody)'
const signerName = 'Slipway driver catalogs (not Microsoft)'

/** Certificates of a sandbox outlive every test of it. */
const from = new Date('2020-01-01T00:00:00Z')
const until = new Date('2049-12-31T23:59:59Z')

/** What catalogs are signed with: a key, its certificate, and that of the authority that vouches for it. */
export interface CatalogSigner {
  readonly key: KeyObject
  readonly certificate: Buffer
  readonly authority: Buffer
}

/**
 * A certificate authority of this server's own with one signer, as JSON of PEM and base64. The authority's key is
 * thrown away once it has vouched for the signer.
 */
export function newCatalogSigner(): string {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authority = certify({
    serial: 1,
    subject: authorityName,
    issuer: authorityName,
    key: root.publicKey,
    issuerKey: root,
    extensions: [
      extension(ids.basicConstraints, sequence(new AsnBoolean({ value: true })), true),
      extension(ids.keyUsage, bits(0b0000_0110, 1), true),
    ],
  })
  const certificate = certify({
    serial: 2,
    subject: signerName,
    issuer: authorityName,
    key: signer.publicKey,
    issuerKey: root,
    extensions: [
      extension(ids.basicConstraints, sequence(), true),
      extension(ids.keyUsage, bits(0b1000_0000, 7), true),
      extension(ids.extendedKeyUsage, sequence(oid(ids.codeSigning))),
    ],
  })
  return JSON.stringify({
    key: signer.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certificate: certificate.toString('base64'),
    authority: authority.toString('base64'),
  })
}

/** @param secret as {@link newCatalogSigner} made it */
export function readCatalogSigner(secret: string): CatalogSigner {
  const { key, certificate, authority } = JSON.parse(secret) as { [name: string]: string }
  return {
    key: createPrivateKey(key ?? ''),
    certificate: Buffer.from(certificate ?? '', 'base64'),
    authority: Buffer.from(authority ?? '', 'base64'),
  }
}

interface Wanted {
  readonly serial: number
  readonly subject: string
  readonly issuer: string
  readonly key: KeyObject
  readonly issuerKey: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  readonly extensions: readonly Sequence[]
}

/** RFC 5280, 4.1. */
function certify({ serial, subject, issuer, key, issuerKey, extensions }: Wanted): Buffer {
  const signature = sequence(oid(ids.ecdsaWithSha256))
  const body = sequence(
    tagged(0, new Integer({ value: 2 })),
    new Integer({ value: serial }),
    signature,
    nameOf(issuer),
    sequence(new UTCTime({ valueDate: from }), new UTCTime({ valueDate: until })),
    nameOf(subject),
    fromBER(publicKey(key)).result,
    tagged(
      3,
      new Sequence({
        value: [
          ...extensions,
          extension(ids.subjectKeyIdentifier, octets(identifierOf(key))),
          extension(ids.authorityKeyIdentifier, sequence(keyIdentifier(issuerKey.publicKey))),
        ],
      }),
    ),
  )
  const value = sign('sha256', der(body), issuerKey.privateKey)
  return der(sequence(body, signature, new BitString({ valueHex: Uint8Array.from(value).buffer })))
}

function nameOf(commonName: string): Sequence {
  const part = (type: string, value: string) => set(sequence(oid(type), new Utf8String({ value })))
  return sequence(part(ids.organization, organization), part(ids.commonName, commonName))
}

function extension(id: string, value: BaseBlock, critical = false): Sequence {
  const wrapped = octets(der(value))
  return critical ? sequence(oid(id), new AsnBoolean({ value: true }), wrapped) : sequence(oid(id), wrapped)
}

function bits(value: number, unusedBits: number): BitString {
  return new BitString({ valueHex: Uint8Array.of(value).buffer, unusedBits })
}

/** AuthorityKeyIdentifier's `[0] IMPLICIT OCTET STRING`. */
function keyIdentifier(key: KeyObject): BaseBlock {
  const encoded = Buffer.concat([Buffer.of(0x80, 20), identifierOf(key)])
  return fromBER(Uint8Array.from(encoded)).result
}

function identifierOf(key: KeyObject): Buffer {
  // The last 65 bytes of the encoded key are the point itself.
  return createHash('sha1').update(publicKey(key).subarray(-65)).digest()
}

function publicKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(key.export({ type: 'spki', format: 'der' }))
}
