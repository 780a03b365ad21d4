import { type BlockDecoder, CabDataError } from './cab-types.ts'
import { createArithmeticDecoder } from './quantum-arithmetic.ts'
import { createQuantumModel } from './quantum-model.ts'

/** Slots of distances and of long lengths: bits that follow, and the first value they stand for. */
const offsetBits = Array.from({ length: 42 }, (_, slot) => (slot < 2 ? 0 : (slot >> 1) - 1))
const offsetBase = bases(offsetBits)
const lengthBits = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
// The last slot is the longest match alone, which the slot before it would reach too.
const lengthBase = bases(lengthBits).with(26, 254)

function bases(bits: readonly number[]): number[] {
  let next = 0
  return bits.map((count) => {
    const base = next
    next += 2 ** count
    return base
  })
}

/**
 * Quantum as cabinets use it (David Stafford's format, known from its public descriptions): adaptive arithmetic
 * coding of literals and matches, each CFDATA one frame that starts the coder anew while models and window live on.
 * @param window memory of at least 2^windowBits and 32 KiB, a power of two; what is in it does not matter.
 */
export function createQuantumDecoder(windowBits: number, window: Uint8Array): BlockDecoder {
  const windowSize = 2 ** windowBits
  const mask = window.length - 1
  const coder = createArithmeticDecoder()
  const slots = windowBits * 2
  const selector = createQuantumModel(0, 7)
  const literalModels = [0, 64, 128, 192].map((first) => createQuantumModel(first, 64))
  const shortOffsets = createQuantumModel(0, Math.min(slots, 24))
  const mediumOffsets = createQuantumModel(0, Math.min(slots, 36))
  const longOffsets = createQuantumModel(0, slots)
  const longLengths = createQuantumModel(0, 27)
  let produced = 0

  function readOffset(model: typeof selector): number {
    const slot = coder.decode(model)
    return (offsetBase[slot] ?? 0) + coder.raw(offsetBits[slot] ?? 0) + 1
  }

  function readLongLength(): number {
    const slot = coder.decode(longLengths)
    return (lengthBase[slot] ?? 0) + coder.raw(lengthBits[slot] ?? 0) + 5
  }

  function copyMatch(offset: number, length: number, frameEnd: number) {
    if (produced + length > frameEnd) throw new CabDataError('a Quantum match runs past the end of its frame')
    if (offset > produced || offset > windowSize) {
      throw new CabDataError('it refers to bytes before the start of its Quantum data')
    }
    for (let i = 0; i < length; i += 1) {
      window[produced & mask] = window[(produced - offset) & mask] ?? 0
      produced += 1
    }
  }

  return {
    decode(packed, unpackedSize) {
      coder.start(packed)
      const start = produced
      const frameEnd = start + unpackedSize
      while (produced < frameEnd) {
        const kind = coder.decode(selector)
        const literals = literalModels[kind]
        if (literals !== undefined) {
          window[produced & mask] = coder.decode(literals)
          produced += 1
        } else if (kind === 4) copyMatch(readOffset(shortOffsets), 3, frameEnd)
        else if (kind === 5) copyMatch(readOffset(mediumOffsets), 4, frameEnd)
        else {
          const length = readLongLength()
          copyMatch(readOffset(longOffsets), length, frameEnd)
        }
      }
      return window.subarray(start & mask, (start & mask) + unpackedSize)
    },
  }
}
