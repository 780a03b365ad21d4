import { constants, hash, verify, X509Certificate } from 'node:crypto'
import { type AsnType, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs'
import { type HashName, hashLengths } from './block-map.ts'
import type { NamePart } from './distinguished-name.ts'

/** What a digest in the signature is of (the tags are those of Windows’ APPX subject interface package). */
export const digestTags = {
  /** The archive’s records, without the signature’s own. */
  AXPC: 'the files of the archive',
  /** The central directory as it was before the signature was added. */
  AXCD: 'the central directory',
  AXCT: '[Content_Types].xml',
  AXBM: 'AppxBlockMap.xml',
  AXCI: 'AppxMetadata/CodeIntegrity.cat',
} as const

export type DigestTag = keyof typeof digestTags

export interface Signer {
  /** Most specific attribute first, as a manifest writes it. */
  readonly subject: readonly NamePart[]
  readonly issuer: readonly NamePart[]
  /** Of the certificate, lower-case hexadecimal. */
  readonly sha256: string
  /** Lower-case hexadecimal. */
  readonly serialNumber: string
  /** ISO 8601. */
  readonly notBefore: string
  readonly notAfter: string
  readonly selfSigned: boolean
  readonly timestamped: boolean
}

export interface Signature {
  readonly kind: 'package' | 'bundle' | 'unknown'
  readonly hashName: HashName
  readonly digests: ReadonlyMap<DigestTag, Uint8Array>
  readonly signer: Signer
  /** The signer's certificate confirms the digests. */
  readonly genuine: boolean
}

/** Why AppxSignature.p7x is none; a clause. */
export class SignatureError extends Error {}

const oid = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  indirectData: '1.3.6.1.4.1.311.2.1.4',
  sipInfo: '1.3.6.1.4.1.311.2.1.30',
  timestamp: '1.3.6.1.4.1.311.3.3.1',
  counterSignature: '1.2.840.113549.1.9.6',
  rsaPss: '1.2.840.113549.1.1.10',
} as const

const hashNames: ReadonlyMap<string, HashName> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** Which subject interface package made the digests: {0AC5DF4B-CE07-4DE2-B76E-23C839A09FD1} and the bundles’. */
const subjectKinds: ReadonlyMap<string, Signature['kind']> = new Map([
  ['4bdfc50a07cee24db76e23c839a09fd1', 'package'],
  ['b3585f0fdeaa9a4ba43495742d92eceb', 'bundle'],
])

/**
 * Reads AppxSignature.p7x: the four letters PKCX, then PKCS#7 signed data whose content is an Authenticode
 * SpcIndirectDataContent with the package's digests.
 * @throws SignatureError
 */
export function parseSignature(bytes: Uint8Array): Signature {
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'PKCX') {
    throw new SignatureError('it does not begin with PKCX')
  }
  try {
    return readSignedData(Uint8Array.from(bytes.subarray(4)))
  } catch (error) {
    if (error instanceof SignatureError) throw error
    // Whatever the ASN.1 libraries throw, they throw it because of these bytes.
    throw new SignatureError('it is not PKCS#7 signed data', { cause: error })
  }
}

function readSignedData(bytes: Uint8Array<ArrayBuffer>): Signature {
  const info = ContentInfo.fromBER(bytes.buffer)
  if (info.contentType !== oid.signedData) throw new SignatureError('it is not PKCS#7 signed data')
  const signed = new SignedData({ schema: info.content })
  if (signed.encapContentInfo.eContentType !== oid.indirectData) {
    throw new SignatureError('it signs something else than the digests of a package')
  }
  const content = signed.encapContentInfo.eContent as unknown
  if (!(content instanceof Sequence)) throw new SignatureError('it has no digests in it')
  const { kind, hashName, digests } = readIndirectData(content)
  const [signerInfo, another] = signed.signerInfos
  if (signerInfo === undefined || another !== undefined) {
    throw new SignatureError(`it has ${signed.signerInfos.length} signers, not one`)
  }
  const certificate = certificateOf(signed, signerInfo)
  const x509 = new X509Certificate(Buffer.from(certificate.toSchema().toBER()))
  return {
    kind,
    hashName,
    digests,
    signer: describeSigner(certificate, x509, signerInfo),
    genuine: isGenuine(signerInfo, x509, contentOctets(content)),
  }
}

/** SpcIndirectDataContent: what kind of subject it is, and its digest, which here is a list of digests. */
function readIndirectData(content: Sequence): Pick<Signature, 'kind' | 'hashName' | 'digests'> {
  const [data, digestInfo] = content.valueBlock.value
  if (!(data instanceof Sequence) || !(digestInfo instanceof Sequence)) {
    throw new SignatureError('its content is not an SpcIndirectDataContent')
  }
  const [type, sipInfo] = data.valueBlock.value
  const isSip = type instanceof ObjectIdentifier && type.valueBlock.toString() === oid.sipInfo
  const id = isSip && sipInfo instanceof Sequence ? octets(sipInfo.valueBlock.value[1]) : undefined
  const [algorithm, digest] = digestInfo.valueBlock.value
  const algorithmId = algorithm instanceof Sequence ? algorithm.valueBlock.value[0] : undefined
  const hashName =
    algorithmId instanceof ObjectIdentifier ? hashNames.get(algorithmId.valueBlock.toString()) : undefined
  if (hashName === undefined) throw new SignatureError('its digests are not SHA-256, SHA-384 or SHA-512')
  return {
    kind: subjectKinds.get(id?.toString('hex') ?? '') ?? 'unknown',
    hashName,
    digests: readDigests(octets(digest), hashName),
  }
}

const isDigestTag = (tag: string): tag is DigestTag => tag in digestTags

/** `APPX`, then a tag of four letters and a digest, as often as there are digests. */
function readDigests(bytes: Buffer | undefined, hashName: HashName): Map<DigestTag, Uint8Array> {
  const step = 4 + hashLengths[hashName]
  if (bytes?.toString('latin1', 0, 4) !== 'APPX' || (bytes.length - 4) % step !== 0) {
    throw new SignatureError('its list of digests is malformed')
  }
  const digests = new Map<DigestTag, Uint8Array>()
  for (let at = 4; at < bytes.length; at += step) {
    const tag = bytes.toString('latin1', at, at + 4)
    if (!isDigestTag(tag) || digests.has(tag)) throw new SignatureError('its list of digests is malformed')
    digests.set(tag, bytes.subarray(at + 4, at + step))
  }
  return digests
}

const octets = (value: AsnType | undefined): Buffer | undefined =>
  value instanceof OctetString ? Buffer.from(value.valueBlock.valueHexView) : undefined

/** PKCS#7 signs the content without its own tag and length. */
function contentOctets(content: Sequence): Uint8Array {
  const header = content.idBlock.blockLength + content.lenBlock.blockLength
  return content.valueBeforeDecodeView.subarray(header)
}

function certificateOf(signed: SignedData, { sid }: SignerInfo): Certificate {
  if (sid instanceof IssuerAndSerialNumber) {
    for (const each of signed.certificates ?? []) {
      if (!(each instanceof Certificate)) continue
      if (each.serialNumber.isEqual(sid.serialNumber) && each.issuer.isEqual(sid.issuer)) return each
    }
  }
  throw new SignatureError('the certificate of its signer is not in it')
}

const hex = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('hex')

function describeSigner(certificate: Certificate, x509: X509Certificate, info: SignerInfo): Signer {
  const extra = info.unsignedAttrs?.attributes ?? []
  return {
    subject: nameParts(certificate.subject),
    issuer: nameParts(certificate.issuer),
    sha256: hash('sha256', x509.raw, 'hex'),
    serialNumber: hex(certificate.serialNumber.valueBlock.valueHexView),
    notBefore: x509.validFromDate.toISOString(),
    notAfter: x509.validToDate.toISOString(),
    selfSigned: x509.checkIssued(x509),
    timestamped: extra.some(({ type }) => type === oid.timestamp || type === oid.counterSignature),
  }
}

/** A certificate begins with the least specific attribute, a manifest with the most specific one. */
function nameParts(name: Certificate['subject']): NamePart[] {
  return name.typesAndValues
    .map(({ type, value }) => ({ type, value: String(value.valueBlock.value) }))
    .reverse()
}

function isGenuine(info: SignerInfo, x509: X509Certificate, content: Uint8Array): boolean {
  const hashName = hashNames.get(info.digestAlgorithm.algorithmId)
  const attributes = info.signedAttrs
  if (hashName === undefined || attributes === undefined) return false
  const valueOfType = (type: string): AsnType | undefined =>
    attributes.attributes.find((each) => each.type === type)?.values[0] as AsnType | undefined
  const contentType = valueOfType(oid.contentType)
  if (!(contentType instanceof ObjectIdentifier)) return false
  if (contentType.valueBlock.toString() !== oid.indirectData) return false
  const digest = octets(valueOfType(oid.messageDigest))
  if (digest === undefined || !digest.equals(hash(hashName, content, 'buffer'))) return false
  const isPss = info.signatureAlgorithm.algorithmId === oid.rsaPss
  const padding = isPss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
    : {}
  const signature = Buffer.from(info.signature.valueBlock.valueHexView)
  try {
    return verify(
      hashName,
      Buffer.from(attributes.encodedValue),
      { key: x509.publicKey, ...padding },
      signature,
    )
  } catch {
    // A key of another kind than the signature, or one that no sound certificate has.
    return false
  }
}
