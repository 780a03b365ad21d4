import type { Readable } from 'node:stream'

export interface Blob {
  /** SHA-256 of the bytes in lower-case hex: the blob's name. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** A file on this machine that holds some of a blob's bytes. */
export interface LocalPart {
  readonly path: string
  readonly size: number
}

/** A blob as files on this machine, in order, for as long as it is not disposed; most are one file. */
export interface LocalBlob extends AsyncDisposable {
  readonly parts: readonly LocalPart[]
}

/** A folder for work on large files; removed when it is disposed. */
export interface Scratch extends AsyncDisposable {
  readonly path: string
}

/** The bytes are more than the caller allowed; nothing was kept. */
export class BlobTooLarge extends Error {
  override readonly name = 'BlobTooLarge'
}

/** Bytes named by their hash, immutable once stored. The port every adapter proves itself against. */
export interface BlobStore {
  /**
   * Stores a stream, hashing it on the way. Once the promise resolves the bytes are durable. A chunk is done with
   * when the next one is asked for: the source may use its memory again.
   * @throws BlobTooLarge beyond `maxBytes`; whatever the source throws. Nothing of a failed put is left behind.
   */
  put(source: AsyncIterable<Uint8Array>, limits: { maxBytes: number }): Promise<Blob>
  /**
   * Makes one blob of others, in order, without moving their bytes. Its name is that of the list: the SHA-256 of
   * `parts`, and then of a line `<name> <size>` for each.
   * @throws when one of them does not exist
   */
  compose(parts: readonly Blob[]): Promise<Blob>
  /** @throws when there is no such blob */
  local(sha256: string): Promise<LocalBlob>
  /** The bytes from `start` to `end`, both included, or all. */
  stream(sha256: string, range?: { start: number; end: number }): Readable
  /** The size in bytes, or undefined when there is no such blob. */
  size(sha256: string): Promise<number | undefined>
  scratch(): Promise<Scratch>
}
