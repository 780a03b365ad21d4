import type { Readable } from 'node:stream'
import { BlobTooLarge } from '../blobs/blob-store.ts'
import type { Context } from './context.ts'
import { EngineError } from './errors.ts'
import type { Actor } from './types.ts'

export interface KeepFile {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly maxBytes: number
}

/** Bytes that a content will name by their hash, such as an image's. */
export interface KeptFile {
  /** SHA-256, hex. */
  readonly sha256: string
  readonly size: number
}

/**
 * Stores bytes that belong to no package; they are durable when the promise resolves.
 * @throws EngineError `too_large`
 */
export async function keepFile(
  context: Context,
  _actor: Actor,
  { bytes, maxBytes }: KeepFile,
): Promise<KeptFile> {
  try {
    return await context.blobs.put(bytes, { maxBytes })
  } catch (cause) {
    if (cause instanceof BlobTooLarge) {
      throw new EngineError('too_large', `the file is larger than ${maxBytes} bytes`, { cause })
    }
    throw cause
  }
}

/**
 * The bytes of a file that was kept, from `start` to `end`, both included, or all. Whoever asks has found its
 * name in a document that is the actor's.
 * @throws EngineError `not_found`
 */
export async function readFile(
  context: Context,
  _actor: Actor,
  { sha256, range }: { sha256: string; range?: { start: number; end: number } },
): Promise<{ size: number; stream: Readable }> {
  const size = await context.blobs.size(sha256)
  if (size === undefined) throw new EngineError('not_found', 'no such file', { target: 'file' })
  return { size, stream: context.blobs.stream(sha256, range) }
}
