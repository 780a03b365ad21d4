import { CabDataError } from './cab-types.ts'
import type { LzxBits } from './lzx-bits.ts'
import { createHuffmanCode } from './lzx-huffman.ts'

const preSymbols = 20

/** Reads code lengths as differences from the previous block's ([MS-PATCH] 2.3.3, the LZX of cabinets). */
export function createLengthReader() {
  const preLengths = new Uint8Array(preSymbols)
  const preCode = createHuffmanCode(preSymbols)

  /** Changes `lengths` from `first` up to but not including `last`. */
  return (bits: LzxBits, lengths: Uint8Array, first: number, last: number) => {
    for (let i = 0; i < preSymbols; i += 1) preLengths[i] = bits.read(4)
    preCode.build(preLengths)
    const changed = (old: number, code: number) => (old - code + 17) % 17
    let at = first
    const run = (length: number, value: number) => {
      if (at + length > last) throw new CabDataError('it has more LZX code lengths than symbols')
      lengths.fill(value, at, at + length)
      at += length
    }
    while (at < last) {
      const code = preCode.decode(bits)
      if (code === 17) run(bits.read(4) + 4, 0)
      else if (code === 18) run(bits.read(5) + 20, 0)
      else if (code === 19) {
        const length = bits.read(1) + 4
        const delta = preCode.decode(bits)
        if (delta > 16) throw new CabDataError('it repeats an LZX code length that is none')
        run(length, changed(lengths[at] ?? 0, delta))
      } else {
        run(1, changed(lengths[at] ?? 0, code))
      }
    }
  }
}
