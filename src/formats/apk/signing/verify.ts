import type { ApkArchive } from '../archive/apk-archive.ts'
import { sameBytes } from '../byte-cursor.ts'
import { sdk } from '../manifest/sdk-version.ts'
import type { SigningView } from '../manifest/signing-view.ts'
import type { Certificate } from './certificate.ts'
import type { ContentSweep } from './content-sweep.ts'
import { type JarSigner, verifyJar } from './jar/verify-jar.ts'
import type { Lineage } from './lineage.ts'
import { Refusal, type Remark } from './refusal.ts'
import type { SchemeSigner } from './scheme-signer.ts'
import { verifyV2 } from './scheme-v2.ts'
import { type RotatedSigners, verifyV3, verifyV31 } from './scheme-v3.ts'
import type { ContentDigest } from './signature-algorithms.ts'
import { blockId, type SigningBlock } from './signing-block.ts'

export type Scheme = 'v1' | 'v2' | 'v3' | 'v3.1'

/** Who signed a package, as Android sees it. */
export interface Verdict {
  readonly verified: boolean
  /** The schemes that were verified; which ones must be depends on the API levels of the package. */
  readonly schemes: readonly Scheme[]
  /** Its identity: the signers that the newest Android goes by. Empty unless verified. */
  readonly signers: readonly { readonly certificate: Certificate; readonly scheme: Scheme }[]
  /** The newest signer's key history, oldest first. */
  readonly lineage: Lineage | undefined
  /** Why it does not verify. */
  readonly problems: readonly Remark[]
  readonly remarks: readonly Remark[]
}

/** The signing block, and the content before it on its way through the digests that the block needs. */
export interface SignedContent {
  readonly block: SigningBlock
  readonly sweep: ContentSweep
}

export interface PackageContent {
  readonly archive: ApkArchive
  readonly signed: SignedContent | undefined
  /** False when entries overlap or contradict their headers: reading them one by one proves nothing. */
  readonly isTrusted: boolean
}

interface Found {
  v31?: RotatedSigners
  v3?: RotatedSigners
  v2?: readonly SchemeSigner[]
  v1?: readonly JarSigner[]
}

/**
 * Verifies a package's signatures the way Android does, for every version from its minimum on: v3.1, v3 and v2
 * where there are such, v1 where versions before 7.0 are supported or nothing newer is there (source.android.com,
 * "Application Signing"; the order and the cross-checks are those of Android's own verifier, apksig).
 */
export async function verifySignatures(
  { archive, signed, isTrusted }: PackageContent,
  view: SigningView,
): Promise<Verdict> {
  const remarks: Remark[] = []
  const found: Found = {}
  try {
    if (signed !== undefined) await verifyBlock(archive, signed, view, found, remarks)
    const isBlockSigned = found.v31 !== undefined || found.v3 !== undefined || found.v2 !== undefined
    if (view.sandboxVersion > 1 && !isBlockSigned) {
      throw new Refusal(
        'apk-signature-too-old',
        `targetSandboxVersion ${view.sandboxVersion} forbids v1 signatures`,
      )
    }
    if (view.minSdk < sdk.nougat || !isBlockSigned) {
      if (!isTrusted) throw new Refusal('apk-signature-unverifiable', 'entries can not be read one by one')
      const { signers, problems } = await verifyJar(archive, schemeNumbers(found), view.minSdk, remarks)
      if (problems.length > 0) return refused(problems, remarks)
      found.v1 = signers
    }
    crossCheck(found)
    if (view.targetSdk >= sdk.r && !isBlockSigned) {
      throw new Refusal('apk-signature-too-old', `targetSdkVersion ${view.targetSdk} forbids v1 signatures`)
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, detail, target } = error
    return refused([target === undefined ? { code, detail } : { code, detail, target }], remarks)
  }
  return { ...identity(found), verified: true, problems: [], remarks }
}

const refused = (problems: readonly Remark[], remarks: readonly Remark[]): Verdict => ({
  verified: false,
  schemes: [],
  signers: [],
  lineage: undefined,
  problems,
  remarks,
})

async function verifyBlock(
  archive: ApkArchive,
  signed: SignedContent,
  { minSdk }: SigningView,
  found: Found,
  remarks: Remark[],
): Promise<void> {
  const v31 = signed.block.values.get(blockId.v31)
  const v3 = signed.block.values.get(blockId.v3)
  const v2 = signed.block.values.get(blockId.v2)
  if (v31 !== undefined) {
    if (v3 === undefined)
      throw new Refusal('apk-signature-stripped', 'it has a v3.1 signature and no v3 signature')
    found.v31 = verifyV31(v31, remarks)
  }
  if (v3 !== undefined) found.v3 = verifyV3(v3, minSdk, found.v31?.minSdk, remarks)
  const isV2Needed = minSdk < sdk.pie || v3 === undefined
  if (v2 !== undefined && isV2Needed) found.v2 = verifyV2(v2, minSdk, v3 !== undefined, remarks)
  await verifyContent(archive, signed, found)
}

const decisiveKinds = (signers: readonly SchemeSigner[]): Set<ContentDigest> =>
  new Set(signers.flatMap(({ decisive }) => decisive))

const pageSize = 4096

/** Compares what the signers vouch for with the content. */
async function verifyContent(
  archive: ApkArchive,
  { block, sweep }: SignedContent,
  found: Found,
): Promise<void> {
  const schemes = [found.v31?.signers, found.v3?.signers, found.v2].filter((signers) => signers !== undefined)
  if (schemes.length === 0) return
  const usesVerity = schemes.some((signers) => decisiveKinds(signers).has('verity-sha256'))
  if (usesVerity && (block.offset % pageSize !== 0 || block.size % pageSize !== 0)) {
    const detail = `for a verity digest the signing block must fill whole pages of ${pageSize} bytes`
    throw new Refusal('apk-signature-malformed', detail)
  }
  const endRecord = Buffer.from(archive.endRecord)
  endRecord.writeUInt32LE(block.offset, 16)
  const { directoryOffset, directorySize } = archive
  const actual = await sweep.digests({ directoryOffset, directorySize, endRecord })
  for (const signers of schemes) {
    const decisive = decisiveKinds(signers)
    for (const { title, expected } of signers) {
      for (const { kind, digest } of expected) {
        const computed = actual.get(kind)
        if (!decisive.has(kind) || (computed !== undefined && sameBytes(computed, digest))) continue
        throw new Refusal('apk-signature-content', `the package was changed after it signed (${kind})`, title)
      }
    }
  }
}

function schemeNumbers(found: Found): Set<number> {
  const numbers = new Set<number>()
  if (found.v3 !== undefined) numbers.add(3)
  if (found.v2 !== undefined) numbers.add(2)
  return numbers
}

const prints = (signers: readonly { readonly certificate: Certificate }[]): string[] =>
  signers.map(({ certificate }) => certificate.sha256)

/** An update must find the same signer whatever scheme a device goes by. */
function crossCheck({ v1, v2, v3, v31 }: Found): void {
  if (v1 !== undefined && v2 !== undefined) {
    const [ones, twos] = [new Set(prints(v1)), new Set(prints(v2))]
    if (ones.symmetricDifference(twos).size > 0) refuseDifference('schemes v1 and v2 have different signers')
  }
  const past = v1 ?? v2
  if (v3 === undefined || past === undefined) return
  const [old] = prints(past)
  if (past.length !== 1) refuseDifference('an older scheme has several signers, v3 knows only one')
  const lineage = v31?.lineage ?? v3.lineage
  if (lineage !== undefined) {
    if (lineage[0]?.sha256 === old) return
    refuseDifference('the signer of an older scheme is not the oldest of the v3 lineage')
  }
  if (v3.signers.length !== 1) refuseDifference('scheme v3 has several signers without a lineage')
  if (prints(v3.signers)[0] !== old) refuseDifference('schemes v3 and older have different signers')
}

function refuseDifference(detail: string): never {
  throw new Refusal('apk-signature-signers-differ', detail)
}

function identity({ v1, v2, v3, v31 }: Found): Pick<Verdict, 'schemes' | 'signers' | 'lineage'> {
  const schemes: Scheme[] = []
  if (v1 !== undefined) schemes.push('v1')
  if (v2 !== undefined) schemes.push('v2')
  if (v3 !== undefined) schemes.push('v3')
  if (v31 !== undefined) schemes.push('v3.1')
  const scheme = schemes.at(-1) ?? 'v1'
  const rotated = v31 ?? v3
  const all = rotated?.signers.slice(-1) ?? v2 ?? v1 ?? []
  const signers = all.map(({ certificate }) => ({ certificate, scheme }))
  return { schemes, signers, lineage: rotated?.lineage }
}
