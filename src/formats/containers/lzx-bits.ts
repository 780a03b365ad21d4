import { CabDataError } from './cab-types.ts'

/** Reads an LZX bit stream: 16-bit little-endian words, the highest bit of each first. */
export function createLzxBits() {
  let bytes: Uint8Array = new Uint8Array()
  let at = 0
  /** The next bits, left-aligned in 32. */
  let buffer = 0
  let count = 0

  /** Past the end zeros are read: the decoder looks ahead. Reading on for long is a broken stream. */
  function refill() {
    if (at > bytes.length + 8) throw new CabDataError('its LZX data ends too early')
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
    at += 2
    buffer |= word << (16 - count)
    count += 16
  }

  return {
    start(input: Uint8Array) {
      bytes = input
      at = 0
      buffer = 0
      count = 0
    },
    /** The next 16 bits, not consumed. */
    peek16(): number {
      if (count < 16) refill()
      return buffer >>> 16
    },
    drop(length: number) {
      buffer <<= length
      count -= length
    },
    /** 0 to 16 bits. */
    read(length: number): number {
      if (length === 0) return 0
      if (count < length) refill()
      const value = buffer >>> (32 - length)
      buffer <<= length
      count -= length
      return value
    },
    /** True when more bits were consumed than there are. */
    overrun: () => at - (count >> 3) > bytes.length + (bytes.length & 1),
    /**
     * Leaves the bit stream for the bytes of an uncompressed block: the rest of the word is dropped, a whole word
     * when nothing of one was left.
     */
    alignToBytes() {
      if (count === 0) refill()
      // A word that was read ahead belongs to the bytes.
      if (count > 16) at -= 2
      buffer = 0
      count = 0
    },
    /** Bytes after {@link alignToBytes}; fewer than asked for at the end. */
    takeBytes(length: number): Uint8Array {
      const taken = bytes.subarray(at, at + length)
      at += taken.length
      return taken
    },
  }
}

export type LzxBits = ReturnType<typeof createLzxBits>
