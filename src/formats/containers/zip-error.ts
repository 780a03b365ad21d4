import type { Finding } from '../types.ts'
import { type ZipContentCode, zipFinding } from './zip-findings.ts'

/** Content of a ZIP entry that does not agree with its record, or that crosses a limit. */
export class ZipError extends Error {
  override readonly name = 'ZipError'
  /** A code of the ZIP catalogue, such as `zip-crc-mismatch`. */
  readonly code: ZipContentCode
  /** The entry's name. */
  readonly entry: string
  /** What is wrong, in a clause without the entry's name. */
  readonly detail: string

  constructor(code: ZipContentCode, entry: string, detail: string, options?: ErrorOptions) {
    super(`${entry}: ${detail}`, options)
    this.code = code
    this.entry = entry
    this.detail = detail
  }

  /** The same, as something an inspection can say. */
  toFinding(): Finding {
    return zipFinding(this.code, this.detail, this.entry)
  }
}
