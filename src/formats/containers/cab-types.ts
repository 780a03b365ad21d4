import type { Finding } from '../types.ts'

/** How the data of a folder is packed (the low four bits of CFFOLDER.typeCompress). */
export type CabCompression = 'none' | 'mszip' | 'quantum' | 'lzx' | 'unknown'

/** One CFFOLDER: a run of compressed blocks that holds files back to back. */
export interface CabFolder {
  readonly index: number
  /** Where the first CFDATA starts, from the start of the cabinet. */
  readonly dataOffset: number
  /** Number of CFDATA blocks. */
  readonly blocks: number
  readonly compression: CabCompression
  /** log2 of the window of LZX (15–21) and Quantum (10–21); 15 for MSZIP, 0 when stored. */
  readonly windowBits: number
}

/** One CFFILE. */
export interface CabFile {
  readonly index: number
  /** The name as stored, backslashes untouched. Without the UTF-8 flag every byte is one character (Latin-1). */
  readonly name: string
  /** The name with `/` as the only separator. */
  readonly path: string
  /** The stored bytes of the name, without the terminating zero. */
  readonly nameBytes: Uint8Array
  /** True when attribute 0x80 says that the name is UTF-8. */
  readonly isUtf8: boolean
  /** Unpacked size in bytes. */
  readonly size: number
  /** Where the file starts in the unpacked folder. */
  readonly offset: number
  /** Index into {@link Cabinet.folders}; −1 when the file spans cabinets or names no folder. */
  readonly folder: number
  /** True when the file starts or ends in another cabinet of a set. */
  readonly spans: boolean
  readonly attributes: number
  /** MS-DOS date and time words, unchecked. */
  readonly dosDate: number
  readonly dosTime: number
}

/** What {@link Cabinet.readFolders} calls while it unpacks. */
export interface CabVisitor {
  /** Bytes of a file, in order. The view is only valid during the call. */
  data(file: CabFile, chunk: Uint8Array): void
  /** Exactly `file.size` bytes were handed over. Not called for a file that could not be read. */
  end(file: CabFile): void
}

/** What the tables at the start of a cabinet say. */
export interface CabHead {
  /** CFHEADER.cbCabinet: its length as it says itself, an appended signature not included. */
  readonly size: number
  readonly versionMajor: number
  readonly versionMinor: number
  readonly setId: number
  readonly setIndex: number
  readonly isMultiVolume: boolean
  /** The per-cabinet reserved area (Authenticode keeps its pointer there); empty when absent. */
  readonly reserve: Uint8Array
  /** CFHEADER.cbCFFolder and cbCFData. */
  readonly folderReserve: number
  readonly dataReserve: number
  readonly folders: readonly CabFolder[]
  /** In the order of the file table. */
  readonly files: readonly CabFile[]
}

/** What is said where nothing could be read. */
export const emptyHead: CabHead = {
  size: 0,
  versionMajor: 0,
  versionMinor: 0,
  setId: 0,
  setIndex: 0,
  isMultiVolume: false,
  reserve: new Uint8Array(),
  folderReserve: 0,
  dataReserve: 0,
  folders: [],
  files: [],
}

/** A cabinet whose tables were read and judged; the data is unpacked on demand. */
export interface Cabinet extends CabHead {
  /** Where the cabinet starts in the package; 0 unless something was put before it. */
  readonly baseOffset: number
  /** What the tables have wrong; with an `error` among them the cabinet must not be trusted. */
  readonly findings: readonly Finding[]
  /**
   * Unpacks every folder once, in order, in bounded memory, and hands the bytes to the visitor.
   * @returns what the data has wrong; what could be read was handed over all the same.
   */
  readFolders(visitor: CabVisitor): Promise<readonly Finding[]>
}

/** Unpacks the blocks of one folder in order. */
export interface BlockDecoder {
  /**
   * The unpacked bytes of the next block: a view that is valid until the next call.
   * @throws CabDataError when the bytes are not what the format allows.
   */
  decode(packed: Uint8Array, unpackedSize: number): Uint8Array
}

/** The compressed bytes of a folder break the rules of their format. */
export class CabDataError extends Error {
  override readonly name = 'CabDataError'
}
