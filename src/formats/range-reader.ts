import { checkRange } from './file-reader.ts'
import type { Reader } from './types.ts'

/**
 * A window on another reader: a package that lies, stored, inside of another one is read where it is.
 * @throws RangeError when the window does not lie inside the outer reader.
 */
export function rangeReader(outer: Reader, start: number, size: number): Reader {
  checkRange(start, size, outer.size)
  return {
    size,
    async read(offset, length) {
      checkRange(offset, length, size)
      return outer.read(start + offset, length)
    },
  }
}
