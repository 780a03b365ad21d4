import { createHash, sign } from 'node:crypto'
import { ber, writeDer } from '../../src/formats/apk/signing/ber.ts'
import { type ApkKey, derNull, oid } from './apk-keys.ts'
import { buildAxml, type ManifestSpec, manifestElement, words } from './axml-builder.ts'
import { buildZip, type ZipOptions, type ZipSpec } from './zip-builder.ts'

/** A signer of the schemes v2 and newer; everything but the key makes it special or a lie. */
export interface SchemeSignerSpec {
  readonly key: ApkKey
  /** Ids of signature algorithms; SHA-256 with the kind of the key by default. */
  readonly algorithms?: readonly number[]
  readonly minSdk?: number
  readonly maxSdk?: number
  /** The range that it signs, where that is not the one it claims. */
  readonly signedRange?: readonly [number, number]
  readonly attributes?: readonly { readonly id: number; readonly value: Uint8Array }[]
  /** Certificates in place of the key's own. */
  readonly certificates?: readonly Uint8Array[]
  readonly publicKeyInfo?: Uint8Array
  /** Changes the signed data after signing. */
  readonly tamper?: (signedData: Buffer) => void
  /** Changes the content digests before signing. */
  readonly tamperDigests?: boolean
}

export interface BlockPair {
  readonly id: number
  readonly value: Uint8Array
}

export interface JarSignerSpec {
  readonly key: ApkKey
  /** Name of its files without the ending; `CERT` by default. */
  readonly name?: string
  readonly signedAttributes?: boolean
  /** Names of the entries it signs; all by default. */
  readonly signs?: (name: string) => boolean
  /** Schemes of `X-Android-APK-Signed`. */
  readonly alsoSigned?: string
  /** Changes the `.SF` file before signing. */
  readonly rewrite?: (signatureFile: string) => string
  /** OID of the digest in place of SHA-256's. */
  readonly digestOid?: string
}

export interface ApkSpec {
  readonly manifest?: ManifestSpec | Uint8Array
  readonly entries?: readonly ZipSpec[]
  readonly v1?: readonly JarSignerSpec[]
  readonly v2?: readonly SchemeSignerSpec[]
  readonly v3?: readonly SchemeSignerSpec[]
  readonly v31?: readonly SchemeSignerSpec[]
  /** Changes MANIFEST.MF before it is signed. */
  readonly rewriteJarManifest?: (manifest: string) => string
  /** Changes the pairs of the signing block. */
  readonly pairs?: (pairs: readonly BlockPair[]) => readonly BlockPair[]
  /** Changes the finished signing block. */
  readonly tamperBlock?: (block: Buffer) => void
  readonly zip?: ZipOptions
  /** Entries added after signing with v1, before signing with the newer schemes. */
  readonly unsignedEntries?: readonly ZipSpec[]
}

const page = 4096

/** Builds an APK in memory: sound by default, signed and hostile as told. */
export function buildApk(spec: ApkSpec = {}): Uint8Array {
  const manifest =
    spec.manifest instanceof Uint8Array ? spec.manifest : buildAxml(manifestElement(spec.manifest))
  const entries: ZipSpec[] = [
    { name: 'AndroidManifest.xml', content: manifest },
    ...(spec.entries ?? [{ name: 'res/raw/text.txt', content: 'text' }]),
  ]
  const all = [...entries, ...jarSignature(entries, spec), ...(spec.unsignedEntries ?? [])]
  if (spec.v2 === undefined && spec.v3 === undefined && spec.v31 === undefined && spec.pairs === undefined) {
    return buildZip(all, spec.zip)
  }
  const parts = layout(all, spec)
  const pairs: BlockPair[] = []
  if (spec.v2 !== undefined) pairs.push({ id: 0x7109871a, value: schemeBlock(spec.v2, parts, false) })
  if (spec.v3 !== undefined) pairs.push({ id: 0xf05368c0, value: schemeBlock(spec.v3, parts, true) })
  if (spec.v31 !== undefined) pairs.push({ id: 0x1b93ad61, value: schemeBlock(spec.v31, parts, true) })
  const block = signingBlock(spec.pairs?.(pairs) ?? pairs)
  spec.tamperBlock?.(block)
  return buildZip(all, { ...spec.zip, beforeDirectory: Buffer.concat([parts.padding, block]) })
}

interface Parts {
  readonly padding: Uint8Array
  readonly content: Uint8Array
  readonly directory: Uint8Array
  readonly end: Uint8Array
}

/** The signed parts of the file; padded to a page, as verity digests need it. */
function layout(entries: readonly ZipSpec[], spec: ApkSpec): Parts {
  const bytes = Buffer.from(buildZip(entries, spec.zip))
  const endOffset = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const directoryOffset = bytes.readUInt32LE(endOffset + 16)
  const padding = Buffer.alloc((page - (directoryOffset % page)) % page)
  const end = Buffer.from(bytes.subarray(endOffset))
  end.writeUInt32LE(directoryOffset + padding.length, 16)
  return {
    padding,
    content: Buffer.concat([bytes.subarray(0, directoryOffset), padding]),
    directory: bytes.subarray(directoryOffset, endOffset),
    end,
  }
}

export const prefixed = (...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([words(body.length), body])
}

/** The value of a scheme's pair. */
function schemeBlock(signers: readonly SchemeSignerSpec[], parts: Parts, ranged: boolean): Uint8Array {
  return prefixed(...signers.map((signer) => prefixed(schemeSigner(signer, parts, ranged))))
}

function schemeSigner(spec: SchemeSignerSpec, parts: Parts, ranged: boolean): Uint8Array {
  const { key, minSdk = 28, maxSdk = 0x7fffffff } = spec
  const algorithms = spec.algorithms ?? [key.kind === 'rsa' ? 0x0103 : 0x0201]
  const digests = algorithms.map((id) => {
    const digest = Buffer.from(contentDigest(id, parts))
    if (spec.tamperDigests === true) digest[0] = (digest[0] ?? 0) ^ 1
    return prefixed(words(id), prefixed(digest))
  })
  const certificates = (spec.certificates ?? [key.certificate]).map((each) => prefixed(each))
  const attributes = (spec.attributes ?? []).map(({ id, value }) => prefixed(words(id), value))
  const range = ranged ? [words(...(spec.signedRange ?? [minSdk, maxSdk]))] : []
  const signedData = Buffer.concat([
    prefixed(...digests),
    prefixed(...certificates),
    ...range,
    prefixed(...attributes),
  ])
  const signatures = algorithms.map((id) =>
    prefixed(words(id), prefixed(schemeSignature(id, signedData, key))),
  )
  spec.tamper?.(signedData)
  return Buffer.concat([
    prefixed(signedData),
    ...(ranged ? [words(minSdk, maxSdk)] : []),
    prefixed(...signatures),
    prefixed(spec.publicKeyInfo ?? key.publicKeyInfo),
  ])
}

const isSha512 = (algorithm: number): boolean => [0x0102, 0x0104, 0x0202].includes(algorithm)

function schemeSignature(algorithm: number, data: Uint8Array, key: ApkKey): Uint8Array {
  const hash = isSha512(algorithm) ? 'sha512' : 'sha256'
  const isPss = algorithm === 0x0101 || algorithm === 0x0102
  return isPss
    ? sign(hash, data, { key: key.privateKey, padding: 6, saltLength: hash === 'sha512' ? 64 : 32 })
    : sign(hash, data, key.privateKey)
}

function contentDigest(algorithm: number, { content, directory, end }: Parts): Uint8Array {
  if (algorithm >= 0x0421) return verityDigest(Buffer.concat([content, directory, end]))
  const hash = isSha512(algorithm) ? 'sha512' : 'sha256'
  const digests: Uint8Array[] = []
  for (const part of [content, directory, end]) {
    for (let at = 0; at < part.length; at += 1024 ** 2) {
      const chunk = part.subarray(at, at + 1024 ** 2)
      const framed = Buffer.concat([Uint8Array.of(0xa5), words(chunk.length), chunk])
      digests.push(createHash(hash).update(framed).digest())
    }
  }
  const framed = Buffer.concat([Uint8Array.of(0x5a), words(digests.length), ...digests])
  return createHash(hash).update(framed).digest()
}

function verityDigest(data: Uint8Array): Uint8Array {
  const salted = (bytes: Uint8Array) => createHash('sha256').update(Buffer.alloc(8)).update(bytes).digest()
  let level: Uint8Array = data
  do {
    const padded = Buffer.concat([level, Buffer.alloc((page - (level.length % page)) % page)])
    const digests: Uint8Array[] = []
    for (let at = 0; at < padded.length; at += page) digests.push(salted(padded.subarray(at, at + page)))
    level = Buffer.concat(digests)
  } while (level.length > page)
  const root = salted(Buffer.concat([level, Buffer.alloc(page - level.length)]))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([root, size])
}

/** The block with its sizes and magic, padded to a page. */
export function signingBlock(pairs: readonly BlockPair[]): Buffer {
  const written = pairs.map(({ id, value }) => Buffer.concat([u64(4 + value.length), words(id), value]))
  const used = 8 + written.reduce((sum, { length }) => sum + length, 0) + 24
  const rest = (page - ((used + 12) % page)) % page
  const padding = Buffer.concat([u64(4 + rest), words(0x42726577), Buffer.alloc(rest)])
  const size = u64(used + padding.length - 8)
  return Buffer.concat([size, ...written, padding, size, Buffer.from('APK Sig Block 42')])
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

/** Value of a proof-of-rotation attribute: every key vouches for the next. */
export function proofOfRotation(keys: readonly ApkKey[], algorithms = keys.map(() => 0x0201)): Uint8Array {
  const nodes = keys.map((key, index) => {
    const parent = keys[index - 1]
    const parentAlgorithm = parent === undefined ? 0 : (algorithms[index - 1] ?? 0)
    const signedData = Buffer.concat([prefixed(key.certificate), words(parentAlgorithm)])
    const signature =
      parent === undefined ? new Uint8Array(0) : schemeSignature(parentAlgorithm, signedData, parent)
    const own = index === keys.length - 1 ? 0 : (algorithms[index] ?? 0)
    return prefixed(prefixed(signedData), words(31, own), prefixed(signature))
  })
  return Buffer.concat([words(1), ...nodes])
}

export const attributes = {
  lineage: (keys: readonly ApkKey[]) => ({ id: 0x3ba06f8c, value: proofOfRotation(keys) }),
  rotationMinSdk: (level: number) => ({ id: 0x559f8b02, value: words(level) }),
  strippingProtection: (scheme: number) => ({ id: 0xbeeff00d, value: words(scheme) }),
} as const

const base64 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('base64')

function jarSignature(entries: readonly ZipSpec[], spec: ApkSpec): ZipSpec[] {
  if (spec.v1 === undefined) return []
  const sections = entries.map(({ name, content = '' }) => ({
    name,
    text: `Name: ${name}\r\nSHA-256-Digest: ${base64(content)}\r\n\r\n`,
  }))
  const plain = `Manifest-Version: 1.0\r\n\r\n${sections.map(({ text }) => text).join('')}`
  const manifest = spec.rewriteJarManifest?.(plain) ?? plain
  return [
    { name: 'META-INF/MANIFEST.MF', content: manifest },
    ...spec.v1.flatMap((signer) => {
      const { name = 'CERT', signs = () => true, alsoSigned } = signer
      const header = ['Signature-Version: 1.0', `SHA-256-Digest-Manifest: ${base64(manifest)}`]
      if (alsoSigned !== undefined) header.push(`X-Android-APK-Signed: ${alsoSigned}`)
      const own = sections.filter((section) => signs(section.name))
      const body = own.map(
        (section) => `Name: ${section.name}\r\nSHA-256-Digest: ${base64(section.text)}\r\n\r\n`,
      )
      const file = `${header.join('\r\n')}\r\n\r\n${body.join('')}`
      const content = Buffer.from(signer.rewrite?.(file) ?? file)
      const ending = signer.key.kind === 'rsa' ? 'RSA' : 'EC'
      return [
        { name: `META-INF/${name}.SF`, content },
        { name: `META-INF/${name}.${ending}`, content: signatureBlockFile(signer, content) },
      ]
    }),
  ]
}

/** CMS SignedData over a detached content. */
function signatureBlockFile(spec: JarSignerSpec, content: Uint8Array): Uint8Array {
  const { key } = spec
  const sequence = (...parts: readonly Uint8Array[]) => writeDer(ber.sequence, ...parts)
  const data = oid('1.2.840.113549.1.7.1')
  const digest = sequence(oid(spec.digestOid ?? '2.16.840.1.101.3.4.2.1'), derNull)
  const algorithm = oid(key.kind === 'rsa' ? '1.2.840.113549.1.1.1' : '1.2.840.10045.2.1')
  const attribute = (type: string, value: Uint8Array) => sequence(oid(type), writeDer(ber.set, value))
  const signed = writeDer(
    ber.set,
    attribute('1.2.840.113549.1.9.3', data),
    attribute(
      '1.2.840.113549.1.9.4',
      writeDer(ber.octetString, createHash('sha256').update(content).digest()),
    ),
  )
  const isSigned = spec.signedAttributes === true
  const implicit = Buffer.from(signed)
  implicit[0] = ber.context(0)
  const one = writeDer(ber.integer, Uint8Array.of(1))
  const signerInfo = sequence(
    one,
    key.issuerAndSerial,
    digest,
    ...(isSigned ? [implicit] : []),
    sequence(algorithm, derNull),
    writeDer(ber.octetString, sign('sha256', isSigned ? signed : content, key.privateKey)),
  )
  const signedData = sequence(
    one,
    writeDer(ber.set, digest),
    sequence(data),
    writeDer(ber.context(0), key.certificate),
    writeDer(ber.set, signerInfo),
  )
  return sequence(oid('1.2.840.113549.1.7.2'), writeDer(ber.context(0), signedData))
}
