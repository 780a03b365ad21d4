import { Malformed } from '../byte-cursor.ts'

/** One ASN.1 data value in BER, of which DER is the strict form. */
export interface BerValue {
  /** Identifier octet with the constructed bit: 0x30 is a SEQUENCE, 0xa0 is [0]. */
  readonly tag: number
  readonly contents: Uint8Array
  /** Identifier and length included. */
  readonly encoded: Uint8Array
}

export const ber = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Constructed, context-specific. */
  context: (number: number): number => 0xa0 | number,
} as const

/** Certificates and PKCS #7 nest a dozen levels. */
const deepest = 40
const mostValues = 10_000

/**
 * The value that starts at `at`; what follows it is left alone. Indefinite lengths are read, as Android does.
 * @throws Malformed
 */
export function readBer(bytes: Uint8Array, at = 0, depth = 0): BerValue {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new Malformed('an ASN.1 value is cut off')
  if ((tag & 0x1f) === 0x1f) throw new Malformed('an ASN.1 value has a tag number above 30')
  if (first === 0x80) return readIndefinite(bytes, at, tag, depth)
  let length = first
  let start = at + 2
  if (first > 0x80) {
    const count = first & 0x7f
    if (count > 4) throw new Malformed('an ASN.1 value is longer than four gigabytes')
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0)
    start += count
  }
  if (start + length > bytes.length) throw new Malformed('an ASN.1 value is longer than what contains it')
  const end = start + length
  return { tag, contents: bytes.subarray(start, end), encoded: bytes.subarray(at, end) }
}

function readIndefinite(bytes: Uint8Array, at: number, tag: number, depth: number): BerValue {
  if ((tag & 0x20) === 0) throw new Malformed('a primitive ASN.1 value has no length')
  if (depth > deepest) throw new Malformed('ASN.1 values are nested too deep')
  const start = at + 2
  let end = start
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readBer(bytes, end, depth + 1).encoded.length
  return { tag, contents: bytes.subarray(start, end), encoded: bytes.subarray(at, end + 2) }
}

/**
 * The values inside of a constructed one.
 * @throws Malformed
 */
export function berChildren({ contents }: BerValue): BerValue[] {
  const children: BerValue[] = []
  for (let at = 0; at < contents.length; ) {
    const child = readBer(contents, at)
    if (children.push(child) > mostValues) throw new Malformed('an ASN.1 value has too many parts')
    at += child.encoded.length
  }
  return children
}

/**
 * Reads the parts of a SEQUENCE one after the other: required ones must be there, optional ones are passed over
 * when the next part has another tag.
 */
export class BerSequence {
  readonly #parts: readonly BerValue[]
  #next = 0

  constructor(sequence: BerValue, tag: number = ber.sequence) {
    if (sequence.tag !== tag)
      throw new Malformed(`an ASN.1 value has tag ${sequence.tag} where ${tag} is due`)
    this.#parts = berChildren(sequence)
  }

  any(): BerValue {
    const part = this.#parts[this.#next++]
    if (part === undefined) throw new Malformed('an ASN.1 sequence lacks a part')
    return part
  }

  required(tag: number): BerValue {
    const part = this.any()
    if (part.tag !== tag) throw new Malformed(`an ASN.1 value has tag ${part.tag} where ${tag} is due`)
    return part
  }

  optional(...tags: readonly number[]): BerValue | undefined {
    const part = this.#parts[this.#next]
    if (part === undefined || !tags.includes(part.tag)) return undefined
    this.#next++
    return part
  }

  rest(): readonly BerValue[] {
    return this.#parts.slice(this.#next)
  }
}

/** Dotted form. @throws Malformed */
export function oidText({ tag, contents }: BerValue): string {
  if (tag !== ber.oid || contents.length === 0 || contents.length > 64)
    throw new Malformed('an ASN.1 OID is malformed')
  const arcs: bigint[] = []
  let arc = 0n
  for (const [index, byte] of contents.entries()) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if ((byte & 0x80) !== 0) {
      if (index === contents.length - 1) throw new Malformed('an ASN.1 OID is cut off')
      continue
    }
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...others] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others].join('.')
}

/** DER of a value, for the few that are written again. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents)
  const { length } = body
  const size: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) size.unshift(left % 256)
  return Buffer.concat([
    Buffer.from(length < 0x80 ? [tag, length] : [tag, 0x80 | size.length, ...size]),
    body,
  ])
}
