import { createHash } from 'node:crypto'
import type { Reader } from '../../types.ts'
import type { ContentDigest } from './signature-algorithms.ts'
import { VerityTree } from './verity-tree.ts'

/** The parts of the file that signatures cover, in order; the signing block is left out. */
export interface SignedContent {
  /** Everything before the signing block. */
  readonly beforeBlock: number
  readonly directoryOffset: number
  readonly directorySize: number
  /** The end record as if the directory stood where the signing block begins. */
  readonly endRecord: Uint8Array
}

const megabyte = 1024 ** 2

/**
 * Computes content digests in one pass over the file (source.android.com, "APK Signature Scheme v2",
 * Integrity-protected contents), reading the next megabyte while the last is hashed.
 * Memory: two megabytes, and 32 or 64 bytes for each megabyte of the package.
 */
export async function computeContentDigests(
  reader: Reader,
  content: SignedContent,
  kinds: ReadonlySet<ContentDigest>,
): Promise<Map<ContentDigest, Uint8Array>> {
  const digesters = [...kinds].map((kind) => ({ kind, digester: digesterOf(kind) }))
  for await (const chunk of chunksOf(reader, content)) {
    for (const { digester } of digesters) digester.add(chunk)
  }
  return new Map(digesters.map(({ kind, digester }) => [kind, digester.digest()]))
}

interface Digester {
  /** At most a megabyte; less only at the end of each part. */
  add(chunk: Uint8Array): void
  digest(): Uint8Array
}

const digesterOf = (kind: ContentDigest): Digester => {
  if (kind === 'verity-sha256') return new VerityTree()
  return chunkDigester(kind === 'chunked-sha512' ? 'sha512' : 'sha256')
}

async function* chunksOf(
  reader: Reader,
  content: SignedContent,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { beforeBlock, directoryOffset, directorySize, endRecord } = content
  const ranges: { offset: number; length: number }[] = []
  for (const [start, end] of [
    [0, beforeBlock],
    [directoryOffset, directoryOffset + directorySize],
  ] as const) {
    for (let at = start; at < end; at += megabyte) {
      ranges.push({ offset: at, length: Math.min(megabyte, end - at) })
    }
  }
  const [first] = ranges
  let next = first === undefined ? undefined : reader.read(first.offset, first.length)
  for (let index = 0; next !== undefined; index++) {
    const chunk: Uint8Array = await next
    const following = ranges[index + 1]
    next = following === undefined ? undefined : reader.read(following.offset, following.length)
    // Its failure is seen when it is awaited, which a consumer that stops early never does.
    next?.catch(() => {})
    yield chunk
  }
  yield endRecord
}

function chunkDigester(algorithm: 'sha256' | 'sha512'): Digester {
  let count = 0
  const digests: Buffer[] = []
  return {
    add(chunk) {
      count++
      digests.push(createHash(algorithm).update(prefix(0xa5, chunk.length)).update(chunk).digest())
    },
    digest: () => createHash(algorithm).update(prefix(0x5a, count)).update(Buffer.concat(digests)).digest(),
  }
}

function prefix(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes[0] = tag
  bytes.writeUInt32LE(value, 1)
  return bytes
}
