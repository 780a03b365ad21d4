/** Types of the chunks that binary XML and resource tables are made of (AOSP `ResourceTypes.h`). */
export const chunkType = {
  stringPool: 0x0001,
  table: 0x0002,
  xml: 0x0003,
  firstNode: 0x0100,
  startElement: 0x0102,
  endElement: 0x0103,
  lastNode: 0x017f,
  resourceMap: 0x0180,
  package: 0x0200,
  type: 0x0201,
  typeSpec: 0x0202,
} as const

export interface Chunk {
  readonly type: number
  /** From its first byte to its last. */
  readonly bytes: Uint8Array
  readonly headerSize: number
  /** What follows the header. */
  readonly body: Uint8Array
}

export interface BadChunk {
  readonly problem: string
}

const commonHeader = 8

/** The chunk that starts at `at`, or what is wrong with it; undefined where no header fits any more. */
export function readChunk(bytes: Uint8Array, at: number): Chunk | BadChunk | undefined {
  const left = bytes.length - at
  if (left < commonHeader) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, left)
  const type = view.getUint16(0, true)
  const headerSize = view.getUint16(2, true)
  const size = view.getUint32(4, true)
  const where = `the chunk at offset ${at}`
  if (headerSize < commonHeader) return { problem: `${where} has a header of ${headerSize} bytes` }
  if (headerSize > size) return { problem: `${where} is smaller than its header` }
  if (size > left) return { problem: `${where} claims ${size} bytes where ${left} are left` }
  const chunk = bytes.subarray(at, at + size)
  return { type, headerSize, bytes: chunk, body: chunk.subarray(headerSize) }
}

export const isBad = (chunk: Chunk | BadChunk): chunk is BadChunk => 'problem' in chunk
