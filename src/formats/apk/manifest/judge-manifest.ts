import type { XmlDocument } from '../axml/document.ts'
import type { ApkFindings } from '../findings.ts'
import type { Manifest } from './manifest.ts'

const file = 'AndroidManifest.xml'

/** What the manifest has wrong by itself; what a store asks of it is judged elsewhere. */
export function judgeManifest(
  document: XmlDocument,
  manifest: Manifest | undefined,
  findings: ApkFindings,
): void {
  for (const refusal of document.refusals) findings.add('apk-manifest-malformed', refusal, file)
  for (const oddity of document.oddities) findings.add('apk-manifest-unusual', oddity, file)
  if (manifest === undefined) {
    if (document.refusals.length === 0)
      findings.add('apk-manifest-malformed', 'its root is no <manifest>', file)
    return
  }
  judgePackage(manifest, findings)
  if (manifest.versionCode === undefined) {
    findings.add('apk-version-code-missing', 'it has no android:versionCode', `${file}#versionCode`)
  }
  for (const codename of [manifest.minSdkCodename, manifest.targetSdkCodename]) {
    if (codename !== undefined)
      findings.add('apk-codename', `it asks for the preview "${codename}"`, `${file}#uses-sdk`)
  }
  if (!manifest.hasApplication) findings.add('apk-application-missing', 'it has no <application>', file)
  if (manifest.debuggable) findings.add('apk-debuggable', 'the package is debuggable', `${file}#debuggable`)
  if (manifest.testOnly) findings.add('apk-test-only', 'the package is for tests only', `${file}#testOnly`)
  if (manifest.split !== undefined) {
    findings.add('apk-split', `it is the split "${manifest.split}" of a package`, `${file}#split`)
  }
}

/** As Android's package parser asks; the framework itself is the only package without a dot. */
function isPackageName(name: string): boolean {
  const parts = name.split('.', longestName)
  const wellFormed = parts.every((part) => /^[A-Za-z][A-Za-z0-9_]*$/.test(part))
  return name === 'android' || (parts.length > 1 && wellFormed && name.length <= longestName)
}

const longestName = 223

function judgePackage({ packageName }: Manifest, findings: ApkFindings): void {
  const target = `${file}#package`
  if (packageName === undefined || packageName === '') {
    findings.add('apk-package-missing', 'it names no package', target)
  } else if (!isPackageName(packageName)) {
    findings.add('apk-package-invalid', `"${packageName}" is no package name`, target)
  }
}
