import { createBitWriter } from './bit-writer.ts'
import { findMatches } from './lz-matcher.ts'

export interface LzxBlockPlan {
  readonly type: 'verbatim' | 'aligned' | 'uncompressed'
  readonly length: number
}

export interface LzxOptions {
  readonly windowBits: number
  /** Blocks in order; the last is repeated until the data ends. */
  readonly blocks: readonly LzxBlockPlan[]
  /** Translates x86 calls with this file size. */
  readonly callFileSize?: number
}

const frameSize = 32768
const slotCounts = [30, 32, 34, 36, 38, 42, 50]
const slots = Array.from({ length: 50 }, (_, slot) => (slot < 4 ? 0 : Math.min((slot >> 1) - 1, 17)))
const slotBases = slots.map((_, slot) => slots.slice(0, slot).reduce((sum, bits) => sum + 2 ** bits, 0))

/** Packs data as LZX and answers the payload of each CFDATA. For tests: correct and varied, not good at packing. */
export function encodeLzx(plain: Uint8Array, options: LzxOptions): Uint8Array[] {
  const data = options.callFileSize === undefined ? plain : translate(plain, options.callFileSize)
  const mainSymbols = 256 + 8 * (slotCounts[options.windowBits - 15] ?? 30)
  const frames: number[][] = []
  let frame: number[] = []
  const writer = createBitWriter()
  const flushBits = () => {
    while (writer.length() % 16 !== 0) writer.write(0, 1)
    const bytes = writer.bytes()
    for (let i = 0; i < bytes.length; i += 2) frame.push(bytes[i + 1] ?? 0, bytes[i] ?? 0)
    writer.clear()
  }
  const endFrame = () => {
    flushBits()
    frames.push(frame)
    frame = []
  }

  if (options.callFileSize === undefined) writer.write(0, 1)
  else {
    writer.write(1, 1)
    writer.write(options.callFileSize, 32)
  }
  let mainLengths = new Uint8Array(mainSymbols)
  let lengthLengths = new Uint8Array(249)
  const recent: [number, number, number] = [1, 1, 1]
  const table = new Map<number, number>()
  let position = 0
  for (let index = 0; position < data.length; index += 1) {
    const plan = options.blocks[Math.min(index, options.blocks.length - 1)] ?? {
      type: 'verbatim',
      length: frameSize,
    }
    const end = Math.min(data.length, position + plan.length)
    writer.write({ verbatim: 1, aligned: 2, uncompressed: 3 }[plan.type], 3)
    writer.write(end - position, 24)
    if (plan.type === 'uncompressed') {
      if (writer.length() % 16 === 0) writer.write(0, 16)
      flushBits()
      for (const offset of recent)
        frame.push(offset & 255, (offset >> 8) & 255, (offset >> 16) & 255, offset >>> 24)
      for (let at = position; at < end; at += 1) {
        frame.push(data[at] ?? 0)
        if ((at + 1) % frameSize === 0 && at + 1 < end) endFrame()
      }
      if ((end - position) % 2 === 1) frame.push(0)
    } else {
      const symbols = tokenise(data, position, end, options.windowBits, recent, table)
      const mainFrequencies = new Array<number>(mainSymbols).fill(0)
      const lengthFrequencies = new Array<number>(249).fill(0)
      const alignedFrequencies = new Array<number>(8).fill(0)
      for (const symbol of symbols) {
        mainFrequencies[symbol.main] = (mainFrequencies[symbol.main] ?? 0) + 1
        if (symbol.length !== undefined)
          lengthFrequencies[symbol.length] = (lengthFrequencies[symbol.length] ?? 0) + 1
        if (symbol.extraBits >= 3)
          alignedFrequencies[symbol.extra & 7] = (alignedFrequencies[symbol.extra & 7] ?? 0) + 1
      }
      const main = codeLengths(mainFrequencies, 16)
      const length = codeLengths(lengthFrequencies, 16)
      const aligned = codeLengths(alignedFrequencies, 7)
      if (plan.type === 'aligned') for (const bits of aligned) writer.write(bits, 3)
      writeLengths(writer, mainLengths, main, 0, 256)
      writeLengths(writer, mainLengths, main, 256, mainSymbols)
      writeLengths(writer, lengthLengths, length, 0, 249)
      mainLengths = main
      lengthLengths = length
      const [mainCodes, lengthCodes, alignedCodes] = [codes(main), codes(length), codes(aligned)]
      let at = position
      for (const symbol of symbols) {
        writer.write(mainCodes[symbol.main] ?? 0, main[symbol.main] ?? 0)
        if (symbol.length !== undefined)
          writer.write(lengthCodes[symbol.length] ?? 0, length[symbol.length] ?? 0)
        if (plan.type === 'aligned' && symbol.extraBits >= 3) {
          writer.write(symbol.extra >> 3, symbol.extraBits - 3)
          writer.write(alignedCodes[symbol.extra & 7] ?? 0, aligned[symbol.extra & 7] ?? 0)
        } else writer.write(symbol.extra, symbol.extraBits)
        at += symbol.size
        if (at % frameSize === 0 && at < end) endFrame()
      }
    }
    position = end
    if (position % frameSize === 0 || position === data.length) endFrame()
  }
  return frames.map((bytes) => Uint8Array.from(bytes))
}

interface Symbol {
  readonly main: number
  readonly length: number | undefined
  readonly extra: number
  readonly extraBits: number
  readonly size: number
}

function tokenise(
  data: Uint8Array,
  from: number,
  to: number,
  windowBits: number,
  recent: [number, number, number],
  table: Map<number, number>,
): Symbol[] {
  const rules = { maxLength: 257, minLength: 3, maxOffset: 2 ** windowBits - 3, frame: frameSize }
  const symbols: Symbol[] = []
  for (const token of findMatches(data, from, to, rules, table)) {
    if (token.length === 1) {
      symbols.push({ main: data[token.position] ?? 0, length: undefined, extra: 0, extraBits: 0, size: 1 })
      continue
    }
    const repeated = recent.indexOf(token.offset)
    let slot = repeated
    let extra = 0
    if (repeated < 0) {
      const formatted = token.offset + 2
      slot = slotBases.findLastIndex((base) => base <= formatted)
      extra = formatted - (slotBases[slot] ?? 0)
      recent[2] = recent[1]
      recent[1] = recent[0]
      recent[0] = token.offset
    } else if (repeated > 0) {
      recent[repeated] = recent[0]
      recent[0] = token.offset
    }
    const header = Math.min(token.length - 2, 7)
    symbols.push({
      main: 256 + slot * 8 + header,
      length: header === 7 ? token.length - 9 : undefined,
      extra,
      extraBits: slots[slot] ?? 0,
      size: token.length,
    })
  }
  return symbols
}

function translate(plain: Uint8Array, fileSize: number): Uint8Array {
  const data = Uint8Array.from(plain)
  const view = new DataView(data.buffer)
  for (let start = 0; start < data.length; start += frameSize) {
    const end = Math.min(start + frameSize, data.length)
    if (end - start <= 10) break
    for (let at = start; at < end - 10; at += 1) {
      if (data[at] !== 0xe8) continue
      const relative = view.getInt32(at + 1, true)
      if (relative >= -at && relative < fileSize) {
        view.setInt32(at + 1, relative < fileSize - at ? relative + at : relative - fileSize, true)
      }
      at += 4
    }
  }
  return data
}

/** Huffman code lengths of at most `limit` bits; one used symbol gets a partner so that the code is complete. */
export function codeLengths(frequencies: readonly number[], limit: number): Uint8Array<ArrayBuffer> {
  const lengths = new Uint8Array(frequencies.length)
  const used = frequencies.flatMap((count, symbol) => (count > 0 ? [symbol] : []))
  if (used.length === 0) return lengths
  if (used.length === 1) {
    lengths[used[0] ?? 0] = 1
    lengths[used[0] === 0 ? 1 : 0] = 1
    return lengths
  }
  for (let scale = 1; ; scale *= 4) {
    let nodes = used.map((symbol) => ({
      weight: Math.ceil((frequencies[symbol] ?? 0) / scale),
      members: [symbol],
    }))
    lengths.fill(0)
    while (nodes.length > 1) {
      nodes = nodes.toSorted((a, b) => a.weight - b.weight)
      const [a, b, ...rest] = nodes
      if (a === undefined || b === undefined) break
      const members = [...a.members, ...b.members]
      for (const symbol of members) lengths[symbol] = (lengths[symbol] ?? 0) + 1
      nodes = [...rest, { weight: a.weight + b.weight, members }]
    }
    if (Math.max(...lengths) <= limit) return lengths
  }
}

function codes(lengths: Uint8Array): number[] {
  const result = new Array<number>(lengths.length).fill(0)
  let code = 0
  for (let length = 1; length <= 16; length += 1) {
    code *= 2
    lengths.forEach((value, symbol) => {
      if (value === length) result[symbol] = code++
    })
  }
  return result
}

function writeLengths(
  writer: ReturnType<typeof createBitWriter>,
  before: Uint8Array,
  lengths: Uint8Array,
  first: number,
  last: number,
) {
  const steps: { code: number; extra: number; extraBits: number; delta?: number }[] = []
  for (let at = first; at < last; ) {
    let run = 1
    while (at + run < last && lengths[at + run] === lengths[at]) run += 1
    const delta = ((before[at] ?? 0) - (lengths[at] ?? 0) + 17) % 17
    if (lengths[at] === 0 && run >= 20) {
      run = Math.min(run, 51)
      steps.push({ code: 18, extra: run - 20, extraBits: 5 })
    } else if (lengths[at] === 0 && run >= 4) {
      run = Math.min(run, 19)
      steps.push({ code: 17, extra: run - 4, extraBits: 4 })
    } else if (run >= 4) {
      run = Math.min(run, 5)
      steps.push({ code: 19, extra: run - 4, extraBits: 1, delta })
    } else {
      run = 1
      steps.push({ code: delta, extra: 0, extraBits: 0 })
    }
    at += run
  }
  const frequencies = new Array<number>(20).fill(0)
  for (const { code, delta } of steps) {
    frequencies[code] = (frequencies[code] ?? 0) + 1
    if (delta !== undefined) frequencies[delta] = (frequencies[delta] ?? 0) + 1
  }
  const preLengths = codeLengths(frequencies, 15)
  const preCodes = codes(preLengths)
  for (const length of preLengths) writer.write(length, 4)
  for (const { code, extra, extraBits, delta } of steps) {
    writer.write(preCodes[code] ?? 0, preLengths[code] ?? 0)
    writer.write(extra, extraBits)
    if (delta !== undefined) writer.write(preCodes[delta] ?? 0, preLengths[delta] ?? 0)
  }
}
