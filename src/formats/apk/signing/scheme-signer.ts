import { ByteCursor, Malformed, prefixedElements, sameBytes } from '../byte-cursor.ts'
import { type Certificate, readCertificate, readPublicKey } from './certificate.ts'
import { Refusal, type Remark } from './refusal.ts'
import {
  type ClaimedSignature,
  type ContentDigest,
  signatureAlgorithm,
  signaturesToVerify,
  signatureVerifies,
} from './signature-algorithms.ts'

export type BlockScheme = 'v2' | 'v3' | 'v3.1'

/** One signer of a scheme whose signature over its own data was verified; the content is not yet. */
export interface SchemeSigner {
  /** How findings call it. */
  readonly title: string
  readonly certificate: Certificate
  /** Digests of the package's content that this signer vouches for, by kind. */
  readonly expected: readonly { readonly kind: ContentDigest; readonly digest: Uint8Array }[]
  /** The kinds that Android versions of the range would check. */
  readonly decisive: readonly ContentDigest[]
  readonly attributes: readonly { readonly id: number; readonly value: Uint8Array }[]
  /** The API levels it is for; all of them in v2. */
  readonly minSdk: number
  readonly maxSdk: number
}

export interface SdkRange {
  readonly minSdk: number
  readonly maxSdk: number
}

/** API levels have no end. */
export const latestSdk = 0x7fffffff

/**
 * Reads the signers of a scheme's block and verifies what each of them signed.
 * @param range the API levels to verify for; v3 signers state their own.
 * @throws Refusal for the first signer that does not verify
 */
export function readSigners(
  scheme: BlockScheme,
  block: Uint8Array,
  range: SdkRange,
  remarks: Remark[],
): SchemeSigner[] {
  const name = `APK Signature Scheme ${scheme}`
  const signers = wellFormed(name, () => prefixedElements(new ByteCursor(block).prefixed()))
  if (signers.length === 0) throw new Refusal('apk-signature-malformed', 'it has no signers', name)
  // Checked first: each signer costs public key operations.
  if (signers.length > mostSigners) {
    throw new Refusal('apk-signature-too-many-signers', `it has ${signers.length} signers`, name)
  }
  return signers.map((bytes, index) => {
    const title = `${name} signer #${index + 1}`
    return wellFormed(title, () => readSigner(scheme, bytes, range, title, remarks))
  })
}

const mostSigners = 10

/** Malformed bytes as a refusal of the signer they belong to. */
export function wellFormed<T>(title: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Malformed) throw new Refusal('apk-signature-malformed', error.message, title)
    throw error
  }
}

function readSigner(
  scheme: BlockScheme,
  bytes: Uint8Array,
  range: SdkRange,
  title: string,
  remarks: Remark[],
): SchemeSigner {
  const signer = new ByteCursor(bytes)
  const signedBytes = signer.prefixed()
  const own = scheme === 'v2' ? range : readRange(signer)
  if (own.minSdk < 0 || own.minSdk > own.maxSdk) {
    throw new Refusal('apk-signature-sdk-range', `it is for API levels ${own.minSdk} to ${own.maxSdk}`, title)
  }
  const signatures = algorithmPairs(signer.prefixed())
  const publicKeyInfo = signer.prefixed()
  const verified = verifySignedData(signatures, publicKeyInfo, signedBytes, own, title, remarks)

  const signed = new ByteCursor(signedBytes)
  const digestBytes = signed.prefixed()
  const certificateBytes = signed.prefixed()
  if (scheme !== 'v2') requireSameRange(own, readRange(signed), title)
  const attributeBytes = signed.prefixed()
  const [certificate] = prefixedElements(certificateBytes).map((encoded) => readCertificate(encoded))
  if (certificate === undefined) throw new Refusal('apk-signature-malformed', 'it has no certificate', title)
  if (!sameBytes(publicKeyInfo, certificate.publicKeyInfo)) {
    throw new Refusal('apk-signature-key-mismatch', 'its public key is not that of its certificate', title)
  }
  const digests = algorithmPairs(digestBytes)
  if (signatures.map(({ id }) => id).join() !== digests.map(({ id }) => id).join()) {
    throw new Refusal(
      'apk-signature-malformed',
      'it lists other algorithms for signatures than for digests',
      title,
    )
  }
  return {
    title,
    certificate,
    expected: digests.flatMap(({ id, value }) => {
      const algorithm = signatureAlgorithm(id)
      return algorithm === undefined ? [] : [{ kind: algorithm.contentDigest, digest: value }]
    }),
    decisive: verified.map(({ algorithm }) => algorithm.contentDigest),
    attributes: prefixedElements(attributeBytes).map(readAttribute),
    ...own,
  }
}

const readRange = (cursor: ByteCursor): SdkRange => ({ minSdk: cursor.i32(), maxSdk: cursor.i32() })

function requireSameRange(outer: SdkRange, signed: SdkRange, title: string): void {
  if (outer.minSdk === signed.minSdk && outer.maxSdk === signed.maxSdk) return
  const detail = `it signed API levels ${signed.minSdk} to ${signed.maxSdk} and claims ${outer.minSdk} to ${outer.maxSdk}`
  throw new Refusal('apk-signature-sdk-range', detail, title)
}

/** Lists of an algorithm's id with bytes: signatures and digests. */
function algorithmPairs(sequence: Uint8Array): { id: number; value: Uint8Array }[] {
  return prefixedElements(sequence).map((element) => {
    const cursor = new ByteCursor(element)
    return { id: cursor.u32(), value: cursor.prefixed() }
  })
}

function readAttribute(element: Uint8Array): { id: number; value: Uint8Array } {
  const cursor = new ByteCursor(element)
  return { id: cursor.u32(), value: cursor.rest() }
}

function verifySignedData(
  signatures: readonly { id: number; value: Uint8Array }[],
  publicKeyInfo: Uint8Array,
  signedBytes: Uint8Array,
  range: SdkRange,
  title: string,
  remarks: Remark[],
): ClaimedSignature[] {
  if (signatures.length === 0) throw new Refusal('apk-signature-malformed', 'it has no signatures', title)
  const known: ClaimedSignature[] = []
  for (const { id, value } of signatures) {
    const algorithm = signatureAlgorithm(id)
    if (algorithm !== undefined) known.push({ algorithm, signature: value })
    else
      remarks.push({
        code: 'apk-signature-unknown-part',
        detail: `it has a signature of algorithm ${id}`,
        target: title,
      })
  }
  const decisive = signaturesToVerify(known, range.minSdk, range.maxSdk)
  if (decisive === undefined) {
    const detail = `it has no signature that Android knows from API level ${range.minSdk} on`
    throw new Refusal('apk-signature-algorithm', detail, title)
  }
  const publicKey = readPublicKey(publicKeyInfo)
  for (const claimed of decisive) {
    if (signatureVerifies(claimed, publicKey, signedBytes)) continue
    throw new Refusal(
      'apk-signature-invalid',
      `its signature (${claimed.algorithm.name}) does not verify`,
      title,
    )
  }
  return decisive
}

/**
 * The kinds of content digests that a scheme's signers name, before anything is verified: what may be needed once
 * their signatures hold. Empty for a malformed block.
 */
export function namedContentDigests(scheme: BlockScheme, block: Uint8Array): Set<ContentDigest> {
  const kinds = new Set<ContentDigest>()
  try {
    for (const bytes of prefixedElements(new ByteCursor(block).prefixed())) {
      const signer = new ByteCursor(bytes)
      signer.prefixed()
      if (scheme !== 'v2') readRange(signer)
      for (const { id } of algorithmPairs(signer.prefixed())) {
        const kind = signatureAlgorithm(id)?.contentDigest
        if (kind !== undefined) kinds.add(kind)
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
  return kinds
}
