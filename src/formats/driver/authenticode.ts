import { fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { signatureExtent } from '../containers/cab.ts'
import { readerFrom } from '../containers/cab-locate.ts'
import type { Cabinet } from '../containers/cab-types.ts'
import type { Fact, Reader } from '../types.ts'
import { digestSignedCab } from './cab-digest.ts'
import {
  certificateFacts,
  chainOf,
  hasEvPolicy,
  isForCodeSigning,
  isSelfSigned,
  type SigningCertificate,
} from './certificate.ts'
import type { DriverFindingList } from './findings.ts'
import {
  digestName,
  type ParsedSignedData,
  parseSignedData,
  signerCertificate,
  verifySigner,
} from './signed-data.ts'
import { readTimestamp, type Timestamp } from './timestamp.ts'

const indirectData = '1.3.6.1.4.1.311.2.1.4'
const nestedSignature = '1.3.6.1.4.1.311.2.4.1'
/** Largest signature that is read; real ones with their chains take some ten thousand bytes. */
const largestSignature = 1024 * 1024
/** Digests that the signing service still takes (microsoft-hardware.md 5.4 and 8.2). */
const strongDigests = new Set(['sha256', 'sha384', 'sha512'])
/** The head of a signed cabinet: the header, the sizes of the reserved areas, and Authenticode's twenty bytes. */
const signedHead = 60

/**
 * Verifies the Authenticode signature of a cabinet (microsoft-hardware.md 8.2) and tells what it says. Whether the
 * chain ends in a trusted root is not judged: `chainTrusted` is always false.
 * @returns facts, `{present: false}` when unsigned.
 */
export async function inspectSignature(
  reader: Reader,
  cabinet: Cabinet,
  findings: DriverFindingList,
): Promise<{ readonly [name: string]: Fact }> {
  const extent = signatureExtent(cabinet.reserve)
  if (extent === undefined) {
    findings.add('driver-unsigned', undefined)
    return { present: false }
  }
  const bytes = readerFrom(reader, cabinet.baseOffset)
  const isPlaced = extent.offset === cabinet.size && extent.offset >= signedHead
  if (!isPlaced || extent.length > Math.min(largestSignature, bytes.size - extent.offset)) {
    findings.add('driver-signature-location', undefined)
    return { present: true, isValid: false }
  }
  const data = parseSignedData(await bytes.read(extent.offset, extent.length))
  const signed = data && readIndirectData(data)
  if (data === undefined || signed === undefined) {
    findings.add('driver-signature-unreadable', undefined)
    return { present: true, isValid: false }
  }
  const before = findings.errors()
  const algorithm = digestName(signed.algorithm)
  const digest = algorithm === undefined ? undefined : await digestSignedCab(bytes, extent.offset, algorithm)
  const digestMatches = digest?.equals(signed.digest) ?? false
  if (algorithm === undefined || !strongDigests.has(algorithm)) {
    findings.add('driver-signature-algorithm', undefined, algorithm ?? signed.algorithm)
  }
  if (digest !== undefined && !digestMatches) findings.add('driver-signature-digest', undefined)
  const signer = inspectSigner(data, algorithm, findings)
  return {
    present: true,
    isValid: findings.errors() === before,
    digestAlgorithm: algorithm ?? signed.algorithm,
    digest: signed.digest.toString('hex'),
    digestMatches,
    chainTrusted: false,
    ...signer,
  }
}

/** SpcIndirectDataContent: what was signed, then a DigestInfo. */
function readIndirectData(data: ParsedSignedData): { algorithm: string; digest: Buffer } | undefined {
  if (data.contentType !== indirectData) return undefined
  const [first, second] = childrenOf(data.content)
  if (first === undefined || !(second instanceof Sequence)) return undefined
  const [identifier, digest] = second.valueBlock.value
  const algorithm = identifier instanceof Sequence ? identifier.valueBlock.value[0] : undefined
  if (!(algorithm instanceof ObjectIdentifier) || !(digest instanceof OctetString)) return undefined
  return { algorithm: algorithm.getValue(), digest: Buffer.from(digest.getValue()) }
}

/** The elements that follow one another in a run of BER. */
function childrenOf(bytes: Uint8Array) {
  const first = fromBER(bytes)
  if (first.offset < 0) return []
  const second = fromBER(bytes.slice(first.offset))
  return second.offset < 0 ? [] : [first.result, second.result]
}

function inspectSigner(
  data: ParsedSignedData,
  contentAlgorithm: string | undefined,
  findings: DriverFindingList,
): { readonly [name: string]: Fact } {
  const [signer] = data.signers
  if (signer === undefined || data.signers.length !== 1) {
    findings.add('driver-signature-signers', undefined, data.signers.length)
    return {}
  }
  const certificate = signerCertificate(signer, data.certificates)
  if (certificate === undefined) {
    findings.add('driver-signature-no-certificate', undefined)
    return {}
  }
  const fault = verifySigner(data, signer, certificate)
  if (fault !== undefined) findings.add('driver-signature-invalid', undefined, fault)
  const digest = digestName(signer.digestAlgorithm.algorithmId)
  if (digest !== undefined && digest !== contentAlgorithm && !strongDigests.has(digest))
    findings.add('driver-signature-algorithm', undefined, digest)
  const timestamp = readTimestamp(signer, data.certificates)
  judgeCertificate(certificate, timestamp, findings)
  const nested = signer.unsignedAttrs?.attributes.filter(({ type }) => type === nestedSignature).length ?? 0
  return {
    signer: certificateFacts(certificate),
    chain: chainOf(certificate, data.certificates).slice(1, 10).map(certificateFacts),
    timestamp: timestamp === undefined ? null : { ...timestamp },
    nestedSignatures: nested,
  }
}

function judgeCertificate(
  certificate: SigningCertificate,
  timestamp: Timestamp | undefined,
  findings: DriverFindingList,
) {
  if (!isForCodeSigning(certificate)) findings.add('driver-signature-purpose', undefined)
  if (!hasEvPolicy(certificate)) findings.add('driver-signature-not-ev', undefined)
  findings.add('driver-signature-chain', undefined, isSelfSigned(certificate))
  if (timestamp === undefined) return findings.add('driver-signature-no-timestamp', undefined)
  if (!timestamp.isValid || timestamp.time === null)
    return findings.add('driver-signature-timestamp', undefined)
  const time = Date.parse(timestamp.time)
  const { validFromDate, validToDate } = certificate.x509
  if (time < validFromDate.getTime() || time > validToDate.getTime()) {
    findings.add('driver-signature-expired', undefined, timestamp.time)
  }
}
