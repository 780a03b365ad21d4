import { createHash } from 'node:crypto'
import { sameBytes } from '../../byte-cursor.ts'
import { sdk } from '../../manifest/sdk-version.ts'
import type { JarSection } from './jar-manifest.ts'

/** A digest that a section gives for something. */
export interface JarDigest {
  /** For `node:crypto`. */
  readonly algorithm: string
  /** Undefined for a text that is no Base64, which nothing agrees with. */
  readonly digest: Uint8Array | undefined
}

const gingerbread = 9

/** By upper-case JCA name, with the API level from which it may be used in manifests. */
const knownDigests: Readonly<Record<string, { algorithm: string; minSdk: number }>> = {
  MD5: { algorithm: 'md5', minSdk: 0 },
  SHA: { algorithm: 'sha1', minSdk: 0 },
  SHA1: { algorithm: 'sha1', minSdk: 0 },
  'SHA-1': { algorithm: 'sha1', minSdk: 0 },
  'SHA-256': { algorithm: 'sha256', minSdk: 0 },
  'SHA-384': { algorithm: 'sha384', minSdk: gingerbread },
  'SHA-512': { algorithm: 'sha512', minSdk: gingerbread },
}

const strongestFirst = [
  ['SHA-512', 'sha512'],
  ['SHA-384', 'sha384'],
  ['SHA-256', 'sha256'],
  ['SHA1', 'sha1'],
] as const

/**
 * The digests that Android versions from `minSdk` on would check: before 4.3 the first known one that
 * `Digest-Algorithms` lists, since then the strongest. None when some version would find none.
 * @param suffix of the attribute names, such as `-Digest`
 */
export function digestsToVerify(section: JarSection, suffix: string, minSdk: number): JarDigest[] {
  const digests: JarDigest[] = []
  if (minSdk < sdk.jellyBeanMr2) {
    const first = firstListed(section, suffix, minSdk)
    if (first === undefined) return []
    digests.push(first)
  }
  for (const [name, algorithm] of strongestFirst) {
    const text = section.attribute(`${name}${suffix}`)
    if (text === undefined) continue
    const digest = base64(text)
    const known = digests.find((other) => other.algorithm === algorithm)?.digest
    if (known === undefined || digest === undefined || !sameBytes(known, digest))
      digests.push({ algorithm, digest })
    break
  }
  return digests
}

function firstListed(section: JarSection, suffix: string, minSdk: number): JarDigest | undefined {
  const listed = section.attribute('Digest-Algorithms') ?? 'SHA SHA1'
  for (const name of listed.split(/[ \t\n\r\f]+/)) {
    const text = name === '' ? undefined : section.attribute(`${name}${suffix}`)
    const known = Object.hasOwn(knownDigests, name.toUpperCase())
      ? knownDigests[name.toUpperCase()]
      : undefined
    if (text === undefined || known === undefined || known.minSdk > minSdk) continue
    return { algorithm: known.algorithm, digest: base64(text) }
  }
  return undefined
}

const base64 = (text: string): Uint8Array | undefined =>
  /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined

export const digestAgrees = ({ algorithm, digest }: JarDigest, bytes: Uint8Array): boolean =>
  digest !== undefined && sameBytes(createHash(algorithm).update(bytes).digest(), digest)
