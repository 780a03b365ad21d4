import { promisify } from 'node:util'
import { constants, crc32, type InflateRaw, inflateRaw, inflateRawSync } from 'node:zlib'
import { ZipError } from '../containers/zip.ts'
import type { ZipArchive, ZipEntry } from '../containers/zip-types.ts'
import type { Reader } from '../types.ts'
import { type BlockMapFile, blockSize } from './block-map.ts'
import type { RecordDigest } from './record-digest.ts'

/** An archive, and the bytes it was read from. */
export interface Source {
  readonly reader: Reader
  readonly archive: ZipArchive
}

const readSize = 1024 ** 2
/** Blocks read together and unpacked side by side: a megabyte. */
const blocksAtOnce = 16
/** Up to so many, unpacking in place is faster than the trip through the thread pool. */
const mostInPlace = 2
const mostAtOnce = 1024 ** 2
const mostAtOnceUnpacked = 4 * 1024 ** 2
/** Deflate never makes a block of 64 KiB larger than this. */
const largestBlock = blockSize + 1024

interface Inflated {
  readonly buffer: Buffer
  readonly engine: InflateRaw
}

const inflateInPool = promisify(inflateRaw) as unknown as (
  data: Uint8Array,
  options: object,
) => Promise<Inflated>

/**
 * Unpacks one entry and verifies its size and checksum. Unlike the container's own reading this accepts deflate
 * data without a last block, which is how MakeMSIX ends every file, and shows the packed bytes to `digest`.
 * @throws ZipError
 */
export async function* unpack(
  source: Source,
  entry: ZipEntry,
  blocks?: PackedBlocks,
  digest?: RecordDigest,
): AsyncGenerator<Uint8Array, void, undefined> {
  let crc = 0
  let length = 0
  for await (const chunk of chunksOf(source, entry, blocks, digest)) {
    length += chunk.length
    if (length > entry.uncompressedSize) throw wrongSize(entry)
    crc = crc32(chunk, crc)
    yield chunk
  }
  if (length !== entry.uncompressedSize) throw wrongSize(entry)
  if (crc !== entry.crc32) {
    throw new ZipError('zip-crc-mismatch', entry.name, 'its content does not have its checksum')
  }
}

/** The whole entry in memory; the caller has checked its size. */
export async function unpackWhole(source: Source, entry: ZipEntry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of unpack(source, entry)) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

const wrongSize = ({ name, uncompressedSize }: ZipEntry): ZipError =>
  new ZipError('zip-size-mismatch', name, `it does not unpack to its ${uncompressedSize} bytes`)

async function* chunksOf(
  source: Source,
  entry: ZipEntry,
  blocks: PackedBlocks | undefined,
  digest: RecordDigest | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const offset = await source.archive.dataOffset(entry)
  const { compressedSize, uncompressedSize } = entry
  if (entry.method === 0) {
    yield* stored(source.reader, offset, compressedSize, digest)
  } else if (blocks !== undefined) {
    yield* unpackBlocks(source, entry, offset, blocks, digest)
  } else if (compressedSize <= mostAtOnce && uncompressedSize <= mostAtOnceUnpacked) {
    const data = await source.reader.read(offset, compressedSize)
    digest?.feed(offset, data)
    yield unpackInPlace(data, entry)
  } else {
    yield* source.archive.open(entry)
  }
}

async function* stored(
  reader: Reader,
  offset: number,
  length: number,
  digest: RecordDigest | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = offset + length
  for (let at = offset; at < end; at += readSize) {
    const bytes = await reader.read(at, Math.min(readSize, end - at))
    digest?.feed(at, bytes)
    yield bytes
  }
}

/** One output buffer of the expected size; one byte more than that stops it. */
const inflateOptions = (size: number) => ({
  finishFlush: constants.Z_SYNC_FLUSH,
  maxOutputLength: size + 1,
  chunkSize: Math.max(64, size + 1),
  info: true,
})

function unpackInPlace(data: Uint8Array, entry: ZipEntry): Uint8Array {
  let inflated: Inflated
  try {
    // The typings leave out what `info` returns.
    inflated = inflateRawSync(data, inflateOptions(entry.uncompressedSize)) as unknown as Inflated
  } catch (error) {
    throw new ZipError('zip-bad-data', entry.name, 'its data can not be unpacked', { cause: error })
  }
  if (inflated.engine.bytesWritten === data.length) return inflated.buffer
  throw new ZipError('zip-bad-data', entry.name, 'its compressed data goes on after its end')
}

/** The compressed blocks of one file, which can be unpacked each on its own. */
export interface PackedBlocks {
  readonly sizes: Float64Array
  /** Told when a block can't be unpacked on its own after all; the file is then unpacked as one stream. */
  readonly dependent: (index: number) => void
}

/**
 * The blocks of a compressed entry as its block map lays them out: one behind the other, followed by nothing or
 * by the two bytes of an empty last block, as Windows accepts them. Undefined when they do not add up so.
 */
export function packedSizes(entry: ZipEntry, file: BlockMapFile): Float64Array | undefined {
  const sizes = file.compressedSizes
  if (sizes.some((size) => size <= 0)) return undefined
  const rest = entry.compressedSize - sum(sizes)
  return rest === 0 || rest === 2 ? sizes : undefined
}

interface Batch {
  readonly first: number
  readonly offset: number
  /** Compressed bytes of its blocks. */
  readonly sizes: Float64Array
}

function* batchesOf(offset: number, sizes: Float64Array): Generator<Batch, void, undefined> {
  let at = offset
  for (let first = 0; first < sizes.length; first += blocksAtOnce) {
    const batch = { first, offset: at, sizes: sizes.subarray(first, first + blocksAtOnce) }
    yield batch
    at += sum(batch.sizes)
  }
}

const sum = (sizes: Float64Array): number => sizes.reduce((total, size) => total + size, 0)

async function* unpackBlocks(
  source: Source,
  entry: ZipEntry,
  offset: number,
  { sizes, dependent }: PackedBlocks,
  digest: RecordDigest | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const batches = batchesOf(offset, sizes)
  const start = async (): Promise<(Uint8Array | undefined)[] | undefined> => {
    const { value: batch } = batches.next()
    if (batch === undefined) return undefined
    if (batch.sizes.some((size) => size > largestBlock)) return [undefined]
    const data = await source.reader.read(batch.offset, sum(batch.sizes))
    digest?.feed(batch.offset, data)
    return inflateBatch(data, batch, entry.uncompressedSize)
  }
  let done = 0
  // While the blocks of one batch are checked, the thread pool unpacks those of the next.
  let current = await start()
  while (current !== undefined) {
    const next = start()
    // Whether it fails is asked when this batch is done, or never if the consumer leaves.
    next.catch(() => undefined)
    try {
      for (const block of current) {
        if (block === undefined) {
          dependent(done / blockSize)
          return yield* asOneStream(source, entry, done)
        }
        yield block
        done += block.length
      }
    } finally {
      await next.catch(() => undefined)
    }
    current = await next
  }
  if (!(await endsProperly(source.reader, entry, offset, sizes, digest))) {
    dependent(sizes.length)
    yield* asOneStream(source, entry, done)
  }
}

/** Each block unpacked on its own; undefined for those that are not deflate data of just their size. */
async function inflateBatch(
  data: Uint8Array,
  { first, sizes }: Batch,
  fileSize: number,
): Promise<(Uint8Array | undefined)[]> {
  const blocks: Promise<Uint8Array | undefined>[] = []
  let at = 0
  for (const [index, size] of sizes.entries()) {
    const unpacked = Math.min(blockSize, fileSize - (first + index) * blockSize)
    blocks.push(inflateBlock(data.subarray(at, at + size), unpacked, sizes.length > mostInPlace))
    at += size
  }
  return Promise.all(blocks)
}

async function inflateBlock(
  data: Uint8Array,
  size: number,
  inPool: boolean,
): Promise<Uint8Array | undefined> {
  try {
    const options = inflateOptions(size)
    const { buffer, engine } = inPool
      ? await inflateInPool(data, options)
      : (inflateRawSync(data, options) as unknown as Inflated)
    return buffer.length === size && engine.bytesWritten === data.length ? buffer : undefined
  } catch {
    return undefined
  }
}

async function endsProperly(
  reader: Reader,
  entry: ZipEntry,
  offset: number,
  sizes: Float64Array,
  digest: RecordDigest | undefined,
): Promise<boolean> {
  const packed = sum(sizes)
  if (packed === entry.compressedSize) return true
  const tail = await reader.read(offset + packed, 2)
  digest?.feed(offset + packed, tail)
  return tail[0] === 3 && tail[1] === 0
}

async function* asOneStream(
  { archive }: Source,
  entry: ZipEntry,
  skip: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let toSkip = skip
  for await (const chunk of archive.open(entry)) {
    if (toSkip < chunk.length) yield toSkip === 0 ? chunk : chunk.subarray(toSkip)
    toSkip = Math.max(0, toSkip - chunk.length)
  }
}
