import { createHash } from 'node:crypto'
import type { Content, Finding, Package } from './types.ts'

/**
 * Names what was judged: the content and the bytes of every package. A submission whose fingerprint is not
 * the one stored with its positive verdict is never published.
 */
export function fingerprint(content: Content, packages: readonly Package[]): string {
  const hash = createHash('sha256').update(JSON.stringify(content))
  for (const pack of packages) hash.update(`\n${pack.id} ${pack.blob}`)
  return hash.digest('hex')
}

export function refuses(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error')
}

/** What the packages themselves say against a submission: uninspected or unsound ones refuse it. */
export function packageFindings(packages: readonly Package[]): Finding[] {
  return packages.flatMap((pack) => {
    if (pack.inspectedAt !== null && pack.sound) return []
    if (pack.inspectedAt !== null) return pack.findings.filter((finding) => finding.severity === 'error')
    const message = `The package ${pack.fileName} was not inspected; upload it again.`
    return [{ code: 'package-not-inspected', severity: 'error', message, target: pack.fileName }]
  })
}
