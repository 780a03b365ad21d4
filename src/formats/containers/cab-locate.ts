import type { Reader } from '../types.ts'

/** Bytes of CFHEADER that are always there ([MS-CAB] 2.1). */
export const headerLength = 36

/** How far a cabinet may start into the package, as behind the stub of a self-extractor. */
const searched = 4 * 1024 * 1024
const step = 256 * 1024
const magic = Buffer.from('MSCF', 'latin1')

/** Believable headers that are tried; each costs the reading of its tables. */
const mostTries = 20

/**
 * Where the cabinet starts, or undefined when there is none. A package that starts with a believable header is a
 * cabinet whatever follows; further in, and behind a mark without a header, only one whose tables are sound is.
 */
export async function locateCabinet(
  reader: Reader,
  hasSoundTables: (offset: number) => Promise<boolean>,
): Promise<number | undefined> {
  let fallback: number | undefined
  let tries = 0
  for await (const { offset, isBelievable } of marks(reader)) {
    if (offset === 0 && isBelievable) return 0
    if (offset === 0) fallback = 0
    if (!isBelievable) continue
    fallback ??= offset
    if (await hasSoundTables(offset)) return offset
    tries += 1
    if (tries === mostTries) break
  }
  return fallback
}

async function* marks(reader: Reader): AsyncGenerator<{ offset: number; isBelievable: boolean }> {
  const end = Math.min(reader.size, searched)
  for (let start = 0; start < end; start += step) {
    // Segments overlap so that a header across their border is seen whole.
    const bytes = asBuffer(await reader.read(start, Math.min(step + headerLength, reader.size - start)))
    for (let at = bytes.indexOf(magic); at >= 0 && at < step; at = bytes.indexOf(magic, at + 1)) {
      const offset = start + at
      const isBelievable = looksLikeHeader(bytes.subarray(at), reader.size - offset)
      if (isBelievable || offset === 0) yield { offset, isBelievable }
    }
  }
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
