import { checkRange, openFileReader } from './file-reader.ts'
import type { Reader } from './types.ts'

/** Random access to files as if they were one, in order; sizes as given, in bytes. */
export async function openPartsReader(
  parts: readonly { readonly path: string; readonly size: number }[],
): Promise<Reader & AsyncDisposable> {
  const [only] = parts
  if (parts.length === 1 && only) return openFileReader(only.path)
  const readers: (Reader & AsyncDisposable)[] = []
  const starts: number[] = []
  const close = async () => {
    for (const reader of readers) await reader[Symbol.asyncDispose]()
  }
  let size = 0
  try {
    for (const part of parts) {
      readers.push(await openFileReader(part.path))
      starts.push(size)
      size += part.size
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    size,
    async read(offset, length) {
      checkRange(offset, length, size)
      const bytes = Buffer.allocUnsafeSlow(length)
      let done = 0
      let index = lastAtOrBefore(starts, offset)
      while (done < length) {
        const reader = readers[index]
        const start = starts[index]
        if (!reader || start === undefined) throw new RangeError('the parts ended early')
        const from = offset + done - start
        const take = Math.min(reader.size - from, length - done)
        bytes.set(await reader.read(from, take), done)
        done += take
        index += 1
      }
      return bytes
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Index of the last start that is not after the offset. */
function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
