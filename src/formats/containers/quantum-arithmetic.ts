import { CabDataError } from './cab-types.ts'
import { type QuantumModel, strengthen } from './quantum-model.ts'

/** Bytes the coder may look beyond its data; cabinets drop up to four zero bytes from the end of a block. */
const lookAhead = 6

/** The 16-bit arithmetic decoder of Quantum, over bits with the highest first. */
export function createArithmeticDecoder() {
  let bytes: Uint8Array = new Uint8Array()
  let at = 0
  let buffer = 0
  let count = 0
  let low = 0
  let high = 0xffff
  let code = 0

  function readBits(length: number): number {
    while (count < length) {
      if (at > bytes.length + lookAhead) throw new CabDataError('its Quantum data ends too early')
      buffer = ((buffer << 8) | (bytes[at] ?? 0)) & 0xffffff
      at += 1
      count += 8
    }
    count -= length
    return (buffer >>> count) & ((1 << length) - 1)
  }

  /** Shifts out the bits that are settled, and the second one where the range straddles the middle. */
  function normalise() {
    for (;;) {
      if (((low ^ high) & 0x8000) !== 0) {
        if ((low & 0x4000) === 0 || (high & 0x4000) !== 0) return
        code ^= 0x4000
        low &= 0x3fff
        high |= 0x4000
      }
      low = (low << 1) & 0xffff
      high = ((high << 1) | 1) & 0xffff
      code = ((code << 1) | readBits(1)) & 0xffff
    }
  }

  return {
    /** Every frame starts the coder anew. */
    start(input: Uint8Array) {
      bytes = input
      at = 0
      buffer = 0
      count = 0
      low = 0
      high = 0xffff
      code = readBits(16)
    },
    decode(model: QuantumModel): number {
      const { cumulative, symbols, size } = model
      const range = ((high - low) & 0xffff) + 1
      const total = cumulative[0] ?? 1
      const wanted = Math.floor((((code - low) & 0xffff) * total + total - 1) / range)
      let position = 0
      while (position < size - 1 && (cumulative[position + 1] ?? 0) > wanted) position += 1
      const symbol = symbols[position] ?? 0
      high = (low + Math.floor(((cumulative[position] ?? 0) * range) / total) - 1) & 0xffff
      low = (low + Math.floor(((cumulative[position + 1] ?? 0) * range) / total)) & 0xffff
      strengthen(model, position)
      normalise()
      return symbol
    },
    /** Bits that are stored as they are, up to 19. */
    raw(length: number): number {
      return length <= 16 ? readBits(length) : readBits(16) * 2 ** (length - 16) + readBits(length - 16)
    },
  }
}
