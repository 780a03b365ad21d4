import { shownName } from '../containers/zip-findings.ts'
import type { Finding, Severity } from '../types.ts'

interface Rule {
  readonly severity: Severity
  /** What to change; the detail of each finding says what is wrong. */
  readonly advice: string
}

const error = (advice: string): Rule => ({ severity: 'error', advice })
const warning = (advice: string): Rule => ({ severity: 'warning', advice })
const notice = (advice: string): Rule => ({ severity: 'notice', advice })

const buildAgain = 'Build the package again with the Android build tools.'
const signAgain = 'Sign the package again with apksigner.'
const signLast = 'Sign last: any change after signing breaks the signature.'
const alignFirst = 'Run zipalign before signing.'

/** Everything the APK reader has to say, beside what the ZIP container has (`zip-…`). */
export const apkRules = {
  'apk-entry-mismatch': error('Android refuses entries whose local header contradicts the directory.'),
  'apk-entry-unreadable': error(buildAgain),
  'apk-entry-duplicate': error('Keep one of them.'),
  'apk-compression-method': warning(
    'Android reads it as deflated; other tools will not. Use store or deflate.',
  ),
  'apk-entry-unaligned': warning(alignFirst),
  'apk-native-library-unaligned': warning('Run zipalign with -p before signing.'),
  'apk-resources-compressed': warning('Store resources.arsc without compression.'),
  'apk-resources-unaligned': warning(alignFirst),
  'apk-manifest-missing': error('Upload an APK: it has a compiled AndroidManifest.xml at its root.'),
  'apk-manifest-too-large': error('Shorten AndroidManifest.xml.'),
  'apk-manifest-malformed': error(buildAgain),
  'apk-manifest-unusual': warning(
    'Android bears it, other tools may not. Leave the compiled manifest as it is.',
  ),
  'apk-min-sdk-unreadable': error('Give minSdkVersion as a number.'),
  'apk-package-missing': error('Give <manifest> a package attribute.'),
  'apk-package-invalid': error('Use a name of two or more parts, each beginning with a letter.'),
  'apk-version-code-missing': warning('Give <manifest> an android:versionCode; without one it counts as 0.'),
  'apk-codename': warning('Build release packages against a final SDK, with a number.'),
  'apk-application-missing': warning(
    'Give <manifest> an <application>; Android does not install it without.',
  ),
  'apk-debuggable': warning('Leave android:debuggable out of release builds.'),
  'apk-test-only': warning('Leave android:testOnly out; such packages install only by adb install -t.'),
  'apk-split': warning('Upload the base APK; a split can not be installed alone.'),
  'apk-resources-malformed': warning(buildAgain),
  'apk-resources-too-large': notice('Label, icon and other references were not resolved.'),
  'apk-signing-block-malformed': warning(signAgain),
  'apk-signing-block-ambiguous': error(`Readers would not agree on who signed it. ${signAgain}`),
  'apk-signature-missing': error('Sign the package with apksigner.'),
  'apk-signature-unverifiable': error(`The signature can not be judged. ${buildAgain}`),
  'apk-signature-malformed': error(signAgain),
  'apk-signature-invalid': error(`${signLast} ${signAgain}`),
  'apk-signature-algorithm': error('Sign with an algorithm that every supported Android version knows.'),
  'apk-signature-key-mismatch': error(`The certificate is not that of the key. ${signAgain}`),
  'apk-signature-content': error(`${signLast} ${signAgain}`),
  'apk-signature-stripped': error(`A signature was removed after signing. ${signAgain}`),
  'apk-signature-too-many-signers': error('Android accepts ten signers at most.'),
  'apk-signature-sdk-range': error(
    `Its signers must cover every supported Android version once. ${signAgain}`,
  ),
  'apk-signature-lineage': error(
    'Make the lineage again with apksigner rotate and sign with its newest key.',
  ),
  'apk-signature-signers-differ': error('Sign with all schemes at once, with the same keys.'),
  'apk-signature-too-old': error('Sign with APK Signature Scheme v2 or newer.'),
  'apk-signature-unknown-part': notice('It is newer than this verifier, or does not belong there.'),
  'apk-v1-manifest': error(`META-INF/MANIFEST.MF is wrong. ${signAgain}`),
  'apk-v1-malformed': error(signAgain),
  'apk-v1-algorithm': error('Sign with a digest and a key that every supported Android version knows.'),
  'apk-v1-invalid': error(`${signLast} ${signAgain}`),
  'apk-v1-content': error(`${signLast} ${signAgain}`),
  'apk-v1-entry-unsigned': error(`${signLast} ${signAgain}`),
  'apk-v1-entry-missing': error(`${signLast} ${signAgain}`),
  'apk-v1-signers-differ': error('Every entry must be signed by the same keys.'),
  'apk-v1-signer-ignored': warning('Android does not count this signer. Remove it or sign again.'),
  'apk-v1-stale': warning('Android does not read it; a tool that does would name another signer. Remove it.'),
  'apk-v1-unprotected': notice('Anybody can change it without breaking the signature.'),
} as const satisfies Record<string, Rule>

export type ApkCode = keyof typeof apkRules

/** @param detail a whole clause that starts in lower case and does not name the target */
export function apkFinding(code: ApkCode, detail: string, target?: string): Finding {
  const { severity, advice } = apkRules[code]
  const shown = shownText(detail)
  const message = `${shown[0]?.toUpperCase() ?? ''}${shown.slice(1)}. ${advice}`
  const base = { code, severity, message }
  return target === undefined ? base : { ...base, target: shownName(target) }
}

// Details quote names and texts out of the package.
const shownText = (detail: string): string => shownName(detail)

const mostOfOneCode = 20

/** Gathers findings, a bounded number of each code. */
export class ApkFindings {
  readonly #list: Finding[] = []
  readonly #counts = new Map<string, number>()

  add(code: ApkCode, detail: string, target?: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count <= mostOfOneCode) this.#list.push(apkFinding(code, detail, target))
  }

  /** What another layer found, as it is. */
  include(findings: readonly Finding[]): void {
    this.#list.push(...findings)
  }

  /** All findings, with one closing line for each code that was found too often to be listed. */
  list(): Finding[] {
    const result = [...this.#list]
    for (const code of Object.keys(apkRules) as ApkCode[]) {
      const more = (this.#counts.get(code) ?? 0) - mostOfOneCode
      if (more > 0) result.push(apkFinding(code, `${more} more of this kind`))
    }
    return result
  }
}
