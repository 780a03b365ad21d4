import type { ZipArchive } from '../containers/zip-types.ts'
import type { ExtensionFindings } from './findings.ts'
import type { JsonObject } from './json.ts'
import type { ExtensionFiles } from './layout.ts'

/** What a rule may look at, and where it says what it found. */
export interface ExtensionContext {
  readonly manifest: JsonObject
  /** 2 or 3; 3 when the manifest doesn't say. */
  readonly manifestVersion: number
  readonly files: ExtensionFiles
  readonly archive: ZipArchive
  readonly findings: ExtensionFindings
}

/** A manifest key as findings name it: `manifest.json#/icons/128`. */
export const manifestKey = (...keys: readonly (string | number)[]): string =>
  `manifest.json#/${keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
