import type { Reader } from '../types.ts'
import { cabChecksum } from './cab-checksum.ts'
import { asBuffer } from './cab-locate.ts'

/** One CFDATA. */
export interface CabBlock {
  /** The packed bytes: a view of memory that is never written again. */
  readonly packed: Uint8Array
  readonly unpackedSize: number
  readonly checksumMatches: boolean
}

const segment = 512 * 1024
const fixedHeader = 8

/** Reads CFDATA blocks one after another between two offsets; `next` answers undefined when one does not fit. */
export function openBlocks(reader: Reader, start: number, end: number, reserve: number) {
  let bytes: Buffer = Buffer.alloc(0)
  let at = 0
  let segmentStart = start
  async function available(length: number): Promise<boolean> {
    if (bytes.length - at >= length) return true
    const position = segmentStart + at
    if (end - position < length) return false
    // The start of a block that did not fit is read again: cheaper than joining two segments.
    bytes = asBuffer(await reader.read(position, Math.min(segment, end - position)))
    segmentStart = position
    at = 0
    return true
  }
  return {
    async next(): Promise<CabBlock | undefined> {
      if (!(await available(fixedHeader + reserve))) return undefined
      const stated = bytes.readUInt32LE(at)
      const packedSize = bytes.readUInt16LE(at + 4)
      const unpackedSize = bytes.readUInt16LE(at + 6)
      const length = fixedHeader + reserve + packedSize
      if (!(await available(length))) return undefined
      const packed = bytes.subarray(at + fixedHeader + reserve, at + length)
      // The reserved bytes of the block are covered too: the checksum runs over all that follows it.
      const sum =
        stated === 0 ? 0 : cabChecksum(bytes.subarray(at + 4, at + 8 + reserve), cabChecksum(packed, 0))
      at += length
      return { packed, unpackedSize, checksumMatches: sum === stated }
    },
  }
}
