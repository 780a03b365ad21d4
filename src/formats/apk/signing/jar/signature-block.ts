import { createHash, verify } from 'node:crypto'
import { Malformed, sameBytes } from '../../byte-cursor.ts'
import { sdk } from '../../manifest/sdk-version.ts'
import { type Certificate, readCertificate } from '../certificate.ts'
import { Refusal } from '../refusal.ts'
import { jarAlgorithm } from './jar-algorithms.ts'
import { readSignedData, type SignedAttributes, type SignedData, type SignerInfo } from './pkcs7.ts'

const mostCertificates = 100
const mostSignerInfos = 10

/**
 * Verifies a signature block file against its `.SF` file for the Android versions from `minSdk` on.
 * @param blockName for findings
 * @returns the certificate whose key signed
 * @throws Refusal
 */
export function verifySignatureBlock(
  blockName: string,
  block: Uint8Array,
  signatureFile: Uint8Array,
  minSdk: number,
): Certificate {
  try {
    return firstVerified(blockName, block, signatureFile, minSdk)
  } catch (error) {
    if (error instanceof Malformed) throw new Refusal('apk-v1-malformed', error.message, blockName)
    throw error
  }
}

function firstVerified(
  blockName: string,
  block: Uint8Array,
  signatureFile: Uint8Array,
  minSdk: number,
): Certificate {
  const data = readSignedData(block)
  if (data.signerInfos.length === 0) throw new Refusal('apk-v1-malformed', 'it has no signers', blockName)
  if (data.certificates.length > mostCertificates || data.signerInfos.length > mostSignerInfos) {
    throw new Refusal('apk-v1-malformed', 'it has absurdly many signers or certificates', blockName)
  }
  const certificates = data.certificates.map((encoded) => readCertificate(encoded))
  // Before Android 7 only the first signer was looked at; since then every one, until one verifies.
  const candidates = minSdk < sdk.nougat ? data.signerInfos.slice(0, 1) : data.signerInfos
  let verified: Certificate | undefined
  for (const info of candidates) {
    const certificate = verifySigner(blockName, data, certificates, info, signatureFile, minSdk)
    verified ??= certificate
  }
  if (verified !== undefined) return verified
  throw new Refusal('apk-v1-invalid', 'its signature does not verify', blockName)
}

/** Undefined when this signer does not verify but another may. */
function verifySigner(
  blockName: string,
  data: SignedData,
  certificates: readonly Certificate[],
  info: SignerInfo,
  signatureFile: Uint8Array,
  minSdk: number,
): Certificate | undefined {
  const algorithm = jarAlgorithm(info.digestOid, info.signatureOid)
  if (algorithm === undefined || algorithm.minSdk > minSdk) {
    const pair = `digest ${info.digestOid} with signature algorithm ${info.signatureOid}`
    throw new Refusal(
      'apk-v1-algorithm',
      `not every Android version from ${minSdk} on verifies ${pair}`,
      blockName,
    )
  }
  const certificate = certificates.find(
    ({ issuer, serialNumber }) => issuer === info.issuer && serialNumber === info.serialNumber,
  )
  if (certificate === undefined)
    throw new Refusal('apk-v1-malformed', 'its certificate is missing', blockName)
  checkPurpose(certificate, blockName)
  if (certificate.publicKey.asymmetricKeyType !== algorithm.keyType) {
    throw new Refusal('apk-v1-invalid', 'its key is of another kind than its signature', blockName)
  }
  const attributes = info.signedAttributes
  if (attributes !== undefined) {
    if (minSdk < sdk.kitKat) {
      throw new Refusal('apk-v1-invalid', 'Android before 4.4 does not check signed attributes', blockName)
    }
    if (!attributesHold(attributes, data, algorithm.hash, signatureFile, blockName)) return undefined
  }
  const signed = attributes?.signedBytes ?? signatureFile
  return holds(algorithm.hash, signed, certificate, info.signature) ? certificate : undefined
}

function checkPurpose(certificate: Certificate, blockName: string): void {
  const problem = certificate.hasUnknownCriticalExtension
    ? 'its certificate has a critical extension that Android does not know'
    : certificate.maySign
      ? undefined
      : 'its certificate is not for signatures'
  if (problem !== undefined) throw new Refusal('apk-v1-invalid', problem, blockName)
}

function attributesHold(
  attributes: SignedAttributes,
  data: SignedData,
  hash: string,
  signatureFile: Uint8Array,
  blockName: string,
): boolean {
  if (attributes.contentType === undefined || attributes.messageDigest === undefined) {
    throw new Refusal(
      'apk-v1-invalid',
      'its signed attributes lack the content type or the digest',
      blockName,
    )
  }
  if (attributes.contentType !== data.contentType) return false
  return sameBytes(createHash(hash).update(signatureFile).digest(), attributes.messageDigest)
}

function holds(hash: string, data: Uint8Array, certificate: Certificate, signature: Uint8Array): boolean {
  try {
    return verify(hash, data, certificate.publicKey, signature)
  } catch {
    return false
  }
}
