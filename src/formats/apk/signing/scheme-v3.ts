import { ByteCursor } from '../byte-cursor.ts'
import { sdk } from '../manifest/sdk-version.ts'
import { type Lineage, mergeLineages, readLineage } from './lineage.ts'
import { Refusal, type Remark } from './refusal.ts'
import { latestSdk, readSigners, type SchemeSigner, wellFormed } from './scheme-signer.ts'

const attribute = {
  proofOfRotation: 0x3ba06f8c,
  rotationMinSdk: 0x559f8b02,
  rotationOnDevRelease: 0xc2a6b3ba,
} as const

/** A v3 or v3.1 block whose signers verified; the content is left to the caller. */
export interface RotatedSigners {
  readonly signers: readonly SchemeSigner[]
  readonly lineage: Lineage | undefined
  /** Lowest API level that a signer is for. */
  readonly minSdk: number
}

/**
 * Verifies a v3 block's signers for the API levels from `minSdk` on.
 * @param rotationMinSdk the level from which a v3.1 block takes over; undefined without one
 * @throws Refusal
 */
export function verifyV3(
  block: Uint8Array,
  minSdk: number,
  rotationMinSdk: number | undefined,
  remarks: Remark[],
): RotatedSigners {
  const from = Math.max(minSdk, sdk.pie)
  const signers = readSigners('v3', block, { minSdk: from, maxSdk: latestSdk }, remarks)
  for (const signer of signers) checkRotationLevel(signer, rotationMinSdk)
  return consistent(
    'v3',
    signers,
    from,
    rotationMinSdk === undefined ? latestSdk : rotationMinSdk - 1,
    remarks,
  )
}

/**
 * Verifies a v3.1 block's signers, which may be for any later part of the API levels.
 * @throws Refusal
 */
export function verifyV31(block: Uint8Array, remarks: Remark[]): RotatedSigners {
  const signers = readSigners('v3.1', block, { minSdk: latestSdk, maxSdk: latestSdk }, remarks)
  return consistent('v3.1', signers, latestSdk, latestSdk, remarks)
}

// A v3 signer says from which level on a v3.1 block must be there, so that nobody can take it away.
function checkRotationLevel({ title, attributes }: SchemeSigner, rotationMinSdk: number | undefined): void {
  for (const { id, value } of attributes) {
    if (id !== attribute.rotationMinSdk) continue
    const level = wellFormed(title, () => new ByteCursor(value).i32())
    if (rotationMinSdk === undefined) {
      const detail = `a v3.1 signature must be there from API level ${level} on, and is not`
      throw new Refusal('apk-signature-stripped', detail, title)
    }
    if (level !== rotationMinSdk) {
      const detail = `it expects a v3.1 signature from API level ${level} on, which begins at ${rotationMinSdk}`
      throw new Refusal('apk-signature-sdk-range', detail, title)
    }
  }
}

function consistent(
  scheme: 'v3' | 'v3.1',
  signers: readonly SchemeSigner[],
  mustBeginBy: number,
  mustReach: number,
  remarks: Remark[],
): RotatedSigners {
  const name = `APK Signature Scheme ${scheme}`
  const ordered = [...signers].sort((a, b) => a.maxSdk - b.maxSdk)
  let previous: SchemeSigner | undefined
  let lineage: Lineage | undefined
  let longest = 0
  for (const signer of ordered) {
    if (previous !== undefined && !follows(previous, signer)) {
      throw new Refusal(
        'apk-signature-sdk-range',
        'the API levels of its signers overlap or leave a gap',
        name,
      )
    }
    previous = signer
    const own = signerLineage(signer, scheme, remarks)
    if (own === undefined) continue
    const merged = lineage === undefined ? own : mergeLineages(lineage, own)
    if (merged === undefined || own.length < longest) {
      throw new Refusal('apk-signature-lineage', 'its signers prove different rotations', name)
    }
    lineage = merged
    longest = own.length
  }
  const first = ordered[0]?.minSdk ?? 0
  if (first > mustBeginBy || (previous?.maxSdk ?? 0) < mustReach) {
    const covered = `its signers are for API levels ${first} to ${previous?.maxSdk ?? 0}`
    throw new Refusal('apk-signature-sdk-range', `${covered}, which leaves some without`, name)
  }
  return { signers, lineage, minSdk: Math.min(...signers.map(({ minSdk }) => minSdk)) }
}

function follows(previous: SchemeSigner, signer: SchemeSigner): boolean {
  if (signer.minSdk === previous.maxSdk + 1) return true
  // A development release still reports the level of the release before it.
  const onDevRelease = signer.attributes.some(({ id }) => id === attribute.rotationOnDevRelease)
  return onDevRelease && signer.minSdk === previous.maxSdk
}

function signerLineage(signer: SchemeSigner, scheme: 'v3' | 'v3.1', remarks: Remark[]): Lineage | undefined {
  const { title, attributes, certificate } = signer
  let lineage: Lineage | undefined
  for (const { id, value } of attributes) {
    if (id === attribute.proofOfRotation) {
      if (lineage !== undefined) {
        throw new Refusal('apk-signature-lineage', 'it has two proofs of rotation', title)
      }
      lineage = wellFormed(title, () => readLineage(value, title))
    } else if (id === attribute.rotationOnDevRelease ? scheme === 'v3' : id !== attribute.rotationMinSdk) {
      remarks.push({ code: 'apk-signature-unknown-part', detail: `it has an attribute ${id}`, target: title })
    }
  }
  if (lineage !== undefined && lineage.at(-1)?.sha256 !== certificate.sha256) {
    throw new Refusal(
      'apk-signature-lineage',
      'its proof of rotation does not end with its certificate',
      title,
    )
  }
  return lineage
}
