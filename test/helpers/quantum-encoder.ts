import {
  createQuantumModel,
  type QuantumModel,
  strengthen,
} from '../../src/formats/containers/quantum-model.ts'
import { createBitWriter } from './bit-writer.ts'
import { findMatches } from './lz-matcher.ts'

const frameSize = 32768
const offsetBits = Array.from({ length: 42 }, (_, slot) => (slot < 2 ? 0 : (slot >> 1) - 1))
const offsetBases = basesOf(offsetBits)
const lengthBits = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const lengthBases = [...basesOf(lengthBits).slice(0, 26), 254]

function basesOf(bits: readonly number[]): number[] {
  return bits.map((_, slot) => bits.slice(0, slot).reduce((sum, count) => sum + 2 ** count, 0))
}

/** Packs data as Quantum and answers the payload of each CFDATA. */
export function encodeQuantum(data: Uint8Array, windowBits: number): Uint8Array[] {
  const slots = windowBits * 2
  const selector = createQuantumModel(0, 7)
  const literals = [0, 64, 128, 192].map((first) => createQuantumModel(first, 64))
  const offsets = [Math.min(slots, 24), Math.min(slots, 36), slots].map((size) => createQuantumModel(0, size))
  const lengths = createQuantumModel(0, 27)
  const table = new Map<number, number>()
  const rules = { maxLength: 259, minLength: 3, maxOffset: 2 ** windowBits, frame: frameSize }
  const frames: Uint8Array[] = []
  for (let start = 0; start < data.length; start += frameSize) {
    const coder = createArithmeticEncoder()
    const end = Math.min(data.length, start + frameSize)
    for (const token of findMatches(data, start, end, rules, table)) {
      const kind = token.length === 1 ? (data[token.position] ?? 0) >> 6 : Math.min(token.length + 1, 6)
      const model = offsets[kind - 4]
      const slot = offsetBases.findLastIndex((base) => base <= token.offset - 1)
      const reachable = model === undefined || slot < model.size
      if (kind < 4 || !reachable) {
        for (let i = 0; i < token.length; i += 1) {
          const byte = data[token.position + i] ?? 0
          const own = literals[byte >> 6]
          coder.encode(selector, byte >> 6)
          if (own !== undefined) coder.encode(own, byte)
        }
        continue
      }
      coder.encode(selector, kind)
      if (kind === 6) {
        const lengthSlot = lengthBases.findLastIndex((base) => base <= token.length - 5)
        coder.encode(lengths, lengthSlot)
        coder.raw(token.length - 5 - (lengthBases[lengthSlot] ?? 0), lengthBits[lengthSlot] ?? 0)
      }
      if (model !== undefined) coder.encode(model, slot)
      coder.raw(token.offset - 1 - (offsetBases[slot] ?? 0), offsetBits[slot] ?? 0)
    }
    frames.push(coder.finish())
  }
  return frames
}

/** The 16-bit arithmetic coder; raw bits are put where the decoder, 16 bits ahead, will be reading. */
function createArithmeticEncoder() {
  const writer = createBitWriter()
  const raws: { after: number; value: number; count: number }[] = []
  let low = 0
  let high = 0xffff
  let straddling = 0
  let shifts = 0
  const put = (bit: number) => {
    writer.write(bit, 1)
    for (; straddling > 0; straddling -= 1) writer.write(1 - bit, 1)
  }
  return {
    encode(model: QuantumModel, symbol: number) {
      const position = model.symbols.indexOf(symbol)
      const total = model.cumulative[0] ?? 1
      const range = high - low + 1
      high = low + Math.floor(((model.cumulative[position] ?? 0) * range) / total) - 1
      low = low + Math.floor(((model.cumulative[position + 1] ?? 0) * range) / total)
      strengthen(model, position)
      for (;;) {
        if (((low ^ high) & 0x8000) === 0) put(high >> 15)
        else if ((low & 0x4000) !== 0 && (high & 0x4000) === 0) {
          straddling += 1
          low -= 0x4000
          high -= 0x4000
        } else break
        shifts += 1
        low = (low << 1) & 0xffff
        high = ((high << 1) | 1) & 0xffff
      }
    },
    raw(value: number, count: number) {
      if (count > 0) raws.push({ after: shifts + 16, value, count })
    },
    finish(): Uint8Array {
      straddling += 1
      put((low >> 14) & 1)
      // The decoder is always 16 bits ahead.
      while (writer.length() < shifts + 16) writer.write(0, 1)
      let inserted = 0
      for (const { after, value, count } of raws) {
        writer.insert(after + inserted, value, count)
        inserted += count
      }
      return Uint8Array.from(writer.bytes())
    },
  }
}
