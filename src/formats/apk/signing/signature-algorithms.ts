import { constants, type KeyObject, verify } from 'node:crypto'
import { sdk } from '../manifest/sdk-version.ts'

/**
 * Digest over the whole package, weakest first: SHA-256 over SHA-256s of megabytes, the root of a Merkle tree
 * over pages (dm-verity), SHA-512 over SHA-512s of megabytes.
 */
export const contentDigests = ['chunked-sha256', 'verity-sha256', 'chunked-sha512'] as const

export type ContentDigest = (typeof contentDigests)[number]

/** A signature algorithm of the schemes v2 and newer. */
export interface SignatureAlgorithm {
  readonly id: number
  readonly name: string
  readonly keyType: 'rsa' | 'ec' | 'dsa'
  readonly hash: 'sha256' | 'sha512'
  readonly isPss: boolean
  readonly contentDigest: ContentDigest
  /** First API level whose verifier knows it. */
  readonly minSdk: number
}

const rsa = { keyType: 'rsa', isPss: false } as const
const pss = { keyType: 'rsa', isPss: true } as const
const ec = { keyType: 'ec', isPss: false } as const
const dsa = { keyType: 'dsa', isPss: false } as const
const sha256 = { hash: 'sha256', contentDigest: 'chunked-sha256', minSdk: sdk.nougat } as const
const sha512 = { hash: 'sha512', contentDigest: 'chunked-sha512', minSdk: sdk.nougat } as const
const verity = { hash: 'sha256', contentDigest: 'verity-sha256', minSdk: sdk.pie } as const

/** source.android.com, "APK Signature Scheme v2", Signature algorithm IDs; the verity ones from v3's verifier. */
const algorithms: readonly SignatureAlgorithm[] = [
  { id: 0x0101, name: 'RSASSA-PSS with SHA-256', ...pss, ...sha256 },
  { id: 0x0102, name: 'RSASSA-PSS with SHA-512', ...pss, ...sha512 },
  { id: 0x0103, name: 'RSASSA-PKCS1-v1_5 with SHA-256', ...rsa, ...sha256 },
  { id: 0x0104, name: 'RSASSA-PKCS1-v1_5 with SHA-512', ...rsa, ...sha512 },
  { id: 0x0201, name: 'ECDSA with SHA-256', ...ec, ...sha256 },
  { id: 0x0202, name: 'ECDSA with SHA-512', ...ec, ...sha512 },
  { id: 0x0301, name: 'DSA with SHA-256', ...dsa, ...sha256 },
  { id: 0x0421, name: 'RSASSA-PKCS1-v1_5 with SHA-256 and verity', ...rsa, ...verity },
  { id: 0x0423, name: 'ECDSA with SHA-256 and verity', ...ec, ...verity },
  { id: 0x0425, name: 'DSA with SHA-256 and verity', ...dsa, ...verity },
]

const byId = new Map(algorithms.map((algorithm) => [algorithm.id, algorithm]))

export const signatureAlgorithm = (id: number): SignatureAlgorithm | undefined => byId.get(id)

export interface ClaimedSignature {
  readonly algorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

/**
 * The signatures that Android versions from `minSdk` on would look at: for every level at which algorithms
 * appeared, the one with the strongest content digest.
 * @returns undefined when some version would find none it knows
 */
export function signaturesToVerify(
  signatures: readonly ClaimedSignature[],
  minSdk: number,
  maxSdk: number,
): ClaimedSignature[] | undefined {
  const best = new Map<number, ClaimedSignature>()
  for (const claimed of signatures) {
    const level = claimed.algorithm.minSdk
    if (level > maxSdk) continue
    const rival = best.get(level)
    if (rival === undefined || strength(claimed) > strength(rival)) best.set(level, claimed)
  }
  return best.size === 0 || minSdk < Math.min(...best.keys()) ? undefined : [...best.values()]
}

const strength = ({ algorithm }: ClaimedSignature): number => contentDigests.indexOf(algorithm.contentDigest)

/** False also for a key of another kind than the algorithm's. */
export function signatureVerifies(
  { algorithm, signature }: ClaimedSignature,
  key: KeyObject,
  data: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== algorithm.keyType) return false
  const { hash, isPss } = algorithm
  try {
    if (!isPss) return verify(hash, data, key, signature)
    const padding = constants.RSA_PKCS1_PSS_PADDING
    return verify(hash, data, { key, padding, saltLength: hash === 'sha512' ? 64 : 32 }, signature)
  } catch {
    // OpenSSL throws for keys that no signature can be checked with, such as points off their curve.
    return false
  }
}
