import { shownName, withSeverities, type ZipCode } from '../../containers/zip-findings.ts'
import type { Finding, Reader, Severity } from '../../types.ts'
import { type ApkCode, apkFinding } from '../findings.ts'
import type { ApkArchive } from './apk-archive.ts'
import { hasOnlyFiller } from './filler.ts'
import { localHeaderAgrees } from './local-header.ts'

/** Where Android, or the tools that build for it, are known to be milder than a cautious ZIP reader. */
const severities: Partial<Record<ZipCode, Severity | 'ignore'>> = {
  // Names differ in letter case once resources are shortened; on Android they are different files.
  'zip-case-collision': 'ignore',
  'zip-bad-extra-field': 'ignore',
  'zip-local-flags-differ': 'ignore',
  'zip-unclaimed-bytes': 'notice',
  'zip-descriptor-missing': 'notice',
  'zip-descriptor-mismatch': 'warning',
  'zip-control-character': 'warning',
  'zip-file-as-folder': 'warning',
  'zip-folder-with-data': 'warning',
  'zip-name-encoding': 'warning',
  'zip-name-ambiguous': 'warning',
  'zip-symlink': 'warning',
  'zip-special-file': 'warning',
  // Said again in the terms of Android, where they matter.
  'zip-unsupported-method': 'ignore',
  'zip-duplicate-name': 'ignore',
}

/** After these Android would read another directory than the ZIP reader, or none. */
const directoryCodes: readonly (ZipCode | ApkCode)[] = [
  'zip-truncated',
  'zip-ambiguous-end',
  'zip-trailing-bytes',
  'zip-multi-disk',
  'zip-bad-directory',
  'zip-directory-too-large',
  'zip-entry-count',
  'zip-too-many-entries',
  'zip-zip64-lie',
]

/** After these it would read other content, or reading it all would take for ever. */
const contentCodes: readonly (ZipCode | ApkCode)[] = [
  'zip-too-large',
  'zip-ratio',
  'zip-out-of-bounds',
  'zip-overlap',
  'zip-local-header-missing',
  'apk-entry-mismatch',
]

const hasError = (findings: readonly Finding[], codes: readonly string[]): boolean =>
  findings.some(({ code, severity }) => severity === 'error' && codes.includes(code))

/** Whether the archive's entries are those that Android sees. */
export const isDirectoryTrusted = (findings: readonly Finding[]): boolean =>
  !hasError(findings, directoryCodes)

/** Whether the content of every entry may be read, and is what Android would read. */
export const isContentTrusted = (findings: readonly Finding[]): boolean => !hasError(findings, contentCodes)

const fillerCodes: readonly ZipCode[] = ['zip-leading-bytes', 'zip-unclaimed-bytes', 'zip-hidden-entry']
const ignore = 'ignore' as const

/**
 * What the container has wrong by Android's rules.
 * @param blockOffset where the APK Signing Block begins, which accounts for the bytes before the directory
 */
export async function containerFindings(
  reader: Reader,
  archive: ApkArchive,
  blockOffset: number | undefined,
): Promise<Finding[]> {
  const own = { ...severities }
  if (blockOffset !== undefined) own['zip-bytes-before-directory'] = ignore
  const hasGaps = archive.zip.findings.some(({ code }) => fillerCodes.some((each) => each === code))
  if (hasGaps && (await hasOnlyFiller(reader, archive, blockOffset ?? archive.directoryOffset))) {
    for (const code of fillerCodes) own[code] = ignore
  }
  const result: Finding[] = []
  const judged = withSeverities(archive.zip.findings, own)
  const mismatches = judged.filter(({ code }) => code === 'zip-local-mismatch')
  result.push(...judged.filter(({ code }) => code !== 'zip-local-mismatch'))
  result.push(...(await localMismatches(reader, archive, mismatches)))
  for (const name of archive.repeated) {
    result.push(apkFinding('apk-entry-duplicate', 'it stands in the directory twice', name))
  }
  for (const { name, zip } of archive.entries) {
    if (zip.method === 0 || zip.method === 8) continue
    result.push(apkFinding('apk-compression-method', `it claims compression method ${zip.method}`, name))
  }
  return bounded(result)
}

/** A local header may name another compression method: Android looks at the directory's only. */
async function localMismatches(
  reader: Reader,
  archive: ApkArchive,
  findings: readonly Finding[],
): Promise<Finding[]> {
  if (findings.length === 0) return []
  const byShownName = Map.groupBy(archive.zip.entries, ({ name }) => shownName(name))
  const result: Finding[] = []
  for (const finding of findings) {
    // Without a target it is the line that closes a long list: nobody looked at the rest.
    const entries = (finding.target === undefined ? undefined : byShownName.get(finding.target)) ?? []
    const few = entries.length > 0 && entries.length <= mostOfOneCode
    const agree = few && (await Promise.all(entries.map((entry) => localHeaderAgrees(reader, entry))))
    const detail = 'its local header contradicts the directory'
    if (agree !== false && agree.every(Boolean)) result.push({ ...finding, severity: 'warning' })
    else result.push(apkFinding('apk-entry-mismatch', detail, finding.target))
  }
  return result
}

const mostOfOneCode = 20

function bounded(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>()
  return findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1
    counts.set(code, count)
    // One more than listed: the ZIP reader's own closing line.
    return count <= mostOfOneCode + 1
  })
}
