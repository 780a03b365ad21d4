import type { Finding } from '../types.ts'

/** What an entry is, from its name and its external attributes. */
export type ZipEntryKind = 'file' | 'folder' | 'symlink' | 'special'

/** One line of a ZIP's central directory. */
export interface ZipEntry {
  /** The name as stored (UTF-8 flag or CP437 respected), separators untouched. */
  readonly name: string
  /** The bytes of the stored name. */
  readonly rawName: Uint8Array
  readonly kind: ZipEntryKind
  readonly isDirectory: boolean
  /** 0 stored, 8 deflate; any other method is a finding and can't be opened. */
  readonly method: number
  readonly flags: number
  readonly versionMadeBy: number
  readonly versionNeeded: number
  readonly crc32: number
  readonly compressedSize: number
  readonly uncompressedSize: number
  /** Its sizes or its offset stand in a ZIP64 extra field. */
  readonly isZip64: boolean
  /** Where the local header starts. */
  readonly headerOffset: number
  readonly externalAttributes: number
  /** The central record's extra field. */
  readonly extraField: Uint8Array
}

/** Where an entry's parts lie, after its local header was checked against the central record. */
export interface ZipExtent {
  /** First data byte. */
  readonly dataOffset: number
  /** One past the last byte of data and data descriptor. */
  readonly end: number
  /** The local header's extra field, which is another than the central record's. */
  readonly localExtraField: Uint8Array
}

export interface ZipVerifyOptions {
  /** Entries to read; all by default. */
  readonly wanted?: (entry: ZipEntry) => boolean
  /** Called with each entry's first unpacked bytes; they are not to be kept. */
  readonly onStart?: (entry: ZipEntry, start: Uint8Array) => void
}

/** An archive whose central directory and local headers were read and judged; content is read on demand. */
export interface ZipArchive {
  /** In central directory order, directories included. */
  readonly entries: readonly ZipEntry[]
  /** What the container itself has wrong; with an `error` among them the archive must not be trusted. */
  readonly findings: readonly Finding[]
  /** The entry of exactly this name; when a name is listed twice, the first (and a finding says so). */
  find(name: string): ZipEntry | undefined
  /** Undefined when the local header is missing or out of bounds (a finding says so). */
  extent(entry: ZipEntry): ZipExtent | undefined
  /**
   * Offset of the entry's first data byte, after checking its local header against the central record.
   * @throws ZipError when the entry has no local header.
   */
  dataOffset(entry: ZipEntry): Promise<number>
  /**
   * Streams the entry's unpacked bytes, in chunks; sizes and CRC are verified on the way.
   * @throws ZipError when the data does not agree with its record or crosses a limit.
   */
  open(entry: ZipEntry): AsyncIterable<Uint8Array>
  /**
   * The whole entry in memory.
   * @throws ZipError as {@link open}, and when it is larger than `maxBytes`.
   */
  read(entry: ZipEntry, maxBytes: number): Promise<Uint8Array>
  /**
   * Reads the entries in the order of their bytes, faster than one by one, and says what does not agree with its
   * record. Call it only when {@link findings} has no error: overlapping or oversized entries would be read as
   * often and as long as they claim.
   */
  verify(options?: ZipVerifyOptions): Promise<Finding[]>
  readonly centralDirectoryOffset: number
  readonly centralDirectorySize: number
  /** Offset of the end-of-central-directory record. */
  readonly endOffset: number
  /** It has a ZIP64 end record or a ZIP64 entry. */
  readonly isZip64: boolean
}
