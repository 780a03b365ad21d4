/**
 * The words of the package readers. Everything under `formats/` is pure over a {@link Reader}: no clock, no
 * network, no file system, so that a package is judged the same way in a worker thread, on a command line and
 * in a test.
 */

/** Random access to the bytes of one package. */
export interface Reader {
  /** Length in bytes. */
  readonly size: number
  /**
   * Reads exactly `length` bytes at `offset`. The returned view belongs to the caller.
   * @throws RangeError when the range does not lie inside the package.
   */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** `error` refuses the package, `warning` and `notice` do not. */
export type Severity = 'error' | 'warning' | 'notice'

/** Something the validators have to say. */
export interface Finding {
  /** Stable kebab-case code from the format's catalogue; never reused for another meaning. */
  readonly code: string
  readonly severity: Severity
  /** Tells the developer what to change. */
  readonly message: string
  /** What it is about: an entry name, a manifest key (`manifest.json#/icons/128`), or nothing for the whole package. */
  readonly target?: string
}

/** JSON values only: facts cross thread and process boundaries and are stored. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [key: string]: Fact }

/** What a reader learned about one package. */
export interface Inspection {
  /** The format's name, such as `extension` or `apk`; `unknown` when no reader knows the bytes. */
  readonly format: string
  /** True exactly when no finding has severity `error`. */
  readonly sound: boolean
  /** Facts by name; each format documents its own. */
  readonly facts: { readonly [name: string]: Fact }
  readonly findings: readonly Finding[]
}

/** Bounds of one inspection; every reader stops with a finding when it would cross one. */
export interface InspectionLimits {
  /** Most entries an archive may list. */
  readonly entries: number
  /** Most bytes all entries may unpack to. */
  readonly unpackedBytes: number
  /** Most bytes one entry may unpack to for each byte stored, once it is larger than a megabyte. */
  readonly ratio: number
}

export const defaultLimits: InspectionLimits = {
  entries: 100_000,
  unpackedBytes: 16 * 1024 ** 3,
  ratio: 1100,
}

/** One package format. */
export interface Format {
  readonly name: string
  /** File name endings, lower case with the dot, that make this format the first to be asked. */
  readonly extensions: readonly string[]
  /**
   * Inspects a package. Bad content is never thrown but said in findings; only the reader's own failure
   * (an I/O error) is thrown.
   */
  inspect(reader: Reader, limits?: InspectionLimits): Promise<Inspection>
}
