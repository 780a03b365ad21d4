import { open } from 'node:fs/promises'
import type { Reader } from './types.ts'

/**
 * Random access to a file on disk. The file is expected not to change while it is read: what was inspected is
 * what is published.
 * @throws NodeJS.ErrnoException when the file can't be opened or is no regular file.
 */
export async function openFileReader(path: string): Promise<Reader & AsyncDisposable> {
  const file = await open(path, 'r')
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error(`${path} is not a regular file`)
    const size = stat.size
    return {
      size,
      async read(offset, length) {
        checkRange(offset, length, size)
        // Never from the shared pool: a caller that keeps ten bytes must not keep eight kilobytes alive.
        const bytes = Buffer.allocUnsafeSlow(length)
        let done = 0
        while (done < length) {
          const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
          if (bytesRead === 0) throw new RangeError(`${path} became shorter while it was read`)
          done += bytesRead
        }
        return bytes
      },
      async [Symbol.asyncDispose]() {
        await file.close()
      },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** @throws RangeError when the range does not lie inside a package of `size` bytes. */
export function checkRange(offset: number, length: number, size: number): void {
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (!sane || offset + length > size) {
    throw new RangeError(`bytes ${offset}+${length} do not lie inside a package of ${size} bytes`)
  }
}
