import { Readable } from 'node:stream'
import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib'
import type { Reader } from '../types.ts'
import { ZipError } from './zip-error.ts'
import { flag } from './zip-fields.ts'
import type { ZipEntry, ZipExtent } from './zip-types.ts'

const readSize = 1024 ** 2
/** Up to here unpacking at once is faster than a stream's trips through the thread pool. */
const mostAtOnce = 1024 ** 2
const mostAtOnceUnpacked = 4 * 1024 ** 2

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
  if (extent === undefined)
    throw new ZipError('zip-local-header-missing', entry.name, 'it has no usable local header')
  refuseUnreadable(entry)
  let crc = 0
  let length = 0
  for await (const chunk of unpacked(reader, entry, extent.dataOffset)) {
    length += chunk.length
    if (length > entry.uncompressedSize) throw longer(entry)
    crc = crc32(chunk, crc)
    yield chunk
  }
  if (length !== entry.uncompressedSize) {
    const counts = `it unpacks to ${length} bytes and not to ${entry.uncompressedSize}`
    throw new ZipError('zip-size-mismatch', entry.name, counts)
  }
  if (crc !== entry.crc32)
    throw new ZipError('zip-crc-mismatch', entry.name, 'its content does not have its checksum')
}

function refuseUnreadable({ name, flags, method, compressedSize, uncompressedSize }: ZipEntry): void {
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
}

const longer = (entry: ZipEntry): ZipError =>
  new ZipError('zip-size-mismatch', entry.name, `it unpacks to more than its ${entry.uncompressedSize} bytes`)

const damaged = (entry: ZipEntry, cause: unknown): ZipError =>
  new ZipError('zip-bad-data', entry.name, 'its data can not be unpacked', { cause })

const trailing = (entry: ZipEntry): ZipError =>
  new ZipError('zip-bad-data', entry.name, 'its compressed data goes on after its end')

async function* unpacked(
  reader: Reader,
  entry: ZipEntry,
  dataOffset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { method, compressedSize, uncompressedSize } = entry
  if (method === 0) {
    yield* stored(reader, dataOffset, compressedSize)
  } else if (compressedSize <= mostAtOnce && uncompressedSize <= mostAtOnceUnpacked) {
    yield inflatedAtOnce(await reader.read(dataOffset, compressedSize), entry)
  } else {
    yield* inflated(reader, entry, dataOffset)
  }
}

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
