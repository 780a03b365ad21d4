import { sdk } from '../../manifest/sdk-version.ts'

/** How a JAR signature was made. */
export interface JarAlgorithm {
  /** For `node:crypto`. */
  readonly hash: string
  readonly keyType: 'rsa' | 'dsa' | 'ec'
  /** First API level from which on every Android version verifies it. */
  readonly minSdk: number
}

const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

type Levels = Readonly<Record<string, number>>

interface SignatureOid {
  readonly keyType: JarAlgorithm['keyType']
  /** By digest. Missing: not on every version, or on none. */
  readonly levels: Levels
}

const lollipop = 21
const lollipopMr1 = 22
const { jellyBeanMr2 } = sdk

const only = (keyType: JarAlgorithm['keyType'], digest: string, level: number): SignatureOid => ({
  keyType,
  levels: { [digest]: level },
})

/**
 * Which pairs of digest and signature algorithm Android verifies, from where on without a gap. (Some more worked
 * on single versions only, where nobody looked whether the two belong together.) Source: the API levels listed
 * by apksig's v1 verifier.
 */
const signatures: Readonly<Record<string, SignatureOid>> = {
  '1.2.840.113549.1.1.1': {
    keyType: 'rsa',
    levels: {
      md5: 0,
      sha1: 0,
      sha224: lollipop,
      sha256: jellyBeanMr2,
      sha384: jellyBeanMr2,
      sha512: jellyBeanMr2,
    },
  },
  '1.2.840.113549.1.1.4': only('rsa', 'md5', lollipop),
  '1.2.840.113549.1.1.5': only('rsa', 'sha1', 0),
  '1.2.840.113549.1.1.14': only('rsa', 'sha224', lollipop),
  '1.2.840.113549.1.1.11': only('rsa', 'sha256', jellyBeanMr2),
  '1.2.840.113549.1.1.12': only('rsa', 'sha384', lollipop),
  '1.2.840.113549.1.1.13': only('rsa', 'sha512', lollipop),
  '1.2.840.10040.4.1': { keyType: 'dsa', levels: { sha1: 0, sha224: lollipopMr1, sha256: lollipopMr1 } },
  '1.2.840.10040.4.3': only('dsa', 'sha1', 9),
  '2.16.840.1.101.3.4.3.1': only('dsa', 'sha224', lollipop),
  '2.16.840.1.101.3.4.3.2': only('dsa', 'sha256', lollipop),
  '1.2.840.10045.2.1': {
    keyType: 'ec',
    levels: {
      sha1: jellyBeanMr2,
      sha224: lollipop,
      sha256: jellyBeanMr2,
      sha384: jellyBeanMr2,
      sha512: jellyBeanMr2,
    },
  },
  '1.2.840.10045.4.1': only('ec', 'sha1', jellyBeanMr2),
  '1.2.840.10045.4.3.1': only('ec', 'sha224', lollipop),
  '1.2.840.10045.4.3.2': only('ec', 'sha256', lollipop),
  '1.2.840.10045.4.3.3': only('ec', 'sha384', lollipop),
  '1.2.840.10045.4.3.4': only('ec', 'sha512', lollipop),
}

/** Undefined for a pair that Android does not verify. */
export function jarAlgorithm(digestOid: string, signatureOid: string): JarAlgorithm | undefined {
  const hash = Object.hasOwn(digests, digestOid) ? digests[digestOid] : undefined
  const signature = Object.hasOwn(signatures, signatureOid) ? signatures[signatureOid] : undefined
  const minSdk = hash === undefined ? undefined : signature?.levels[hash]
  if (hash === undefined || signature === undefined || minSdk === undefined) return undefined
  return { hash, keyType: signature.keyType, minSdk }
}
