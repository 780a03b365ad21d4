import {
  Set as AsnSet,
  type BaseBlock,
  Constructed,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
} from 'asn1js'

export const der = (block: BaseBlock): Buffer => Buffer.from(block.toBER())
export const oid = (value: string) => new ObjectIdentifier({ value })
export const octets = (bytes: Uint8Array) => new OctetString({ valueHex: Uint8Array.from(bytes).buffer })
export const sequence = (...value: BaseBlock[]) => new Sequence({ value })
export const set = (...value: BaseBlock[]) => new AsnSet({ value })
export const algorithm = (identifier: string) => sequence(oid(identifier), new Null())
export const attribute = (type: string, value: BaseBlock) => sequence(oid(type), set(value))

/** `[n]`, around other blocks. */
export const tagged = (tagNumber: number, ...value: BaseBlock[]) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value })

/** The bytes of a value without its tag and length. */
export function contentOf(encoded: Buffer): Buffer {
  const first = encoded[1] ?? 0
  return encoded.subarray(2 + (first & 0x80 ? first & 0x7f : 0))
}
