import { createHash, type KeyObject, KeyObject as NodeKey, sign, webcrypto } from 'node:crypto'
import {
  Set as AsnSet,
  type BaseBlock,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
  Utf8String,
} from 'asn1js'
import { Certificate, RelativeDistinguishedNames } from 'pkijs'

/** A throw-away key with its self-signed certificate. */
export interface MsixSigner {
  readonly certificate: Uint8Array
  readonly privateKey: KeyObject
}

export type SignerHash = 'sha256' | 'sha384' | 'sha512'

/** What the signature says in place of the truth. */
export interface SignatureLies {
  readonly hash?: SignerHash
  readonly kind?: 'package' | 'bundle' | 'nonsense'
  /** Changes the list of digests before it is signed. */
  readonly digests?: (digests: Map<string, Uint8Array>) => Map<string, Uint8Array>
  /** Changes the signed content afterwards, so that the signature does not fit it. */
  readonly afterSigning?: (content: Buffer) => Buffer
  readonly magic?: string
  readonly signers?: number
  readonly contentType?: string
  readonly withoutCertificate?: boolean
}

const identifiers = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  signedData: '1.2.840.113549.1.7.2',
  indirectData: '1.3.6.1.4.1.311.2.1.4',
  sipInfo: '1.3.6.1.4.1.311.2.1.30',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  rsa: '1.2.840.113549.1.1.1',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  ecdsaSha384: '1.2.840.10045.4.3.3',
  ecdsaSha512: '1.2.840.10045.4.3.4',
}

const ecdsa: Record<SignerHash, string> = {
  sha256: identifiers.ecdsaSha256,
  sha384: identifiers.ecdsaSha384,
  sha512: identifiers.ecdsaSha512,
}

const subjectKinds = {
  package: '4bdfc50a07cee24db76e23c839a09fd1',
  bundle: 'b3585f0fdeaa9a4ba43495742d92eceb',
  nonsense: '00000000000000000000000000000000',
}

/** Attributes of a name, least specific first, as certificates have them: `[['2.5.4.6', 'US'], …]`. */
export type NameAttributes = readonly (readonly [type: string, value: string])[]

/** Makes a key and a self-signed certificate; `CN=Contoso Software, O="Contoso, Ltd", C=US` unless told otherwise. */
export async function makeMsixSigner(
  subject: NameAttributes = [
    ['2.5.4.6', 'US'],
    ['2.5.4.10', 'Contoso, Ltd'],
    ['2.5.4.3', 'Contoso Software'],
  ],
  algorithm: 'ecdsa' | 'rsa' = 'ecdsa',
): Promise<MsixSigner> {
  const parameters =
    algorithm === 'ecdsa'
      ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
      : {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 2048,
          publicExponent: Uint8Array.of(1, 0, 1),
          hash: 'SHA-256',
        }
  const pair = (await webcrypto.subtle.generateKey(parameters, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new Integer({ valueHex: Uint8Array.of(1, 0xa2, 0xb3).buffer })
  certificate.issuer = distinguishedName(subject)
  certificate.subject = distinguishedName(subject)
  certificate.notBefore.value = new Date('2025-01-01T00:00:00Z')
  certificate.notAfter.value = new Date('2035-01-01T00:00:00Z')
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey)
  await certificate.sign(pair.privateKey, 'SHA-256')
  return { certificate: der(certificate.toSchema(true)), privateKey: NodeKey.from(pair.privateKey) }
}

/** Built by hand: PKI.js would put all attributes into one relative name. */
function distinguishedName(subject: NameAttributes): RelativeDistinguishedNames {
  const parts = subject.map(([type, value]) => set(sequence(oid(type), new Utf8String({ value }))))
  return new RelativeDistinguishedNames({ schema: parse(der(sequence(...parts))) })
}

/** The content of AppxSignature.p7x, as signtool makes it for these digests (tag to digest). */
export function signDigests(
  digests: ReadonlyMap<string, Uint8Array>,
  signer: MsixSigner,
  lies: SignatureLies = {},
): Uint8Array {
  const hash = lies.hash ?? 'sha256'
  const list = lies.digests?.(new Map(digests)) ?? digests
  const blob = Buffer.concat([
    Buffer.from('APPX'),
    ...[...list].flatMap(([tag, digest]) => [Buffer.from(tag), digest]),
  ])
  const content = indirectData(blob, hash, subjectKinds[lies.kind ?? 'package'])
  const type = lies.contentType ?? identifiers.indirectData
  const info = signerInfo(type, content, signer, hash)
  const signed = lies.afterSigning === undefined ? content : parse(lies.afterSigning(der(content)))
  const data = contentInfo(
    identifiers.signedData,
    sequence(
      new Integer({ value: 1 }),
      set(algorithm(identifiers[hash])),
      contentInfo(type, signed),
      ...(lies.withoutCertificate === true ? [] : [implicit(0, [parse(signer.certificate)])]),
      set(...Array.from({ length: lies.signers ?? 1 }, () => info)),
    ),
  )
  return Buffer.concat([Buffer.from(lies.magic ?? 'PKCX'), der(data)])
}

function indirectData(blob: Buffer, hash: SignerHash, subjectKind: string): Sequence {
  const zero = () => new Integer({ value: 0 })
  const sip = sequence(
    new Integer({ value: 0x0101_0000 }),
    octets(Buffer.from(subjectKind, 'hex')),
    ...Array.from({ length: 5 }, zero),
  )
  return sequence(
    sequence(oid(identifiers.sipInfo), sip),
    sequence(algorithm(identifiers[hash]), octets(blob)),
  )
}

function signerInfo(type: string, content: Sequence, signer: MsixSigner, hash: SignerHash): Sequence {
  const attributes = [
    attribute(identifiers.contentType, oid(type)),
    attribute(
      identifiers.messageDigest,
      octets(
        createHash(hash)
          .update(contentOf(der(content)))
          .digest(),
      ),
    ),
  ]
  // TBSCertificate: [0] version, serial number, algorithm, issuer, …
  const [, serial, , issuer] = children(children(parse(signer.certificate))[0])
  if (serial === undefined || issuer === undefined) throw new Error('the certificate is malformed')
  const isRsa = signer.privateKey.asymmetricKeyType === 'rsa'
  return sequence(
    new Integer({ value: 1 }),
    sequence(issuer, serial),
    algorithm(identifiers[hash]),
    implicit(0, attributes),
    isRsa ? algorithm(identifiers.rsa) : sequence(oid(ecdsa[hash])),
    octets(sign(hash, der(set(...attributes)), signer.privateKey)),
  )
}

const der = (block: BaseBlock): Buffer => Buffer.from(block.toBER())
const oid = (value: string) => new ObjectIdentifier({ value })
const octets = (bytes: Uint8Array) => new OctetString({ valueHex: Uint8Array.from(bytes).buffer })
const sequence = (...value: BaseBlock[]) => new Sequence({ value })
const set = (...value: BaseBlock[]) => new AsnSet({ value })
const algorithm = (identifier: string) => sequence(oid(identifier), new Null())
const attribute = (type: string, value: BaseBlock) => sequence(oid(type), set(value))
const implicit = (tagNumber: number, value: BaseBlock[]) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value })
const contentInfo = (type: string, content: BaseBlock) => sequence(oid(type), implicit(0, [content]))
const parse = (bytes: Uint8Array): BaseBlock => fromBER(bytes).result

function children(block: BaseBlock | undefined): BaseBlock[] {
  return block instanceof Constructed ? block.valueBlock.value : []
}

/** Without tag and length. */
function contentOf(encoded: Buffer): Buffer {
  const length = encoded[1] ?? 0
  return encoded.subarray(2 + (length & 0x80 ? length & 0x7f : 0))
}
