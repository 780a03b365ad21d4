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

/** After these Android would read other bytes than the ZIP reader, or none; v1 signatures can't be judged. */
const distrusted: ReadonlySet<string> = new Set<ZipCode | ApkCode>([
  'zip-truncated',
  'zip-ambiguous-end',
  'zip-trailing-bytes',
  'zip-multi-disk',
  'zip-bad-directory',
  'zip-directory-too-large',
  'zip-entry-count',
  'zip-too-many-entries',
  'zip-too-large',
  'zip-ratio',
  'zip-out-of-bounds',
  'zip-overlap',
  'zip-local-header-missing',
  'zip-zip64-lie',
  'apk-entry-mismatch',
])

export const isDistrusted = (findings: readonly Finding[]): boolean =>
  findings.some(({ code, severity }) => severity === 'error' && distrusted.has(code))

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
  for (const finding of withSeverities(archive.zip.findings, own)) {
    if (finding.code !== 'zip-local-mismatch') result.push(finding)
    else result.push(...(await localMismatch(reader, archive, finding)))
  }
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
async function localMismatch(reader: Reader, archive: ApkArchive, finding: Finding): Promise<Finding[]> {
  const entries = archive.zip.entries.filter(({ name }) => shownName(name) === finding.target)
  for (const entry of entries) {
    if (!(await localHeaderAgrees(reader, entry))) {
      return [apkFinding('apk-entry-mismatch', 'its local header contradicts the directory', finding.target)]
    }
  }
  // Without an entry it is the line that closes a long list.
  const severity: Severity = entries.length > 0 ? 'warning' : 'error'
  return [{ ...finding, severity }]
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
