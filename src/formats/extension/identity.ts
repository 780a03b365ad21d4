import { type ExtensionContext, manifestKey } from './context.ts'
import { member } from './json.ts'
import { isBrowserVersion, parseVersion } from './versions.ts'

/** Versions, and the keys that belong to the store (edge-addons.md 7.1 and 7.2). */
export function judgeIdentity({ manifest, findings }: ExtensionContext): void {
  const manifestVersion = member(manifest, 'manifest_version')
  const key = manifestKey('manifest_version')
  if (manifestVersion === undefined) findings.add('extension-manifest-version-missing', key)
  else if (manifestVersion === 2) findings.add('extension-manifest-v2', key)
  else if (manifestVersion !== 3) findings.add('extension-manifest-version-invalid', key)
  judgeVersion(member(manifest, 'version'), findings)
  const minimum = member(manifest, 'minimum_chrome_version')
  if (minimum !== undefined && !(typeof minimum === 'string' && isBrowserVersion(minimum))) {
    const target = manifestKey('minimum_chrome_version')
    findings.add('extension-invalid-value', target, 'minimum_chrome_version', 'a version such as "120.0"')
  }
  if (member(manifest, 'key') !== undefined) findings.add('extension-key', manifestKey('key'))
  const updateUrl = member(manifest, 'update_url')
  if (updateUrl === undefined) return
  const target = manifestKey('update_url')
  if (typeof updateUrl === 'string' && URL.canParse(updateUrl)) findings.add('extension-update-url', target)
  else findings.add('extension-update-url-invalid', target, String(updateUrl))
}

function judgeVersion(version: unknown, findings: ExtensionContext['findings']): void {
  const target = manifestKey('version')
  if (typeof version !== 'string') {
    findings.add('extension-version-invalid', target, "Write it as a string such as '1.0.2'.")
  } else if (parseVersion(version) === undefined) {
    const hint = `No part may exceed 65535 or begin with 0, and not all may be 0; '${version}' breaks this.`
    findings.add('extension-version-invalid', target, hint)
  }
}
