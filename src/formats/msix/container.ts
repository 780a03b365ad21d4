import { withSeverities } from '../containers/zip-findings.ts'
import type { ZipArchive } from '../containers/zip-types.ts'
import type { Finding } from '../types.ts'
import { pathKey } from './file-name.ts'
import { footprint } from './footprint.ts'

/** The container's findings, as far as they matter here: every packer of Windows writes ZIP64. */
export const containerFindings = (archive: ZipArchive): Finding[] =>
  withSeverities(archive.findings, { 'zip-zip64': 'ignore', 'zip-case-collision': 'ignore' })

export const isPackageName = (name: string): boolean => /.\.(?:appx|msix)$/i.test(name)
export const isBundleName = (name: string): boolean => /.\.(?:appx|msix)bundle$/i.test(name)
export const isUploadName = (name: string): boolean => /.\.(?:appx|msix)upload$/i.test(name)

export type ArchiveKind =
  | 'package'
  | 'bundle'
  | 'upload'
  | 'two-manifests'
  | 'package-without-manifest'
  | 'bundle-without-manifest'
  | 'other'

/** What an archive is, from what is in it. */
export function kindOf({ entries }: ZipArchive): ArchiveKind {
  const names = new Set<string>()
  let packages = false
  for (const { name } of entries) {
    names.add(pathKey(name))
    packages ||= isPackageName(name) || isBundleName(name) || isUploadName(name)
  }
  const has = (name: string) => names.has(pathKey(name))
  const manifest = has(footprint.manifest)
  const bundleManifest = has(footprint.bundleManifest)
  if (manifest && bundleManifest) return 'two-manifests'
  if (manifest) return 'package'
  if (bundleManifest) return 'bundle'
  if (has(footprint.blockMap) || has(footprint.contentTypes)) {
    return packages ? 'bundle-without-manifest' : 'package-without-manifest'
  }
  return packages ? 'upload' : 'other'
}
