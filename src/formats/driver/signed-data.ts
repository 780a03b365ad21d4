import { constants, createHash, verify } from 'node:crypto'
import { type BaseBlock, fromBER, OctetString, Sequence } from 'asn1js'
import {
  type Attribute,
  Certificate,
  ContentInfo,
  IssuerAndSerialNumber,
  SignedData,
  type SignerInfo,
} from 'pkijs'
import { readCertificate, type SigningCertificate } from './certificate.ts'

const signedDataType = '1.2.840.113549.1.7.2'
const digestNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const rsaPss = '1.2.840.113549.1.1.10'

/** A PKCS#7 SignedData with the parts that Authenticode and time-stamps are judged by. */
export interface ParsedSignedData {
  readonly contentType: string
  /** What was signed: the value of the content, without the tag and length around it. */
  readonly content: Uint8Array
  readonly certificates: readonly SigningCertificate[]
  readonly signers: readonly SignerInfo[]
}

/** undefined when the bytes are not a PKCS#7 SignedData with content. Bytes after it are ignored. */
export function parseSignedData(der: Uint8Array): ParsedSignedData | undefined {
  try {
    const { offset, result } = fromBER(der)
    if (offset < 0) return undefined
    const info = new ContentInfo({ schema: result })
    if (info.contentType !== signedDataType) return undefined
    return partsOf(new SignedData({ schema: info.content }))
  } catch {
    return undefined
  }
}

function partsOf(data: SignedData): ParsedSignedData | undefined {
  const content = contentValue(data.encapContentInfo.eContent)
  if (content === undefined) return undefined
  const certificates = (data.certificates ?? []).flatMap((item) => {
    if (!(item instanceof Certificate)) return []
    return readCertificate(new Uint8Array(item.toSchema().toBER())) ?? []
  })
  return { contentType: data.encapContentInfo.eContentType, content, certificates, signers: data.signerInfos }
}

/** PKCS#7 puts any type there (Authenticode a sequence), CMS an octet string (time-stamps). */
function contentValue(content: BaseBlock | undefined): Uint8Array | undefined {
  if (content instanceof OctetString) return new Uint8Array(content.getValue())
  if (!(content instanceof Sequence)) return undefined
  const head = content.idBlock.blockLength + content.lenBlock.blockLength
  return content.valueBeforeDecodeView.slice(head)
}

/** Name of a digest algorithm by object identifier, or undefined. */
export function digestName(identifier: string): string | undefined {
  return digestNames[identifier]
}

export function signerCertificate(
  signer: SignerInfo,
  certificates: readonly SigningCertificate[],
): SigningCertificate | undefined {
  const { sid } = signer
  if (!(sid instanceof IssuerAndSerialNumber)) return undefined
  return certificates.find(
    ({ pkijs }) => pkijs.issuer.isEqual(sid.issuer) && pkijs.serialNumber.isEqual(sid.serialNumber),
  )
}

/** First value of a signed or unsigned attribute. */
export function attributeValue(
  attributes: readonly Attribute[] | undefined,
  type: string,
): BaseBlock | undefined {
  return attributes?.find((attribute) => attribute.type === type)?.values[0]
}

const contentTypeAttribute = '1.2.840.113549.1.9.3'
const messageDigestAttribute = '1.2.840.113549.1.9.4'

/** What is wrong with a signature over its content, the first thing found; undefined when it holds. */
export type SignatureFault = 'algorithm' | 'attributes' | 'value'

/**
 * Verifies one signer: the attributes name this content by type and digest, and the certificate's key made the
 * signature over the attributes.
 */
export function verifySigner(
  data: ParsedSignedData,
  signer: SignerInfo,
  certificate: SigningCertificate,
): SignatureFault | undefined {
  const algorithm = digestName(signer.digestAlgorithm.algorithmId)
  if (algorithm === undefined) return 'algorithm'
  const attributes = signer.signedAttrs?.attributes
  if (signer.signedAttrs === undefined || attributes === undefined) return 'attributes'
  const digest = attributeValue(attributes, messageDigestAttribute)
  const type = attributeValue(attributes, contentTypeAttribute)?.valueBlock as
    | { toString(): string }
    | undefined
  const actual = createHash(algorithm).update(data.content).digest()
  if (!(digest instanceof OctetString) || !actual.equals(new Uint8Array(digest.getValue())))
    return 'attributes'
  if (type?.toString() !== data.contentType) return 'attributes'
  const signed = new Uint8Array(signer.signedAttrs.encodedValue)
  return hasSigned(signer, certificate, algorithm, signed) ? undefined : 'value'
}

function hasSigned(
  signer: SignerInfo,
  { x509 }: SigningCertificate,
  algorithm: string,
  signed: Uint8Array,
): boolean {
  const isPss = signer.signatureAlgorithm.algorithmId === rsaPss
  const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
  try {
    const signature = new Uint8Array(signer.signature.getValue())
    return verify(algorithm, signed, { key: x509.publicKey, ...padding }, signature)
  } catch {
    return false
  }
}
