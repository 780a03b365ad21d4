import type { Reader } from '../../types.ts'
import type { ApkEnd } from '../archive/apk-end.ts'
import { ByteCursor, Malformed } from '../byte-cursor.ts'

/** Ids of the blocks that matter here (source.android.com, "APK Signature Scheme v2 / v3 / v3.1"). */
export const blockId = {
  v2: 0x7109871a,
  v3: 0xf05368c0,
  v31: 0x1b93ad61,
  sourceStamp: 0x6dff800d,
} as const

/** The APK Signing Block: signatures that stand between the entries and the central directory. */
export interface SigningBlock {
  readonly offset: number
  readonly size: number
  /** The first value of every id, as Android reads it. */
  readonly values: ReadonlyMap<number, Uint8Array>
  /** Ids with more than one value; other readers take the last. */
  readonly repeated: readonly number[]
  /** Why the block could not be followed to its end. */
  readonly problem: string | undefined
}

export interface NoSigningBlock {
  /** Undefined when nothing there looks like one. */
  readonly problem: string | undefined
}

const magic = Buffer.from('APK Sig Block 42', 'latin1')
const footerLength = 24
/** Blocks of sound packages are a few kilobytes; frosting and dependency lists of stores add some more. */
const mostBytes = 32 * 1024 ** 2

/**
 * Finds the block as Android does: right before the central directory, which must end where the end record
 * begins, with its size written at both of its ends. Anything else counts as no block.
 */
export async function findSigningBlock(
  reader: Reader,
  { directoryOffset, directorySize, endOffset }: ApkEnd,
): Promise<SigningBlock | NoSigningBlock> {
  if (directoryOffset < 32 || directoryOffset > endOffset) return { problem: undefined }
  const footer = await reader.read(directoryOffset - footerLength, footerLength)
  if (!magic.equals(footer.subarray(8))) return { problem: undefined }
  if (directoryOffset + directorySize !== endOffset) {
    return { problem: 'bytes stand between the central directory and the end record' }
  }
  const declared = new ByteCursor(footer).u64()
  if (declared < footerLength || declared > BigInt(directoryOffset - 8)) {
    return { problem: `it claims a size of ${declared} bytes` }
  }
  const size = Number(declared) + 8
  if (size > mostBytes) return { problem: `it is ${size} bytes long, more than ${mostBytes}` }
  const offset = directoryOffset - size
  const bytes = await reader.read(offset, size)
  if (new ByteCursor(bytes).u64() !== declared) return { problem: 'the sizes at its two ends differ' }
  return { offset, size, ...readPairs(bytes.subarray(8, size - footerLength)) }
}

function readPairs(bytes: Uint8Array): Pick<SigningBlock, 'values' | 'repeated' | 'problem'> {
  const values = new Map<number, Uint8Array>()
  const repeated = new Set<number>()
  const cursor = new ByteCursor(bytes)
  try {
    while (cursor.remaining > 0) {
      const length = cursor.u64()
      if (length < 4n || length > BigInt(cursor.remaining))
        throw new Malformed(`a value claims ${length} bytes`)
      const id = cursor.u32()
      const value = cursor.take(Number(length) - 4)
      if (values.has(id)) repeated.add(id)
      else values.set(id, value)
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { values, repeated: [...repeated], problem: error.message }
  }
  return { values, repeated: [...repeated], problem: undefined }
}

export const isSigningBlock = (block: SigningBlock | NoSigningBlock): block is SigningBlock =>
  'values' in block
