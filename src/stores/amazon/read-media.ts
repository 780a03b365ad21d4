import { imageSize } from 'image-size'
import type { Image } from './image-types.ts'

/** What an image or a video says of itself stands within so many of its first bytes. */
const headBytes = 512 * 1024

/**
 * Passes bytes on and has their head looked at before they end, so that what is refused is never kept.
 * @param examine throws to refuse; is given nothing of an empty body
 */
export async function* examined(
  source: AsyncIterable<Uint8Array>,
  examine: (head: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    if (size < headBytes) {
      const part = Buffer.from(chunk.subarray(0, headBytes - size))
      kept.push(part)
      size += part.length
    }
    yield chunk
  }
  examine(Buffer.concat(kept))
}

const pngMagic = Buffer.from('89504e470d0a1a0a', 'hex')
/** Magic and the whole first chunk, which has everything but a transparent colour. */
const pngHeadBytes = 33

/** What a PNG or JPEG says of itself; undefined for anything else. The bytes decide, never a name or a type. */
export function readImage(head: Uint8Array): Image | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const isPng = bytes.length >= pngHeadBytes && bytes.subarray(0, 8).equals(pngMagic)
  if (!isPng && !(bytes[0] === 0xff && bytes[1] === 0xd8)) return undefined
  try {
    const { width, height } = imageSize(bytes)
    if (isPng) return { type: 'png', width, height, isTransparent: isTransparentPng(bytes) }
    return { type: 'jpg', width, height, isTransparent: false }
  } catch {
    return undefined
  }
}

/** Colour types 4 and 6 have an alpha channel, the others may have a `tRNS` chunk before their data. */
function isTransparentPng(bytes: Buffer): boolean {
  const colourType = bytes[25]
  if (colourType === 4 || colourType === 6) return true
  let offset = 8
  while (offset + 8 <= bytes.length) {
    const type = bytes.toString('latin1', offset + 4, offset + 8)
    if (type === 'tRNS') return true
    if (type === 'IDAT' || type === 'IEND') return false
    offset += 12 + bytes.readUInt32BE(offset)
  }
  return false
}

/** Whether bytes begin as a video that the store takes does (amazon-appstore.md 2.7). */
export function isVideo(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const text = (from: number, to: number) => bytes.toString('latin1', from, to)
  const start = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0
  // MPEG program stream, MPEG video, FLV, and the first half of the GUID that WMV begins with.
  if (start === 0x000001ba || start === 0x000001b3 || text(0, 3) === 'FLV' || start === 0x3026b275)
    return true
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'AVI ') return true
  if (['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(text(4, 8))) return true
  // MPEG transport streams have their sync byte every 188 bytes.
  return bytes.length >= 189 && bytes[0] === 0x47 && bytes[188] === 0x47
}
