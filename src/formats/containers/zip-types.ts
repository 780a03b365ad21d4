import type { Finding } from '../types.ts'

/** One line of a ZIP's central directory. */
export interface ZipEntry {
  /** The name as stored (UTF-8 flag or CP437 respected), separators untouched. */
  readonly name: string
  readonly isDirectory: boolean
  /** 0 stored, 8 deflate; any other method is a finding and can't be opened. */
  readonly method: number
  readonly flags: number
  readonly crc32: number
  readonly compressedSize: number
  readonly uncompressedSize: number
  /** Where the local header starts. */
  readonly headerOffset: number
  readonly externalAttributes: number
  /** Bytes the central record takes, name, extra field and comment included. */
  readonly extraField: Uint8Array
}

/** An archive whose central directory was read and judged; content is read on demand. */
export interface ZipArchive {
  /** In central directory order, directories included. */
  readonly entries: readonly ZipEntry[]
  /** What the container itself has wrong; with an `error` among them the archive must not be trusted. */
  readonly findings: readonly Finding[]
  /** The entry of exactly this name; when a name is listed twice, the first (and a finding says so). */
  find(name: string): ZipEntry | undefined
  /** Offset of the entry's first data byte, after checking its local header against the central record. */
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
  readonly centralDirectoryOffset: number
  readonly centralDirectorySize: number
  /** Offset of the end-of-central-directory record. */
  readonly endOffset: number
  readonly isZip64: boolean
}
