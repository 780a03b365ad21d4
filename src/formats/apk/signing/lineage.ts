import { ByteCursor, Malformed, prefixedElements } from '../byte-cursor.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { Refusal } from './refusal.ts'
import { signatureAlgorithm, signatureVerifies } from './signature-algorithms.ts'

/** A signing key's ancestors and itself, oldest first: each vouched for by the one before it. */
export type Lineage = readonly Certificate[]

const version = 1
/** Nobody rotates that often, and every step costs a public key operation. */
const mostSteps = 50

/**
 * Reads a proof-of-rotation attribute and verifies every step of it (source.android.com, "APK Signature Scheme
 * v3", Proof-of-rotation).
 * @throws Refusal, Malformed
 */
export function readLineage(value: Uint8Array, title: string): Lineage {
  const cursor = new ByteCursor(value)
  if (cursor.u32() !== version) throw new Malformed('its proof of rotation has an unknown version')
  const lineage: Certificate[] = []
  let parentAlgorithm = 0
  const steps = prefixedElements(cursor.rest())
  if (steps.length > mostSteps) refuse(`its proof of rotation has ${steps.length} steps`, title)
  for (const bytes of steps) {
    const node = new ByteCursor(bytes)
    const signedData = node.prefixed()
    node.u32()
    const ownAlgorithm = node.u32()
    const signature = node.prefixed()
    const parent = lineage.at(-1)
    const signed = new ByteCursor(signedData)
    const certificate = readCertificate(signed.prefixed())
    if (parent !== undefined) {
      verifyStep(parent, parentAlgorithm, signedData, signature, title)
      if (signed.u32() !== parentAlgorithm)
        refuse('a step of its proof of rotation names two algorithms', title)
    }
    if (lineage.some(({ sha256 }) => sha256 === certificate.sha256)) {
      refuse('its proof of rotation has a certificate twice', title)
    }
    lineage.push(certificate)
    parentAlgorithm = ownAlgorithm
  }
  if (lineage.length === 0) refuse('its proof of rotation is empty', title)
  return lineage
}

function refuse(detail: string, title: string): never {
  throw new Refusal('apk-signature-lineage', detail, title)
}

function verifyStep(
  parent: Certificate,
  algorithmId: number,
  signedData: Uint8Array,
  signature: Uint8Array,
  title: string,
): void {
  const algorithm = signatureAlgorithm(algorithmId)
  if (algorithm === undefined)
    throw new Refusal('apk-signature-lineage', `its proof of rotation uses algorithm ${algorithmId}`, title)
  if (signatureVerifies({ algorithm, signature }, parent.publicKey, signedData)) return
  refuse(`in its proof of rotation, ${parent.subject} did not sign its successor`, title)
}

/** The lineage that contains both, one beginning inside of the other; undefined when they do not agree. */
export const mergeLineages = (a: Lineage, b: Lineage): Lineage | undefined => joined(a, b) ?? joined(b, a)

function joined(ancestors: Lineage, descendants: Lineage): Lineage | undefined {
  const at = ancestors.findIndex(({ sha256 }) => sha256 === descendants[0]?.sha256)
  if (at < 0) return undefined
  const common = Math.min(ancestors.length - at, descendants.length)
  for (let index = 0; index < common; index++) {
    if (ancestors[at + index]?.sha256 !== descendants[index]?.sha256) return undefined
  }
  return [...ancestors, ...descendants.slice(common)]
}
