import type { InspectionLimits, Reader } from '../types.ts'
import { openBlocks } from './cab-blocks.ts'
import type { CabFindingList } from './cab-findings.ts'
import { blockSize, type FolderPlan } from './cab-layout.ts'
import {
  type BlockDecoder,
  CabDataError,
  type CabFile,
  type CabFolder,
  type CabVisitor,
} from './cab-types.ts'
import { createLzxDecoder } from './lzx.ts'
import { createMszipDecoder } from './mszip.ts'
import { createQuantumDecoder } from './quantum.ts'

/** Unpacked size from which the ratio limit counts; small files of one repeated byte are no attack. */
const ratioFrom = 1024 * 1024

interface UnpackContext {
  readonly reader: Reader
  readonly cabinetEnd: number
  readonly dataReserve: number
  readonly limits: InspectionLimits
  readonly findings: CabFindingList
}

/** Unpacks the planned folders one after another; what can't be unpacked is a finding and the next is tried. */
export async function unpackFolders(
  plans: readonly FolderPlan[],
  visitor: CabVisitor,
  context: UnpackContext,
) {
  const decoders = decoderSource()
  let total = 0
  for (const plan of plans) {
    total += await unpackFolder(plan, decoders(plan.folder), visitor, context, total)
    if (total > context.limits.unpackedBytes) return
  }
}

/** @returns how many bytes were unpacked. */
async function unpackFolder(
  plan: FolderPlan,
  decoder: BlockDecoder | undefined,
  visitor: CabVisitor,
  context: UnpackContext,
  before: number,
): Promise<number> {
  const { folder, dataEnd } = plan
  const { findings, limits } = context
  const splitter = splitFiles(plan.files, visitor)
  splitter.feed(new Uint8Array())
  if (folder.blocks === 0 || dataEnd < 0 || decoder === undefined) return 0
  const blocks = openBlocks(context.reader, folder.dataOffset, dataEnd, context.dataReserve)
  let stored = 0
  let unpacked = 0
  for (let index = 0; index < folder.blocks; index += 1) {
    const block = await blocks.next()
    if (block === undefined) {
      if (dataEnd < context.cabinetEnd) findings.add('cab-overlapping-folders', undefined, folder.index)
      else findings.add('cab-truncated', undefined, `block ${index} of folder ${folder.index}`)
      return unpacked
    }
    if (!sizeAllowed(block.unpackedSize, folder, index)) {
      findings.add('cab-block-size', undefined, folder.index, index)
      return unpacked
    }
    if (!block.checksumMatches) {
      findings.add('cab-checksum', undefined, folder.index, index)
      return unpacked
    }
    stored += block.packed.length
    unpacked += block.unpackedSize
    if (unpacked > ratioFrom && unpacked > stored * limits.ratio) {
      findings.add('cab-ratio', undefined, folder.index, limits.ratio)
      return unpacked
    }
    if (before + unpacked > limits.unpackedBytes) {
      findings.add('cab-too-large', undefined, before + unpacked, limits.unpackedBytes)
      return unpacked
    }
    try {
      splitter.feed(decoder.decode(block.packed, block.unpackedSize))
    } catch (error) {
      if (!(error instanceof CabDataError)) throw error
      findings.add('cab-corrupt-data', undefined, folder.index, index, error.message)
      return unpacked
    }
  }
  const unread = splitter.unread()
  if (unread !== undefined) findings.add('cab-file-outside-folder', unread.name)
  if (splitter.unlisted() > 0) findings.add('cab-unlisted-data', undefined, folder.index, splitter.unlisted())
  return unpacked
}

/** Compressed data refers back by 32 KiB steps, so only a stored folder may have short blocks in the middle. */
function sizeAllowed(size: number, folder: CabFolder, index: number): boolean {
  if (size > blockSize || size === 0) return false
  return size === blockSize || index === folder.blocks - 1 || folder.compression === 'none'
}

/** Cuts the bytes of a folder into its files, which are sorted and disjoint. */
function splitFiles(files: readonly CabFile[], visitor: CabVisitor) {
  let position = 0
  let listed = 0
  let current = 0
  return {
    feed(bytes: Uint8Array) {
      const end = position + bytes.length
      for (let file = files[current]; file !== undefined; file = files[current]) {
        const fileEnd = file.offset + file.size
        const from = Math.max(file.offset, position)
        const to = Math.min(fileEnd, end)
        if (to > from) {
          visitor.data(file, bytes.subarray(from - position, to - position))
          listed += to - from
        }
        if (fileEnd > end) break
        visitor.end(file)
        current += 1
      }
      position = end
    },
    unlisted: () => position - listed,
    unread: () => files[current],
  }
}

/** Makes the decoder of a folder. Windows are shared: folders are unpacked one at a time. */
function decoderSource() {
  let window = new Uint8Array(0)
  const windowOf = (size: number) => {
    if (window.length < size) window = new Uint8Array(size)
    return window.subarray(0, size)
  }
  return (folder: CabFolder): BlockDecoder | undefined => {
    if (folder.blocks === 0) return undefined
    switch (folder.compression) {
      case 'none':
        return stored
      case 'mszip':
        return createMszipDecoder()
      case 'lzx':
        return createLzxDecoder(folder.windowBits, windowOf(2 ** folder.windowBits))
      case 'quantum':
        return createQuantumDecoder(folder.windowBits, windowOf(Math.max(2 ** folder.windowBits, blockSize)))
      case 'unknown':
        return undefined
    }
  }
}

const stored: BlockDecoder = {
  decode(packed, unpackedSize) {
    if (packed.length !== unpackedSize) {
      throw new CabDataError(`it stores ${packed.length} bytes where ${unpackedSize} are promised`)
    }
    return packed
  },
}
