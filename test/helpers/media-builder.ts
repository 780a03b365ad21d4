import { crc32, deflateSync } from 'node:zlib'

export interface PngOptions {
  /** An alpha channel, a transparent colour, or neither. */
  readonly transparency?: 'channel' | 'colour'
}

/** A PNG of one colour, a real one. */
export function buildPng(width: number, height: number, { transparency }: PngOptions = {}): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = transparency === 'channel' ? 6 : 2
  const row = 1 + width * (transparency === 'channel' ? 4 : 3)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    ...(transparency === 'colour' ? [pngChunk('tRNS', Buffer.alloc(6))] : []),
    pngChunk('IDAT', deflateSync(Buffer.alloc(row * height), { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(8 + body.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.set(body, 4)
  chunk.writeUInt32BE(crc32(body), 4 + body.length)
  return chunk
}

/** The headers of a JPEG; its picture is left out. */
export function buildJpeg(width: number, height: number): Uint8Array {
  const frame = Buffer.from('ffc00011080000000003012200021101031101', 'hex')
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const jfif = Buffer.from('ffe000104a46494600010100000100010000', 'hex')
  return Buffer.concat([Buffer.from('ffd8', 'hex'), jfif, frame, Buffer.from('ffd9', 'hex')])
}

/** The first box of an MP4. */
export const mp4: Uint8Array = Buffer.from('0000001866747970697336340000000069736f36617663310000', 'hex')
