import type { Finding, Severity } from '../../engine/index.ts'

interface Rule {
  readonly severity: Severity
  /** What a validation error is called on the wire; `null` where no code is known (amazon-appstore.md 5.2). */
  readonly errorCode: string | null
  readonly message: (detail: string) => string
}

const error = (errorCode: string | null, message: Rule['message']): Rule => ({
  severity: 'error',
  errorCode,
  message,
})
const warning = (message: Rule['message']): Rule => ({ severity: 'warning', errorCode: null, message })

/**
 * Everything the store has to say of an edit. Codes that start with `error_` are the service's own; conditions
 * without one are INFERRED from the console's rules (amazon-appstore.md 3.4).
 */
export const editRules = {
  'amazon-release-notes': error(
    'error_release_notes_incomplete',
    (language) => `The listing ${language} has no release notes of this edit. Write its recentChanges.`,
  ),
  'amazon-apk-untargeted': error(
    'error_apk_must_target_atleast1_device',
    (name) => `${name} targets no device. Target one that its manifest allows.`,
  ),
  'amazon-apk-drm': error(
    'error_apk_drm_value_missing',
    (name) => `Nobody said whether ${name} has DRM. Replace a live APK in place of uploading a new one.`,
  ),
  'amazon-apk-version-conflict': error(
    'error_apk_version_code_conflict',
    (name) => `${name} has the version code of another APK. Raise it.`,
  ),
  'amazon-keyword': error('SINGLE_WORD', (detail) => `${detail}. Use single words.`),
  'amazon-apk-missing': error(null, () => 'The edit has no APK. Upload one.'),
  'amazon-apk-lower-version': error(
    null,
    (detail) => `The highest version code must not be lower than that of the live version: ${detail}.`,
  ),
  'amazon-apk-package-names': error(null, (names) => `The APKs have different package names: ${names}.`),
  'amazon-apk-test-only': error(
    null,
    (name) => `${name} is for tests only: no device installs it. Leave android:testOnly out.`,
  ),
  'amazon-listing-missing': error(
    null,
    (language) => `There is no listing in the default language, ${language}. Add it.`,
  ),
  'amazon-listing-text': error(null, (detail) => `${detail}. Change it.`),
  'amazon-images-missing': error(null, (detail) => `${detail}. Upload what is missing.`),
  'amazon-apk-superseded': warning(
    (name) => `${name} targets no device any more: newer APKs of the edit have them. Delete it.`,
  ),
  'amazon-apk-debuggable': warning(
    (name) => `${name} can be debugged by anybody. Leave android:debuggable out of release builds.`,
  ),
  'amazon-apk-certificate': warning(
    (name) =>
      `${name} is signed by another certificate than the live version. Sign it with the same key, or with its successor by a lineage.`,
  ),
} as const satisfies Record<string, Rule>

export type EditCode = keyof typeof editRules

export function editFinding(
  code: EditCode,
  detail: string,
  target?: string,
  severity: Severity = editRules[code].severity,
): Finding {
  const finding = { code, severity, message: editRules[code].message(detail) }
  return target === undefined ? finding : { ...finding, target }
}

/** A finding as a validation error on the wire; those of packages have no code of the service's. */
export function toWireFinding({ code, message }: Finding): { errorCode: string; errorMessage: string } {
  const rule: Rule | undefined = Object.hasOwn(editRules, code) ? editRules[code as EditCode] : undefined
  return { errorCode: rule?.errorCode ?? 'invalid_input', errorMessage: message }
}
