import { createHash, sign } from 'node:crypto'
import { Set as AsnSet, BmpString, fromBER, Integer, OctetString, Sequence, UTCTime } from 'asn1js'
import type { CatalogSigner } from './authority.ts'
import { algorithm, attribute, contentOf, der, octets, oid, sequence, set, tagged } from './der.ts'

const ids = {
  signedData: '1.2.840.113549.1.7.2',
  trustList: '1.3.6.1.4.1.311.10.1',
  catalogList: '1.3.6.1.4.1.311.12.1.1',
  sha256Member: '1.3.6.1.4.1.311.12.1.3',
  nameValue: '1.3.6.1.4.1.311.12.2.1',
  indirectData: '1.3.6.1.4.1.311.2.1.4',
  peImage: '1.3.6.1.4.1.311.2.1.15',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
}

/** A file that the catalog vouches for. */
export interface CatalogMember {
  readonly name: string
  /** SHA-256 of the file; of a PE image without its checksum and certificates. */
  readonly digest: Buffer
  readonly isImage: boolean
}

export interface CatalogWish {
  readonly members: readonly CatalogMember[]
  /** Names the list; the same for the same members. */
  readonly time: Date
  readonly signer: CatalogSigner
}

/**
 * A security catalog: a certificate trust list of the files' hashes (as MakeCat writes it for SHA-256 members) in
 * PKCS #7 SignedData.
 */
export function writeCatalog({ members, time, signer }: CatalogWish): Buffer {
  const sorted = [...members].sort((one, other) => Buffer.compare(one.digest, other.digest))
  const identifier = createHash('sha256')
    .update(Buffer.concat(sorted.map(({ digest }) => digest)))
    .digest()
  const list = sequence(
    sequence(oid(ids.catalogList)),
    octets(identifier.subarray(0, 16)),
    new UTCTime({ valueDate: time }),
    algorithm(ids.sha256Member),
    new Sequence({ value: sorted.map(memberRecord) }),
  )
  return signedList(der(list), time, signer)
}

/** The SpcIndirectData of a member says what was hashed; PE images have a type of their own. */
function memberRecord({ name, digest, isImage }: CatalogMember): Sequence {
  const data = sequence(
    isImage ? sequence(oid(ids.peImage)) : sequence(oid(ids.catalogList)),
    sequence(algorithm(ids.sha256), octets(digest)),
  )
  const fileName = sequence(
    new BmpString({ value: 'File' }),
    new Integer({ value: 0x1001_0001 }),
    octets(utf16(name)),
  )
  return sequence(octets(digest), set(attribute(ids.nameValue, fileName), attribute(ids.indirectData, data)))
}

function utf16(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le')
}

/** PKCS #7 (RFC 2315): what is hashed is the list without its tag and length. */
function signedList(list: Buffer, time: Date, { key, certificate, authority }: CatalogSigner): Buffer {
  const digest = createHash('sha256').update(contentOf(list)).digest()
  const attributes = [
    attribute(ids.contentType, oid(ids.trustList)),
    attribute(ids.signingTime, new UTCTime({ valueDate: time })),
    attribute(ids.messageDigest, octets(digest)),
  ].sort((one, other) => Buffer.compare(der(one), der(other)))
  const signature = sign('sha256', der(new AsnSet({ value: attributes })), key)
  const signerInfo = sequence(
    new Integer({ value: 1 }),
    issuerAndSerial(certificate),
    algorithm(ids.sha256),
    tagged(0, ...attributes),
    sequence(oid(ids.ecdsaWithSha256)),
    new OctetString({ valueHex: Uint8Array.from(signature).buffer }),
  )
  const signedData = sequence(
    new Integer({ value: 1 }),
    set(algorithm(ids.sha256)),
    sequence(oid(ids.trustList), tagged(0, fromBER(Uint8Array.from(list)).result)),
    tagged(0, fromBER(Uint8Array.from(certificate)).result, fromBER(Uint8Array.from(authority)).result),
    set(signerInfo),
  )
  return der(sequence(oid(ids.signedData), tagged(0, signedData)))
}

/** TBSCertificate begins: version, serial number, algorithm, issuer. */
function issuerAndSerial(certificate: Buffer): Sequence {
  const outer = fromBER(Uint8Array.from(certificate)).result as Sequence
  const [, serial, , issuer] = (outer.valueBlock.value[0] as Sequence).valueBlock.value
  if (!serial || !issuer) throw new TypeError('not a certificate')
  return sequence(issuer, serial)
}
