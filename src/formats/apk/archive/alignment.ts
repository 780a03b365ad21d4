import type { ApkFindings } from '../findings.ts'
import { sdk } from '../manifest/sdk-version.ts'
import type { ApkArchive, ApkEntry } from './apk-archive.ts'

const wordSize = 4
/** Of the devices that Android ran on before 16 KiB pages came up. */
const pageSize = 4096
const mostNamed = 5

/**
 * Alignment of stored entries (developer.android.com, "zipalign"): Android maps them into memory. From Android 11
 * on it does not install a package with targetSdkVersion 30 whose `resources.arsc` is compressed or unaligned.
 * @param extractsLibraries `android:extractNativeLibs`, undefined when absent
 */
export function judgeAlignment(
  archive: ApkArchive,
  targetSdk: number,
  extractsLibraries: boolean | undefined,
  findings: ApkFindings,
): void {
  const unaligned: string[] = []
  const libraries: string[] = []
  for (const entry of archive.entries) {
    const offset = archive.zip.extent(entry.zip)?.dataOffset
    if (entry.zip.method !== 0 || offset === undefined || entry.zip.uncompressedSize === 0) continue
    if (isLibrary(entry) && extractsLibraries === false) {
      if (offset % pageSize !== 0) libraries.push(entry.name)
    } else if (offset % wordSize !== 0 && entry.name !== resourcesName) unaligned.push(entry.name)
  }
  if (unaligned.length > 0) findings.add('apk-entry-unaligned', said(unaligned, wordSize), unaligned[0])
  if (libraries.length > 0)
    findings.add('apk-native-library-unaligned', said(libraries, pageSize), libraries[0])
  judgeResources(archive, targetSdk, findings)
}

export const resourcesName = 'resources.arsc'

const isLibrary = ({ name }: ApkEntry): boolean => name.startsWith('lib/') && name.endsWith('.so')

function judgeResources(archive: ApkArchive, targetSdk: number, findings: ApkFindings): void {
  const entry = archive.find(resourcesName)
  const offset = entry && archive.zip.extent(entry.zip)?.dataOffset
  if (entry === undefined || offset === undefined) return
  const consequence =
    targetSdk >= sdk.r ? `, with which Android 11 does not install targetSdkVersion ${targetSdk}` : ''
  if (entry.zip.method !== 0) {
    if (targetSdk >= sdk.r)
      findings.add('apk-resources-compressed', `it is compressed${consequence}`, resourcesName)
  } else if (offset % wordSize !== 0) {
    findings.add(
      'apk-resources-unaligned',
      `it is not aligned to ${wordSize} bytes${consequence}`,
      resourcesName,
    )
  }
}

function said(names: readonly string[], alignment: number): string {
  const some = names.slice(0, mostNamed).join(', ')
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  return `stored without compression and not aligned to ${alignment} bytes: ${some}${more}`
}
