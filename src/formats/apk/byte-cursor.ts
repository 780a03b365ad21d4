/** Bytes that are not what their format says. Never leaves this folder: it becomes a finding. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** Reads little-endian fields forward; every read is checked against the end. */
export class ByteCursor {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get remaining(): number {
    return this.bytes.length - this.#at
  }

  #take(length: number): number {
    if (length > this.remaining) {
      throw new Malformed(`${length} bytes are needed where ${this.remaining} are left`)
    }
    const at = this.#at
    this.#at += length
    return at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  /** A view, not a copy. */
  take(length: number): Uint8Array {
    const at = this.#take(length)
    return this.bytes.subarray(at, at + length)
  }

  /** Bytes with their 32-bit length before them, as everything inside an APK Signing Block has. */
  prefixed(): Uint8Array {
    return this.take(this.u32())
  }

  /** What is left, as a view. */
  rest(): Uint8Array {
    return this.take(this.remaining)
  }
}

/** No sound package has this many signers, certificates or attributes in one list. */
const mostElements = 1000

/**
 * The elements of a sequence in which each has its 32-bit length before it.
 * @throws Malformed also when there are absurdly many: empty elements cost four bytes to write.
 */
export function prefixedElements(sequence: Uint8Array): Uint8Array[] {
  const cursor = new ByteCursor(sequence)
  const elements: Uint8Array[] = []
  while (cursor.remaining > 0) {
    if (elements.length === mostElements) throw new Malformed(`a list has more than ${mostElements} elements`)
    elements.push(cursor.prefixed())
  }
  return elements
}

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
