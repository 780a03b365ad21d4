import { type BlockDecoder, CabDataError } from './cab-types.ts'
import { createLzxBits } from './lzx-bits.ts'
import { translateCalls } from './lzx-calls.ts'
import { createHuffmanCode } from './lzx-huffman.ts'
import { createLengthReader } from './lzx-trees.ts'

const literals = 256
const lengthSymbols = 249
const minimumMatch = 2
/** Match lengths from here on take the length tree. */
const primaryLengths = 7

/** Distance slots by window size, 15 to 21 bits. */
const slotCounts = [30, 32, 34, 36, 38, 42, 50]

/** Bits that follow a slot, and the first formatted offset it stands for. */
const footerBits = new Uint8Array(51)
const slotBase = new Uint32Array(51)
for (let slot = 0, base = 0; slot < 51; slot += 1) {
  footerBits[slot] = slot < 4 ? 0 : Math.min((slot >> 1) - 1, 17)
  slotBase[slot] = base
  base += 2 ** (footerBits[slot] ?? 0)
}

type BlockType = 'verbatim' | 'aligned' | 'uncompressed'
const blockTypes: Record<number, BlockType> = { 1: 'verbatim', 2: 'aligned', 3: 'uncompressed' }

/**
 * LZX as cabinets use it (Microsoft LZX Data Compression Format; [MS-PATCH] 2 for the trees): every CFDATA is a
 * frame of 32 KiB that starts on a fresh word, blocks run on across frames, the window is never reset.
 * @param window memory of 2^windowBits bytes; what is in it does not matter.
 */
export function createLzxDecoder(windowBits: number, window: Uint8Array): BlockDecoder {
  const windowSize = 2 ** windowBits
  const mask = windowSize - 1
  const mainSymbols = literals + 8 * (slotCounts[windowBits - 15] ?? 30)
  const bits = createLzxBits()
  const mainLengths = new Uint8Array(mainSymbols)
  const lengthLengths = new Uint8Array(lengthSymbols)
  const alignedLengths = new Uint8Array(8)
  const mainCode = createHuffmanCode(mainSymbols)
  const lengthCode = createHuffmanCode(lengthSymbols)
  const alignedCode = createHuffmanCode(8)
  const readLengths = createLengthReader()

  let translation = new Uint8Array()
  let callFileSize = 0
  let headerRead = false
  /** Bytes unpacked since the start of the folder; also the place in the window. */
  let produced = 0
  let r0 = 1
  let r1 = 1
  let r2 = 1
  let blockType: BlockType = 'verbatim'
  let blockLength = 0
  let blockRemaining = 0
  let padding = false

  function readHeader() {
    if (bits.read(1) === 1) callFileSize = ((bits.read(16) << 16) | bits.read(16)) >>> 0
    headerRead = true
  }

  function readBlockHeader() {
    const type = blockTypes[bits.read(3)]
    if (type === undefined) throw new CabDataError('it has an LZX block of unknown kind')
    blockType = type
    blockLength = (bits.read(16) << 8) | bits.read(8)
    blockRemaining = blockLength
    if (type === 'uncompressed') return readRepeatedOffsets()
    if (type === 'aligned') {
      for (let i = 0; i < 8; i += 1) alignedLengths[i] = bits.read(3)
      alignedCode.build(alignedLengths)
    }
    readLengths(bits, mainLengths, 0, literals)
    readLengths(bits, mainLengths, literals, mainSymbols)
    mainCode.build(mainLengths)
    readLengths(bits, lengthLengths, 0, lengthSymbols)
    lengthCode.build(lengthLengths)
  }

  function readRepeatedOffsets() {
    bits.alignToBytes()
    const bytes = bits.takeBytes(12)
    if (bytes.length < 12) throw new CabDataError('its LZX data ends too early')
    const view = new DataView(bytes.buffer, bytes.byteOffset, 12)
    r0 = view.getUint32(0, true)
    r1 = view.getUint32(4, true)
    r2 = view.getUint32(8, true)
  }

  function copyUncompressed(length: number) {
    const bytes = bits.takeBytes(length)
    if (bytes.length < length) throw new CabDataError('its LZX data ends too early')
    window.set(bytes, produced & mask)
    produced += length
    // An odd block is followed by a byte of padding, which may only come with the next frame.
    padding = length === blockRemaining && (blockLength & 1) === 1
    skipPadding()
  }

  function skipPadding() {
    if (padding && bits.takeBytes(1).length === 1) padding = false
  }

  function readOffset(slot: number): number {
    if (slot === 0) return r0
    if (slot === 1) {
      const offset = r1
      r1 = r0
      r0 = offset
      return offset
    }
    if (slot === 2) {
      const offset = r2
      r2 = r0
      r0 = offset
      return offset
    }
    const extra = footerBits[slot] ?? 0
    let formatted = slotBase[slot] ?? 0
    if (blockType === 'aligned' && extra >= 3) {
      formatted += readUpTo17(extra - 3) * 8
      formatted += alignedCode.decode(bits)
    } else {
      formatted += readUpTo17(extra)
    }
    r2 = r1
    r1 = r0
    r0 = formatted - 2
    return r0
  }

  function readUpTo17(length: number): number {
    return length <= 16 ? bits.read(length) : bits.read(16) * 2 + bits.read(1)
  }

  function copyMatch(offset: number, length: number) {
    if (offset === 0 || offset > produced || offset > windowSize) {
      throw new CabDataError('it refers to bytes before the start of its LZX data')
    }
    let to = produced & mask
    let from = (produced - offset) & mask
    for (let i = 0; i < length; i += 1) {
      window[to] = window[from] ?? 0
      to += 1
      from = (from + 1) & mask
    }
    produced += length
  }

  function decodeRun(until: number) {
    while (produced < until) {
      const symbol = mainCode.decode(bits)
      if (symbol < literals) {
        window[produced & mask] = symbol
        produced += 1
        continue
      }
      const header = (symbol - literals) & 7
      const length =
        minimumMatch + (header < primaryLengths ? header : primaryLengths + lengthCode.decode(bits))
      const offset = readOffset((symbol - literals) >> 3)
      if (produced + length > until)
        throw new CabDataError('an LZX match runs past the end of its block or frame')
      copyMatch(offset, length)
    }
  }

  return {
    decode(packed, unpackedSize) {
      bits.start(packed)
      skipPadding()
      if (!headerRead) readHeader()
      const start = produced
      const frameEnd = start + unpackedSize
      while (produced < frameEnd) {
        if (blockRemaining === 0) readBlockHeader()
        const length = Math.min(blockRemaining, frameEnd - produced)
        if (blockType === 'uncompressed') copyUncompressed(length)
        else decodeRun(produced + length)
        blockRemaining -= length
        if (bits.overrun()) throw new CabDataError('its LZX data ends too early')
      }
      const frame = window.subarray(start & mask, (start & mask) + unpackedSize)
      if (callFileSize === 0) return frame
      if (translation.length === 0) translation = new Uint8Array(32768)
      translation.set(frame)
      return translateCalls(translation.subarray(0, unpackedSize), start, callFileSize)
    },
  }
}
