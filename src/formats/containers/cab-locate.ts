import type { Reader } from '../types.ts'

/** Bytes of CFHEADER that are always there ([MS-CAB] 2.1). */
export const headerLength = 36

/** How far a cabinet may start into the package, as behind the stub of a self-extractor. */
const searched = 4 * 1024 * 1024
const step = 256 * 1024
const magic = Buffer.from('MSCF', 'latin1')

/**
 * Where the cabinet starts, or undefined when there is none. A package that starts with MSCF is a cabinet
 * whatever follows; further in, only a header whose sizes fit the package is believed.
 */
export async function locateCabinet(reader: Reader): Promise<number | undefined> {
  if (reader.size < magic.length) return undefined
  if (magic.equals(await reader.read(0, magic.length))) return 0
  const end = Math.min(reader.size, searched)
  for (let start = 0; start < end; start += step) {
    // Segments overlap so that a header across their border is seen whole.
    const bytes = asBuffer(await reader.read(start, Math.min(step + headerLength, reader.size - start)))
    for (let at = bytes.indexOf(magic); at >= 0 && at < step; at = bytes.indexOf(magic, at + 1)) {
      if (looksLikeHeader(bytes.subarray(at), reader.size - start - at)) return start + at
    }
  }
  return undefined
}

function looksLikeHeader(header: Buffer, available: number): boolean {
  if (header.length < headerLength) return false
  const size = header.readUInt32LE(8)
  const fileTable = header.readUInt32LE(16)
  const counts = header.readUInt16LE(26) > 0 && header.readUInt16LE(28) > 0
  return counts && size <= available && fileTable >= headerLength && fileTable < size
}

/** The package from `offset` on, as if it were a file of its own. */
export function readerFrom(reader: Reader, offset: number): Reader {
  if (offset === 0) return reader
  return { size: reader.size - offset, read: (at, length) => reader.read(at + offset, length) }
}

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
