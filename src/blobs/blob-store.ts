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

/**
 * The place where the bytes are kept failed, or did not answer in time, and went on doing so when it was asked again.
 * It says nothing about the bytes, and will pass.
 */
export class BlobsUnavailable extends Error {
  override readonly name = 'BlobsUnavailable'
}

/** The bytes that came back are not those that were put. */
export class DamagedBlob extends Error {
  override readonly name = 'DamagedBlob'
}

/** A blob or a file, as housekeeping sees it. */
export interface Kept {
  readonly name: string
  /** Milliseconds since it was put last. */
  readonly ageMs: number
}

export interface KeptPage {
  readonly kept: readonly Kept[]
  /** Where the next page begins; null after the last one. */
  readonly next: string | null
}

/** Bytes named by their hash, immutable once stored. The port every adapter proves itself against. */
export interface BlobStore {
  /**
   * Stores a stream, hashing it on the way. Once the promise resolves the bytes are durable. A chunk is done with
   * when the next one is asked for: the source may use its memory again. What is put again is as young as new.
   * @throws BlobTooLarge beyond `maxBytes`; whatever the source throws. Nothing of a failed put can be seen.
   */
  put(source: AsyncIterable<Uint8Array>, limits: { maxBytes: number }): Promise<Blob>
  /**
   * Makes one blob of others, in order, without moving their bytes. Its name is that of the list: the SHA-256 of
   * `parts`, and then of a line `<name> <size>` for each.
   * @throws when one of them does not exist
   */
  compose(parts: readonly Blob[]): Promise<Blob>
  /** @throws DamagedBlob where the bytes had to be fetched and are not those of that name; when there is none */
  local(sha256: string): Promise<LocalBlob>
  /** The bytes from `start` to `end`, both included, or all. */
  stream(sha256: string, range?: { start: number; end: number }): Readable
  /** The size in bytes, or undefined when there is no such blob. */
  size(sha256: string): Promise<number | undefined>
  scratch(): Promise<Scratch>
  /** Some of the blobs, a bounded number a call, in an order of its own; from the start where `from` is null. */
  list(from: string | null): Promise<KeptPage>
  /**
   * Removes a blob that nobody names, unless it is younger; of a composed one, its list and not its parts.
   * @returns false when it was put again so lately that somebody may be about to name it
   */
  remove(sha256: string, unless: { youngerThanMs: number }): Promise<boolean>
  /** Removes what was begun so long ago that nobody finishes it any more: a bounded number a call. */
  tidy(unless: { youngerThanMs: number }): Promise<void>
  /** Where clients can put bytes without this process seeing them. */
  readonly direct?: DirectUploads
}

/** Places that clients write to themselves, each with a name; what is in one is nobody's until it was taken. */
export interface DirectUploads {
  /** A signed URL that lets its holder put, put again and read the bytes, for so long by the service's own clock. */
  url(name: string, grant: { lifeMs: number }): string
  /**
   * Marks the bytes as they are now, at once however many they are: what is put afterwards changes nothing of them.
   * @returns what the marked bytes are called here; undefined when nothing was put
   */
  mark(name: string): Promise<string | undefined>
  /**
   * Makes a blob of the marked bytes, out of reach of the client.
   * @throws BlobTooLarge; when they are not there (any more)
   */
  take(name: string, mark: string, limits: { maxBytes: number }): Promise<Blob>
  list(from: string | null): Promise<KeptPage>
  /** Removes it and what was marked of it, or does nothing. */
  remove(name: string): Promise<void>
}
