import { checkRange } from './file-reader.ts'
import type { Reader } from './types.ts'

/** Random access to bytes in memory. Views share the given bytes, which must not change afterwards. */
export function bytesReader(bytes: Uint8Array): Reader {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkRange(offset, length, bytes.length)
      return bytes.subarray(offset, offset + length)
    },
  }
}
