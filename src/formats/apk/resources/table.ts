import { chunkType, isBad, readChunk } from '../axml/chunk.ts'
import { StringPool } from '../axml/string-pool.ts'
import { type ResourceValue, valueType } from '../axml/value.ts'
import { Malformed } from '../byte-cursor.ts'
import { type Configuration, readConfiguration } from './configuration.ts'

/** One value of a resource, and the devices it is for. */
export interface ResourceCandidate {
  readonly configuration: Configuration
  readonly value: ResourceValue
}

/** `resources.arsc`, indexed; entries are decoded when they are asked for. */
export interface ResourceTable {
  /** All simple values of a resource; none when the table has no such resource. Never throws. */
  candidates(id: number): ResourceCandidate[]
}

interface TypeBlock {
  readonly bytes: Uint8Array
  readonly headerSize: number
  readonly configuration: Configuration
}

/** The largest apps have some thousands. */
const mostTypeBlocks = 20_000

/**
 * Indexes a resource table (AOSP `ResourceTypes.h`, `ResTable_header` and what follows).
 * @throws Malformed
 */
export function readResourceTable(bytes: Uint8Array): ResourceTable {
  const table = readChunk(bytes, 0)
  if (table === undefined || isBad(table)) throw new Malformed(table?.problem ?? 'it is too short')
  if (table.type !== chunkType.table) throw new Malformed(`it begins with a chunk of type ${table.type}`)
  let pool: StringPool | undefined
  const blocks = new Map<number, TypeBlock[]>()
  const packages: number[] = []
  for (const chunk of chunksOf(table.body)) {
    if (chunk.type === chunkType.stringPool) pool ??= new StringPool(chunk)
    if (chunk.type !== chunkType.package) continue
    if (chunk.headerSize < 12) throw new Malformed('the header of a resource package is too short')
    const packageId = u32(chunk.bytes, 8) & 0xff
    packages.push(packageId)
    for (const inner of chunksOf(chunk.body)) {
      if (inner.type === chunkType.type) indexType(packageId, inner.bytes, inner.headerSize, blocks)
    }
  }
  return { candidates: (id) => findCandidates(ownId(id, packages), blocks, pool) }
}

function* chunksOf(body: Uint8Array) {
  for (let at = 0; ; ) {
    const chunk = readChunk(body, at)
    if (chunk === undefined) return
    if (isBad(chunk)) throw new Malformed(chunk.problem)
    yield chunk
    at += chunk.bytes.length
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const u32 = (bytes: Uint8Array, at: number): number => view(bytes).getUint32(at, true)

function indexType(
  packageId: number,
  bytes: Uint8Array,
  headerSize: number,
  blocks: Map<number, TypeBlock[]>,
) {
  if (headerSize < 24) throw new Malformed('the header of a resource type is too short')
  const key = (packageId << 8) | (bytes[8] ?? 0)
  const block = { bytes, headerSize, configuration: readConfiguration(bytes.subarray(20, headerSize)) }
  const known = blocks.get(key)
  if (known === undefined) blocks.set(key, [block])
  else if (known.push(block) > mostTypeBlocks) throw new Malformed('it has too many configurations')
}

/** References of shared libraries to themselves have package 0. */
const ownId = (id: number, [first = 0]: readonly number[]): number =>
  id >>> 24 === 0 ? ((first << 24) | id) >>> 0 : id

function findCandidates(
  id: number,
  blocks: ReadonlyMap<number, readonly TypeBlock[]>,
  pool: StringPool | undefined,
): ResourceCandidate[] {
  const found: ResourceCandidate[] = []
  for (const block of blocks.get(id >>> 16) ?? []) {
    const value = readEntry(block, id & 0xffff, pool)
    if (value !== undefined) found.push({ configuration: block.configuration, value })
  }
  return found
}

const sparseFlag = 0x01
const shortOffsetsFlag = 0x02

function entryOffset({ bytes, headerSize }: TypeBlock, index: number): number | undefined {
  const numbers = view(bytes)
  const flags = numbers.getUint8(9)
  const count = numbers.getUint32(12, true)
  const width = (flags & shortOffsetsFlag) !== 0 && (flags & sparseFlag) === 0 ? 2 : 4
  if (headerSize + count * width > bytes.length) return undefined
  if ((flags & sparseFlag) !== 0) return sparseOffset(numbers, headerSize, count, index)
  if (index >= count) return undefined
  if (width === 2) {
    const offset = numbers.getUint16(headerSize + index * 2, true)
    return offset === 0xffff ? undefined : offset * 4
  }
  const offset = numbers.getUint32(headerSize + index * 4, true)
  return offset === 0xffffffff ? undefined : offset
}

/** Sparse entries are sorted by index. */
function sparseOffset(numbers: DataView, start: number, count: number, index: number): number | undefined {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers.getUint16(start + middle * 4, true) < index) low = middle + 1
    else high = middle
  }
  const at = start + low * 4
  const found = low < count && numbers.getUint16(at, true) === index
  return found ? numbers.getUint16(at + 2, true) * 4 : undefined
}

const complexFlag = 0x0001
const compactFlag = 0x0008

function readEntry(block: TypeBlock, index: number, pool: StringPool | undefined): ResourceValue | undefined {
  const { bytes } = block
  const offset = entryOffset(block, index)
  if (offset === undefined) return undefined
  const numbers = view(bytes)
  const at = numbers.getUint32(16, true) + offset
  if (at + 8 > bytes.length) return undefined
  const flags = numbers.getUint16(at + 2, true)
  if ((flags & compactFlag) !== 0) return typed(flags >> 8, numbers.getInt32(at + 4, true), pool)
  if ((flags & complexFlag) !== 0) return undefined
  const valueAt = at + numbers.getUint16(at, true)
  if (valueAt + 8 > bytes.length) return undefined
  return typed(numbers.getUint8(valueAt + 3), numbers.getInt32(valueAt + 4, true), pool)
}

const typed = (type: number, data: number, pool: StringPool | undefined): ResourceValue => ({
  type,
  data,
  text: type === valueType.string ? pool?.get(data >>> 0) : undefined,
})
