import { Readable } from 'node:stream'
import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'
import type { Reader } from '../types.ts'
import { ReadAhead } from './read-ahead.ts'
import { ZipError } from './zip-error.ts'
import { flag } from './zip-fields.ts'
import type { ZipEntry, ZipExtent } from './zip-types.ts'

const readSize = 1024 ** 2
/** Up to here unpacking at once is faster than a stream's trips through the thread pool. */
const mostAtOnce = 1024 ** 2
const mostAtOnceUnpacked = 4 * 1024 ** 2

/** True for an entry that is best unpacked at once, by {@link smallContent}. */
export const isSmall = ({ compressedSize, uncompressedSize }: ZipEntry): boolean =>
  compressedSize <= mostAtOnce && uncompressedSize <= mostAtOnceUnpacked

/** A reader of small entries; ordered by offset, they share reads. */
export const smallEntries = (reader: Reader): ReadAhead => new ReadAhead(reader, readSize, 64 * 1024)

/**
 * Unpacks and verifies one small entry.
 * @throws ZipError
 */
export async function smallContent(
  ahead: ReadAhead,
  entry: ZipEntry,
  extent: ZipExtent | undefined,
): Promise<Uint8Array> {
  const { dataOffset } = requireReadable(entry, extent)
  const data = await ahead.at(dataOffset, entry.compressedSize)
  const content = entry.method === 0 ? data : inflatedAtOnce(data, entry)
  verify(entry, content.length, crc32(content))
  return content
}

/**
 * Unpacks one entry and verifies it: never more bytes than its record declares, then exactly as many, and the
 * CRC. At most a few megabytes are in memory at a time.
 * @throws ZipError
 */
export async function* entryContent(
  reader: Reader,
  entry: ZipEntry,
  extent: ZipExtent | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (isSmall(entry)) {
    yield await smallContent(new ReadAhead(reader, 0, 0), entry, extent)
    return
  }
  const { dataOffset } = requireReadable(entry, extent)
  const chunks =
    entry.method === 0
      ? stored(reader, dataOffset, entry.compressedSize)
      : inflated(reader, entry, dataOffset)
  let crc = 0
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > entry.uncompressedSize) throw longer(entry)
    crc = crc32(chunk, crc)
    yield chunk
  }
  verify(entry, length, crc)
}

function verify(entry: ZipEntry, length: number, crc: number): void {
  if (length !== entry.uncompressedSize) {
    const counts = `it unpacks to ${length} bytes and not to ${entry.uncompressedSize}`
    throw new ZipError('zip-size-mismatch', entry.name, counts)
  }
  if (crc !== entry.crc32)
    throw new ZipError('zip-crc-mismatch', entry.name, 'its content does not have its checksum')
}

function requireReadable(entry: ZipEntry, extent: ZipExtent | undefined): ZipExtent {
  const { name, flags, method, compressedSize, uncompressedSize } = entry
  if (extent === undefined)
    throw new ZipError('zip-local-header-missing', name, 'it has no usable local header')
  if ((flags & (flag.encrypted | flag.strongEncryption | flag.maskedHeader)) !== 0) {
    throw new ZipError('zip-encrypted', name, 'it is encrypted')
  }
  if ((flags & flag.patched) !== 0) throw new ZipError('zip-unsupported-flags', name, 'it is patch data')
  if (method !== 0 && method !== 8) {
    throw new ZipError('zip-unsupported-method', name, `it is compressed with method ${method}`)
  }
  if (method === 0 && compressedSize !== uncompressedSize) {
    throw new ZipError('zip-size-mismatch', name, 'it is stored without compression but has two sizes')
  }
  return extent
}

const longer = (entry: ZipEntry): ZipError =>
  new ZipError('zip-size-mismatch', entry.name, `it unpacks to more than its ${entry.uncompressedSize} bytes`)

const damaged = (entry: ZipEntry, cause: unknown): ZipError =>
  new ZipError('zip-bad-data', entry.name, 'its data can not be unpacked', { cause })

const trailing = (entry: ZipEntry): ZipError =>
  new ZipError('zip-bad-data', entry.name, 'its compressed data goes on after its end')

async function* stored(
  reader: Reader,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = offset + length
  for (let at = offset; at < end; at += readSize) yield await reader.read(at, Math.min(readSize, end - at))
}

function inflatedAtOnce(data: Uint8Array, entry: ZipEntry): Uint8Array {
  const size = entry.uncompressedSize
  // Some writers mark an empty file as deflated and leave out even the empty stream.
  if (size === 0 && data.length === 0) return data
  try {
    // One output buffer of the declared size; one byte more than that stops it.
    const options = { maxOutputLength: size + 1, chunkSize: Math.max(64, size + 1), info: true } as const
    // The typings leave out what `info` returns.
    const { buffer, engine } = inflateRawSync(data, options) as unknown as {
      buffer: Buffer
      engine: InflateRaw
    }
    if (engine.bytesWritten !== data.length) throw trailing(entry)
    return buffer
  } catch (error) {
    if (error instanceof ZipError) throw error
    throw isTooLarge(error) ? longer(entry) : damaged(entry, error)
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

async function* inflated(
  reader: Reader,
  entry: ZipEntry,
  dataOffset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let readerFailure: unknown
  const source = Readable.from(stored(reader, dataOffset, entry.compressedSize), { highWaterMark: 1 })
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 })
  source.once('error', (error) => {
    readerFailure = error
    inflate.destroy(error)
  })
  source.pipe(inflate)
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array
    if (inflate.bytesWritten !== entry.compressedSize) throw trailing(entry)
  } catch (error) {
    if (error instanceof ZipError) throw error
    throw readerFailure ?? damaged(entry, error)
  } finally {
    source.destroy()
    inflate.destroy()
  }
}
