import { createHash, type KeyObject, KeyObject as NodeKey, sign, webcrypto } from 'node:crypto'
import {
  Set as AsnSet,
  type BaseBlock,
  Constructed,
  fromBER,
  GeneralizedTime,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  Sequence,
  UTCTime,
  Utf8String,
} from 'asn1js'
import {
  Certificate,
  CertificatePolicies,
  Extension,
  ExtKeyUsage,
  PolicyInformation,
  RelativeDistinguishedNames,
} from 'pkijs'

/** A throw-away key with its certificate. */
export interface Signer {
  readonly certificate: Buffer
  readonly privateKey: KeyObject
  readonly issuer: BaseBlock
  readonly serial: BaseBlock
}

export interface SignerOptions {
  readonly name?: string
  readonly usage?: string | undefined
  readonly policy?: string
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly algorithm?: 'rsa' | 'ecdsa'
}

const codeSigning = '1.3.6.1.5.5.7.3.3'
const keys = new Map<string, Promise<webcrypto.CryptoKeyPair>>()

/** One key pair of each kind and name for the whole test file: making RSA keys is slow. */
function keyPair(name: string, algorithm: 'rsa' | 'ecdsa') {
  const cacheKey = `${algorithm} ${name}`
  const parameters =
    algorithm === 'rsa'
      ? {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 2048,
          publicExponent: Uint8Array.of(1, 0, 1),
          hash: 'SHA-256',
        }
      : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const made =
    keys.get(cacheKey) ??
    (webcrypto.subtle.generateKey(parameters, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>)
  keys.set(cacheKey, made)
  return made
}

/** A self-signed certificate for code signing, unless told otherwise. */
export async function makeSigner(options: SignerOptions = {}): Promise<Signer> {
  const { name = 'Contoso', algorithm = 'rsa' } = options
  const pair = await keyPair(name, algorithm)
  const usage = 'usage' in options ? options.usage : codeSigning
  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new Integer({ valueHex: Uint8Array.of(1, 0xa2, 0xb3).buffer })
  certificate.issuer = distinguishedName(name)
  certificate.subject = distinguishedName(name)
  certificate.notBefore.value = options.notBefore ?? new Date('2025-01-01T00:00:00Z')
  certificate.notAfter.value = options.notAfter ?? new Date('2035-01-01T00:00:00Z')
  certificate.extensions = [
    ...(usage === undefined ? [] : [extension('2.5.29.37', new ExtKeyUsage({ keyPurposes: [usage] }))]),
    ...(options.policy === undefined ? [] : [extension('2.5.29.32', policies(options.policy))]),
  ]
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey)
  await certificate.sign(pair.privateKey, 'SHA-256')
  const encoded = der(certificate.toSchema(true))
  // TBSCertificate: [0] version, serial number, algorithm, issuer, …
  const [, serial, , issuer] = children(children(parse(encoded))[0])
  if (serial === undefined || issuer === undefined) throw new Error('no certificate was made')
  return { certificate: encoded, privateKey: NodeKey.from(pair.privateKey), issuer, serial }
}

/** Built by hand: PKI.js would put all attributes into one relative name. */
function distinguishedName(name: string): RelativeDistinguishedNames {
  const part = (type: string, value: string) => set(sequence(oid(type), new Utf8String({ value })))
  const schema = sequence(part('2.5.4.6', 'DE'), part('2.5.4.10', `${name} Ltd`), part('2.5.4.3', name))
  return new RelativeDistinguishedNames({ schema: parse(der(schema)) })
}

const extension = (extnID: string, value: { toSchema(): BaseBlock }) =>
  new Extension({ extnID, critical: false, extnValue: value.toSchema().toBER() })

const policies = (policyIdentifier: string) =>
  new CertificatePolicies({ certificatePolicies: [new PolicyInformation({ policyIdentifier })] })

export interface SigningOptions {
  readonly digest?: 'sha256' | 'sha1'
  /** RFC 3161 stamp, or the older counter-signature. */
  readonly timestamp?: {
    readonly signer: Signer
    readonly time: Date
    readonly kind?: 'rfc3161' | 'counterSignature'
  }
  /** Lies. */
  readonly withoutCertificate?: boolean
  readonly signers?: number
  readonly messageDigest?: Buffer
  readonly stampedValue?: Buffer
  readonly contentType?: string
  readonly nested?: boolean
}

const identifiers = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  signedData: '1.2.840.113549.1.7.2',
  indirectData: '1.3.6.1.4.1.311.2.1.4',
  cabData: '1.3.6.1.4.1.311.2.1.25',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  counterSignature: '1.2.840.113549.1.9.6',
  timestamp: '1.3.6.1.4.1.311.3.3.1',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  nested: '1.3.6.1.4.1.311.2.4.1',
  data: '1.2.840.113549.1.7.1',
  rsa: '1.2.840.113549.1.1.1',
  ecdsa: '1.2.840.10045.4.3.2',
}

/** Signs a cabinet that has no reserved area, the way signtool and osslsigncode do (microsoft-hardware.md 8.2). */
export function signCab(cab: Buffer, signer: Signer, options: SigningOptions = {}): Buffer {
  const grown = reserveForSignature(cab)
  const digestName = options.digest ?? 'sha256'
  const hash = createHash(digestName)
  hash.update(grown.subarray(0, 4)).update(grown.subarray(8, 34)).update(grown.subarray(56))
  const content = indirectData(hash.digest(), digestName)
  const type = options.contentType ?? identifiers.indirectData
  const signature = der(signedData(type, content, signer, digestName, options))
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8)
  grown.writeUInt32LE(grown.length, 44)
  grown.writeUInt32LE(signature.length + padding.length, 48)
  return Buffer.concat([grown, signature, padding])
}

/** Inserts Authenticode's twenty reserved bytes behind the header and moves every offset by the 24 they take. */
export function reserveForSignature(cab: Buffer): Buffer {
  const grown = Buffer.concat([cab.subarray(0, 36), Buffer.alloc(24), cab.subarray(36)])
  grown.writeUInt32LE(cab.readUInt32LE(8) + 24, 8)
  grown.writeUInt32LE(cab.readUInt32LE(16) + 24, 16)
  grown.writeUInt16LE(cab.readUInt16LE(30) | 4, 30)
  grown.writeUInt16LE(20, 36)
  grown.writeUInt32LE(0x0010_0000, 40)
  for (let folder = 0; folder < cab.readUInt16LE(26); folder += 1) {
    const at = 60 + folder * 8
    grown.writeUInt32LE(grown.readUInt32LE(at) + 24, at)
  }
  return grown
}

function indirectData(digest: Buffer, digestName: 'sha1' | 'sha256'): Sequence {
  const link = new Constructed({
    idBlock: { tagClass: 3, tagNumber: 2 },
    value: [primitive(0, Buffer.alloc(0))],
  })
  return sequence(
    sequence(oid(identifiers.cabData), link),
    sequence(algorithm(identifiers[digestName]), octets(digest)),
  )
}

function signedData(
  type: string,
  content: BaseBlock,
  signer: Signer,
  digest: 'sha1' | 'sha256',
  options: SigningOptions,
) {
  const info = signerInfo(type, content, signer, digest, options)
  const infos = Array.from({ length: options.signers ?? 1 }, () => info)
  const certificates = options.withoutCertificate === true ? [] : [parse(signer.certificate)]
  const stamper =
    options.timestamp?.kind === 'counterSignature' ? [parse(options.timestamp.signer.certificate)] : []
  return contentInfo(
    identifiers.signedData,
    sequence(
      new Integer({ value: 1 }),
      set(algorithm(identifiers[digest])),
      contentInfo(type, content),
      ...(certificates.length + stamper.length === 0 ? [] : [implicit(0, [...certificates, ...stamper])]),
      set(...infos),
    ),
  )
}

function signerInfo(
  type: string,
  content: BaseBlock,
  signer: Signer,
  digest: 'sha1' | 'sha256',
  options: SigningOptions,
) {
  const value = content instanceof OctetString ? Buffer.from(content.getValue()) : contentOf(der(content))
  const attributes = [
    attribute(identifiers.contentType, oid(type)),
    attribute(
      identifiers.messageDigest,
      octets(options.messageDigest ?? createHash(digest).update(value).digest()),
    ),
  ]
  const signature = sign(digest, der(set(...attributes)), signer.privateKey)
  const unsigned = unsignedAttributes(signature, options)
  return signerRecord(signer, digest, attributes, signature, unsigned)
}

function signerRecord(
  signer: Signer,
  digest: 'sha1' | 'sha256',
  attributes: BaseBlock[],
  signature: Buffer,
  unsigned: BaseBlock[],
) {
  const isRsa = signer.privateKey.asymmetricKeyType === 'rsa'
  return sequence(
    new Integer({ value: 1 }),
    sequence(signer.issuer, signer.serial),
    algorithm(identifiers[digest]),
    implicit(0, attributes),
    isRsa ? algorithm(identifiers.rsa) : sequence(oid(identifiers.ecdsa)),
    octets(signature),
    ...(unsigned.length === 0 ? [] : [implicit(1, unsigned)]),
  )
}

function unsignedAttributes(
  signature: Buffer,
  { timestamp, stampedValue, nested }: SigningOptions,
): BaseBlock[] {
  const attributes = nested === true ? [attribute(identifiers.nested, sequence())] : []
  if (timestamp === undefined) return attributes
  const { signer, time, kind = 'rfc3161' } = timestamp
  const imprint = createHash('sha256')
    .update(stampedValue ?? signature)
    .digest()
  if (kind === 'rfc3161') {
    const info = sequence(
      new Integer({ value: 1 }),
      oid('1.2.3.4'),
      sequence(algorithm(identifiers.sha256), octets(imprint)),
      new Integer({ value: 1 }),
      new GeneralizedTime({ valueDate: time }),
    )
    const stamp = signedData(identifiers.timestampInfo, octets(der(info)), signer, 'sha256', {})
    return [...attributes, attribute(identifiers.timestamp, stamp)]
  }
  const signed = [
    attribute(identifiers.contentType, oid(identifiers.data)),
    attribute(identifiers.signingTime, new UTCTime({ valueDate: time })),
    attribute(identifiers.messageDigest, octets(imprint)),
  ]
  const value = sign('sha256', der(set(...signed)), signer.privateKey)
  return [
    ...attributes,
    attribute(identifiers.counterSignature, signerRecord(signer, 'sha256', signed, value, [])),
  ]
}

const der = (block: BaseBlock): Buffer => Buffer.from(block.toBER())
const oid = (value: string) => new ObjectIdentifier({ value })
const octets = (bytes: Buffer) => new OctetString({ valueHex: Uint8Array.from(bytes).buffer })
const sequence = (...value: BaseBlock[]) => new Sequence({ value })
const set = (...value: BaseBlock[]) => new AsnSet({ value })
const algorithm = (identifier: string) => sequence(oid(identifier), new Null())
const attribute = (type: string, value: BaseBlock) => sequence(oid(type), set(value))
const implicit = (tagNumber: number, value: BaseBlock[]) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value })
const contentInfo = (type: string, content: BaseBlock) => sequence(oid(type), implicit(0, [content]))
const primitive = (tagNumber: number, bytes: Buffer) =>
  new Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: Uint8Array.from(bytes).buffer })

function parse(bytes: Buffer): BaseBlock {
  return fromBER(bytes).result
}

function children(block: BaseBlock | undefined): BaseBlock[] {
  return block instanceof Constructed ? block.valueBlock.value : []
}

function contentOf(encoded: Buffer): Buffer {
  const long = (encoded[1] ?? 0) & 0x80 ? (encoded[1] ?? 0) & 0x7f : 0
  return encoded.subarray(2 + long)
}
