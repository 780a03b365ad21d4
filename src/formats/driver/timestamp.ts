import { createHash } from 'node:crypto'
import { type BaseBlock, GeneralizedTime, UTCTime } from 'asn1js'
import { type SignerInfo, SignerInfo as SignerInfoClass, TSTInfo } from 'pkijs'
import { isoTime, type SigningCertificate } from './certificate.ts'
import {
  attributeValue,
  digestName,
  parseSignedData,
  signerCertificate,
  verifySigner,
} from './signed-data.ts'

const rfc3161Attribute = '1.3.6.1.4.1.311.3.3.1'
const counterSignatureAttribute = '1.2.840.113549.1.9.6'
const timestampContent = '1.2.840.113549.1.9.16.1.4'
const signingTimeAttribute = '1.2.840.113549.1.9.5'

/** When a signature was made according to a time-stamp on it. */
export interface Timestamp {
  readonly kind: 'rfc3161' | 'counterSignature'
  /** ISO 8601; null when it can't be read. */
  readonly time: string | null
  /** True when the stamp is for this signature and was signed by a certificate that it or the package carries. */
  readonly isValid: boolean
}

/** The time-stamp of a signer, RFC 3161 or the older counter-signature; undefined when there is none. */
export function readTimestamp(
  signer: SignerInfo,
  certificates: readonly SigningCertificate[],
): Timestamp | undefined {
  const attributes = signer.unsignedAttrs?.attributes
  const signature = new Uint8Array(signer.signature.getValue())
  const stamp = attributeValue(attributes, rfc3161Attribute)
  if (stamp !== undefined) return readRfc3161(stamp, signature)
  const counter = attributeValue(attributes, counterSignatureAttribute)
  return counter && readCounterSignature(counter, signature, certificates)
}

function readRfc3161(stamp: BaseBlock, signature: Uint8Array): Timestamp {
  const unreadable: Timestamp = { kind: 'rfc3161', time: null, isValid: false }
  const data = parseSignedData(new Uint8Array(stamp.toBER()))
  if (data?.contentType !== timestampContent) return unreadable
  try {
    const info = TSTInfo.fromBER(data.content)
    const algorithm = digestName(info.messageImprint.hashAlgorithm.algorithmId)
    const imprint = new Uint8Array(info.messageImprint.hashedMessage.getValue())
    const isForThis =
      algorithm !== undefined && createHash(algorithm).update(signature).digest().equals(imprint)
    const [signer] = data.signers
    const certificate = signer && signerCertificate(signer, data.certificates)
    const isSigned =
      signer !== undefined &&
      certificate !== undefined &&
      verifySigner(data, signer, certificate) === undefined
    return { kind: 'rfc3161', time: isoTime(info.genTime), isValid: isForThis && isSigned }
  } catch {
    return unreadable
  }
}

function readCounterSignature(
  block: BaseBlock,
  signature: Uint8Array,
  certificates: readonly SigningCertificate[],
): Timestamp {
  try {
    const signer = new SignerInfoClass({ schema: block })
    const time = attributeValue(signer.signedAttrs?.attributes, signingTimeAttribute)
    const certificate = signerCertificate(signer, certificates)
    // A counter-signature's content is the signature it stamps; its type is plain data (PKCS#9).
    const data = {
      contentType: '1.2.840.113549.1.7.1',
      content: signature,
      certificates: [],
      signers: [signer],
    }
    const isValid = certificate !== undefined && verifySigner(data, signer, certificate) === undefined
    const stated = time instanceof UTCTime || time instanceof GeneralizedTime ? isoTime(time.toDate()) : null
    return { kind: 'counterSignature', time: stated, isValid }
  } catch {
    return { kind: 'counterSignature', time: null, isValid: false }
  }
}
