import { Malformed } from '../../byte-cursor.ts'
import { BerSequence, type BerValue, ber, berChildren, oidText, readBer } from '../ber.ts'
import { serialText } from '../certificate.ts'
import { canonicalName } from '../distinguished-name.ts'

/** What a signature block file (`.RSA`, `.DSA`, `.EC`) holds: CMS SignedData over a detached content. */
export interface SignedData {
  /** OID of what was signed. */
  readonly contentType: string
  /** Encoded certificates. */
  readonly certificates: readonly Uint8Array[]
  readonly signerInfos: readonly SignerInfo[]
}

export interface SignerInfo {
  /** Comparable with a certificate's; undefined when it names its certificate in another way. */
  readonly issuer: string | undefined
  readonly serialNumber: string | undefined
  readonly digestOid: string
  readonly signatureOid: string
  readonly signature: Uint8Array
  readonly signedAttributes: SignedAttributes | undefined
}

export interface SignedAttributes {
  /** What was signed: the attributes under the tag of a SET. */
  readonly signedBytes: Uint8Array
  readonly contentType: string | undefined
  readonly messageDigest: Uint8Array | undefined
}

const oid = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
} as const

/** RFC 5652, 5.1. @throws Malformed */
export function readSignedData(bytes: Uint8Array): SignedData {
  const info = new BerSequence(readBer(bytes))
  if (oidText(info.required(ber.oid)) !== oid.signedData) throw new Malformed('it is no PKCS #7 SignedData')
  const data = new BerSequence(readBer(info.required(ber.context(0)).contents))
  data.required(ber.integer)
  data.required(ber.set)
  const content = new BerSequence(data.required(ber.sequence))
  const contentType = oidText(content.required(ber.oid))
  const certificates = data.optional(ber.context(0))
  data.optional(ber.context(1))
  return {
    contentType,
    certificates: certificates === undefined ? [] : berChildren(certificates).map(({ encoded }) => encoded),
    signerInfos: berChildren(data.required(ber.set)).map(readSignerInfo),
  }
}

function readSignerInfo(value: BerValue): SignerInfo {
  const info = new BerSequence(value)
  info.required(ber.integer)
  const identifier = info.any()
  const digest = new BerSequence(info.required(ber.sequence))
  const attributes = info.optional(ber.context(0))
  const signature = new BerSequence(info.required(ber.sequence))
  const [issuer, serialNumber] = identifier.tag === ber.sequence ? berChildren(identifier) : []
  return {
    issuer: issuer === undefined ? undefined : canonicalName(issuer.encoded),
    serialNumber: serialNumber === undefined ? undefined : serialText(serialNumber),
    digestOid: oidText(digest.required(ber.oid)),
    signatureOid: oidText(signature.required(ber.oid)),
    signature: info.required(ber.octetString).contents,
    signedAttributes: attributes === undefined ? undefined : readSignedAttributes(attributes),
  }
}

function readSignedAttributes(value: BerValue): SignedAttributes {
  const values = new Map<string, readonly BerValue[]>()
  for (const attribute of berChildren(value)) {
    const parts = new BerSequence(attribute)
    const type = oidText(parts.required(ber.oid))
    if (values.has(type)) throw new Malformed('a signed attribute stands there twice')
    values.set(type, berChildren(parts.required(ber.set)))
  }
  const single = (type: string, tag: number): BerValue | undefined => {
    const [first, second] = values.get(type) ?? []
    if (second !== undefined) throw new Malformed('a signed attribute has two values')
    if (first !== undefined && first.tag !== tag) throw new Malformed('a signed attribute has a wrong type')
    return first
  }
  const contentType = single(oid.contentType, ber.oid)
  const signedBytes = Buffer.from(value.encoded)
  signedBytes[0] = ber.set
  return {
    signedBytes,
    contentType: contentType === undefined ? undefined : oidText(contentType),
    messageDigest: single(oid.messageDigest, ber.octetString)?.contents,
  }
}
