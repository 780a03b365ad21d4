import { inflateRawSync } from 'node:zlib'
import { type BlockDecoder, CabDataError } from './cab-types.ts'

/**
 * MSZIP: every block is `CK` and a deflate stream of its own that may refer to the 32 KiB unpacked before it
 * (microsoft-hardware.md 8.1).
 */
export function createMszipDecoder(): BlockDecoder {
  let previous: Uint8Array | undefined
  return {
    decode(packed, unpackedSize) {
      if (packed[0] !== 0x43 || packed[1] !== 0x4b)
        throw new CabDataError('it does not start with the MSZIP mark CK')
      const deflated = packed.subarray(2)
      const unpacked = storedOnly(deflated) ?? inflate(deflated, unpackedSize, previous)
      if (unpacked.length !== unpackedSize) {
        throw new CabDataError(`it holds ${unpacked.length} bytes where ${unpackedSize} are promised`)
      }
      previous = unpacked
      return unpacked
    },
  }
}

/**
 * What could not be compressed is one stored deflate block. Taking it as it is saves setting up zlib, which for
 * such cabinets is more than half of the time.
 */
function storedOnly(deflated: Uint8Array): Uint8Array | undefined {
  const [head = 0, low = 0, high = 0, lowInverse = 0, highInverse = 0] = deflated
  const isLastAndStored = (head & 7) === 1
  const isLengthSound = (low ^ lowInverse) === 0xff && (high ^ highInverse) === 0xff
  const end = 5 + low + high * 256
  if (!isLastAndStored || !isLengthSound || end > deflated.length) return undefined
  return deflated.subarray(5, end)
}

function inflate(deflated: Uint8Array, size: number, dictionary: Uint8Array | undefined): Uint8Array {
  try {
    return inflateRawSync(deflated, {
      // A little more than the block needs: zlib then sees the end in one round and no second chunk is made.
      chunkSize: size + 64,
      maxOutputLength: size + 1,
      ...(dictionary === undefined ? {} : { dictionary }),
    })
  } catch (error) {
    throw new CabDataError(
      `its deflate data is broken (${error instanceof Error ? error.message : 'unknown'})`,
    )
  }
}
