/** Entries of the archive that describe the package rather than belong to the app. */
export const footprint = {
  contentTypes: '[Content_Types].xml',
  blockMap: 'AppxBlockMap.xml',
  manifest: 'AppxManifest.xml',
  signature: 'AppxSignature.p7x',
  codeIntegrity: 'AppxMetadata/CodeIntegrity.cat',
  bundleManifest: 'AppxMetadata/AppxBundleManifest.xml',
} as const

/** Keys (see pathKey) of the files no block map can list: the signature vouches for them, or they are it. */
export const neverInBlockMap: ReadonlySet<string> = new Set([
  '[content_types].xml',
  'appxblockmap.xml',
  'appxsignature.p7x',
])

/** Files a block map may leave out; signing adds the catalog when the map is already made. */
export const mayMissInBlockMap: ReadonlySet<string> = new Set([
  ...neverInBlockMap,
  'appxmetadata\\codeintegrity.cat',
])

/** Most bytes of each footprint file; sound ones are far smaller (16 GiB make a block map of about 20 MB). */
export const mostBytes = {
  contentTypes: 32 * 1024 ** 2,
  blockMap: 64 * 1024 ** 2,
  manifest: 8 * 1024 ** 2,
  signature: 256 * 1024,
  codeIntegrity: 64 * 1024 ** 2,
} as const
