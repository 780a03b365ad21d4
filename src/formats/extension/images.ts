/** What an image's first bytes say. */
export interface Image {
  readonly kind: 'PNG' | 'JPEG' | 'GIF' | 'BMP' | 'ICO' | 'WebP' | 'AVIF' | 'SVG' | 'unknown'
  readonly width?: number
  readonly height?: number
}

/** Enough for every format here, a JPEG's metadata included in nearly all files. */
export const imageStartLength = 128 * 1024

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to)

/** Recognises an image by its magic number and reads its size from the header where there is one. */
export function recogniseImage(start: Uint8Array): Image {
  const numbers = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const head = ascii(start, 0, 16)
  if (head.startsWith('\x89PNG\r\n\x1a\n')) {
    if (start.length < 24 || ascii(start, 12, 16) !== 'IHDR') return { kind: 'unknown' }
    return { kind: 'PNG', width: numbers.getUint32(16), height: numbers.getUint32(20) }
  }
  if (head.startsWith('GIF8') && start.length >= 10) {
    return { kind: 'GIF', width: numbers.getUint16(6, true), height: numbers.getUint16(8, true) }
  }
  if (head.startsWith('BM') && start.length >= 26) {
    const height = Math.abs(numbers.getInt32(22, true))
    return { kind: 'BMP', width: numbers.getInt32(18, true), height }
  }
  if (head.startsWith('\xff\xd8\xff')) return { kind: 'JPEG', ...jpegSize(numbers) }
  if (head.startsWith('\0\0\x01\0') && start.length >= 22) return { kind: 'ICO' }
  if (head.startsWith('RIFF') && ascii(start, 8, 12) === 'WEBP') return { kind: 'WebP' }
  if (ascii(start, 4, 12) === 'ftypavif') return { kind: 'AVIF' }
  if (/^[\s\S]{0,3}\s*<(?:svg|\?xml|!--|!DOCTYPE svg)/i.test(ascii(start, 0, 256))) return { kind: 'SVG' }
  return { kind: 'unknown' }
}

/** Walks a JPEG's segments to its frame header. */
function jpegSize(numbers: DataView): { width: number; height: number } | undefined {
  let at = 2
  while (at + 9 <= numbers.byteLength) {
    if (numbers.getUint8(at) !== 0xff) return undefined
    const marker = numbers.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { height: numbers.getUint16(at + 5), width: numbers.getUint16(at + 7) }
    at += 2 + numbers.getUint16(at + 2)
  }
  return undefined
}
