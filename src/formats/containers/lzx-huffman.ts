import { CabDataError } from './cab-types.ts'
import type { LzxBits } from './lzx-bits.ts'

const longest = 16
const quick = 10

/** A canonical Huffman code that is rebuilt for every block. */
export interface HuffmanCode {
  /**
   * Takes new code lengths (0–16).
   * @throws CabDataError when they don't make up a complete code; no lengths at all are allowed.
   */
  build(lengths: Uint8Array): void
  /** @throws CabDataError when the code is empty. */
  decode(bits: LzxBits): number
}

/**
 * Codes up to ten bits are looked up; longer ones, which are rare, are found by their first code of each length.
 * A table for all sixteen bits would let a stream of tiny blocks spend its time on clearing tables.
 */
export function createHuffmanCode(symbols: number): HuffmanCode {
  const table = new Uint16Array(1 << quick)
  const sorted = new Uint16Array(symbols)
  const counts = new Uint16Array(longest + 1)
  /** For each length: the first code, and where its symbols start in `sorted`. */
  const firstCode = new Uint32Array(longest + 2)
  const firstSymbol = new Uint32Array(longest + 2)
  let isEmpty = true

  function order(lengths: Uint8Array) {
    counts.fill(0)
    for (let symbol = 0; symbol < symbols; symbol += 1) {
      const length = lengths[symbol] ?? 0
      counts[length] = (counts[length] ?? 0) + 1
    }
    counts[0] = 0
    let code = 0
    let position = 0
    for (let length = 1; length <= longest; length += 1) {
      code = (code + (counts[length - 1] ?? 0)) << 1
      firstCode[length] = code
      firstSymbol[length] = position
      position += counts[length] ?? 0
    }
    isEmpty = position === 0
    if (!isEmpty && code + (counts[longest] ?? 0) !== 1 << longest) {
      throw new CabDataError('it has an LZX code that is not complete')
    }
    const next = firstSymbol.slice()
    for (let symbol = 0; symbol < symbols; symbol += 1) {
      const length = lengths[symbol] ?? 0
      if (length === 0) continue
      const place = next[length] ?? 0
      sorted[place] = symbol
      next[length] = place + 1
    }
  }

  function fillTable() {
    table.fill(0)
    let at = 0
    for (let length = 1; length <= quick; length += 1) {
      const first = firstSymbol[length] ?? 0
      for (let i = 0; i < (counts[length] ?? 0); i += 1) {
        const entry = ((sorted[first + i] ?? 0) << 4) | length
        table.fill(entry, at, at + (1 << (quick - length)))
        at += 1 << (quick - length)
      }
    }
  }

  return {
    build(lengths) {
      order(lengths)
      fillTable()
    },
    decode(bits) {
      const next = bits.peek16()
      const entry = table[next >>> (16 - quick)] ?? 0
      if (entry !== 0) {
        bits.drop(entry & 15)
        return entry >>> 4
      }
      if (isEmpty) throw new CabDataError('it uses an LZX code that has no symbols')
      for (let length = quick + 1; length <= longest; length += 1) {
        const index = (next >>> (16 - length)) - (firstCode[length] ?? 0)
        if (index < (counts[length] ?? 0)) {
          bits.drop(length)
          return sorted[(firstSymbol[length] ?? 0) + index] ?? 0
        }
      }
      throw new CabDataError('it has an LZX code that is not complete')
    },
  }
}
