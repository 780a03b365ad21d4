import { createHash } from 'node:crypto'
import type { ContentDigest } from './signature-algorithms.ts'
import { VerityTree } from './verity-tree.ts'

/** Signatures cover the package in pieces of this size, counted from the start of each part. */
export const megabyte = 1024 ** 2

/** Digests content that is given in order (source.android.com, "APK Signature Scheme v2", integrity-protected contents). */
export interface ContentDigester {
  /** A megabyte; less only at the end of each part. */
  add(chunk: Uint8Array): void
  /** Ends the content. */
  digest(): Uint8Array
}

export function contentDigester(kind: ContentDigest): ContentDigester {
  if (kind === 'verity-sha256') return new VerityTree()
  return chunkDigester(kind === 'chunked-sha512' ? 'sha512' : 'sha256')
}

function chunkDigester(algorithm: 'sha256' | 'sha512'): ContentDigester {
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
