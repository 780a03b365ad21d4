import type { Readable } from 'node:stream'

export interface Blob {
  /** SHA-256 of the bytes in lower-case hex: the blob's name. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** A blob as a file on this machine, for as long as it is not disposed. */
export interface LocalBlob extends AsyncDisposable {
  readonly path: string
}

/** The bytes are more than the caller allowed; nothing was kept. */
export class BlobTooLarge extends Error {
  override readonly name = 'BlobTooLarge'
}

/** Bytes named by their hash, immutable once stored. The port every adapter proves itself against. */
export interface BlobStore {
  /**
   * Stores a stream, hashing it on the way. Once the promise resolves the bytes are durable.
   * @throws BlobTooLarge beyond `maxBytes`; whatever the source throws. Nothing of a failed put is left behind.
   */
  put(source: AsyncIterable<Uint8Array>, limits: { maxBytes: number }): Promise<Blob>
  /** @throws when there is no such blob */
  local(sha256: string): Promise<LocalBlob>
  /** The bytes from `start` to `end`, both included, or all. */
  stream(sha256: string, range?: { start: number; end: number }): Readable
  /** The size in bytes, or undefined when there is no such blob. */
  size(sha256: string): Promise<number | undefined>
}
