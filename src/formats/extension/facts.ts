import type { ZipArchive } from '../containers/zip-types.ts'
import type { Fact } from '../types.ts'
import type { ExtensionContext } from './context.ts'
import { type JsonObject, member } from './json.ts'
import type { ExtensionFiles } from './layout.ts'
import type { Locales } from './locales.ts'
import { longestText } from './messages.ts'
import { permissionFacts } from './permissions.ts'
import { textIn } from './texts.ts'
import { parseVersion } from './versions.ts'

/** What is known of an extension; null for what its manifest does not say or says wrongly. */
export type ExtensionFacts = {
  /** In the default locale. */
  readonly name: string | null
  readonly shortName: string | null
  readonly version: string | null
  readonly versionName: string | null
  readonly manifestVersion: number | null
  /** In the default locale. */
  readonly description: string | null
  readonly defaultLocale: string | null
  readonly locales: readonly string[]
  readonly permissions: readonly string[]
  readonly hostPermissions: readonly string[]
  /** Files below the manifest's folder. */
  readonly files: number
  /** Of all entries, as declared. */
  readonly unpackedBytes: number
  /** The single top folder around the manifest, `''` when it stands at the root, null without a manifest. */
  readonly folder: string | null
  readonly minimumChromeVersion: string | null
} & { readonly [name: string]: Fact }

export function unreadableFacts(
  archive: ZipArchive | undefined,
  files: ExtensionFiles | undefined,
): ExtensionFacts {
  return {
    name: null,
    shortName: null,
    version: null,
    versionName: null,
    manifestVersion: null,
    description: null,
    defaultLocale: null,
    locales: [],
    permissions: [],
    hostPermissions: [],
    files: files?.count ?? 0,
    unpackedBytes: unpackedBytes(archive),
    folder: files?.find('manifest.json') === undefined ? null : files.folder.slice(0, -1),
    minimumChromeVersion: null,
  }
}

export function extensionFacts(context: ExtensionContext, locales: Locales): ExtensionFacts {
  const { manifest, archive, files } = context
  const text = (key: string) => textIn(context, locales, key, locales.defaultLocale) || null
  const version = string(manifest, 'version')
  const manifestVersion = member(manifest, 'manifest_version')
  return {
    ...unreadableFacts(archive, files),
    name: text('name'),
    shortName: text('short_name'),
    version: version !== null && parseVersion(version) !== undefined ? version : null,
    versionName: string(manifest, 'version_name'),
    manifestVersion: typeof manifestVersion === 'number' ? manifestVersion : null,
    description: text('description'),
    defaultLocale: locales.defaultLocale ?? null,
    locales: locales.names,
    ...permissionFacts(manifest),
    minimumChromeVersion: string(manifest, 'minimum_chrome_version'),
  }
}

const unpackedBytes = (archive: ZipArchive | undefined): number =>
  (archive?.entries ?? []).reduce((sum, entry) => sum + entry.uncompressedSize, 0)

function string(manifest: JsonObject, key: string): string | null {
  const value = member(manifest, key)
  return typeof value === 'string' ? value.slice(0, longestText) : null
}
