import { shownName } from '../containers/zip-findings.ts'
import type { Finding, Severity } from '../types.ts'

interface Rule {
  readonly severity: Severity
  readonly message: (...details: string[]) => string
}

const error = (message: Rule['message']): Rule => ({ severity: 'error', message })
const warning = (message: Rule['message']): Rule => ({ severity: 'warning', message })

/**
 * Everything the extension format has to say, beside the codes of the ZIP container. Where Edge or Chromium is
 * known to say a sentence (edge-addons.md 7.1 and 7.2), the message begins with exactly that sentence.
 * The evidence of each rule stands in docs/formats/extension.md.
 */
export const extensionRules = {
  'extension-crx': error(
    () =>
      'This is a CRX file, signed for installation. Upload the ZIP archive it was packed from: stores sign the package themselves.',
  ),
  // INFERRED: Edge publishes no limit; its draft of 2021 said 500 MB.
  'extension-too-large': error(
    (size, most) =>
      `The package must not exceed ${most} bytes; it has ${size}. Remove what it does not need.`,
  ),
  'extension-manifest-missing': error((hint) => `Manifest file is missing or unreadable. ${hint}`),
  'extension-manifest-too-large': error(
    (size, most) =>
      `Manifest file is missing or unreadable. It has ${size} bytes; make it smaller than ${most}.`,
  ),
  'extension-manifest-invalid': error((why) => `Manifest is not valid JSON. ${why}`),
  // INFERRED: the browser reads comments; whether Edge's store does is not known, and refusing them would refuse
  // packages that browsers load.
  'extension-nonstandard-json': warning(
    () =>
      'The file has comments, control characters or escapes in it that JSON does not have. Browsers read it; remove them for stores.',
  ),
  'extension-outside-files': error(
    (folder, names) =>
      `Files or directories outside directory that contains manifest.json ${folder} are not allowed: ${names}. Remove them, or pack the content of the folder without the folder.`,
  ),
  'extension-backslash': error(
    (name) => `Invalid file name in archive: ${name}. Pack with a tool that separates folders with "/".`,
  ),
  'extension-reserved-name': warning(
    (name) =>
      `Cannot load extension with file or directory name ${name}. Filenames starting with "_" are reserved for use by the system. Browsers refuse it unpacked; rename it.`,
  ),
  'extension-nested-archive': error(
    () =>
      'The uploaded package consists of a compressed file. Unpack the archive and pack its files, or store them in another form.',
  ),
  // INFERRED: only names that end in .gz and .zip are known to be refused.
  'extension-disguised-archive': warning(
    (kind) =>
      `The uploaded package consists of a compressed file. By its first bytes this is a ${kind} archive; Edge may refuse it.`,
  ),

  'extension-manifest-version-missing': error(
    () =>
      "Missing 'manifest_version' key. Its value must be an integer either 2 or 3. Set it to 3, without quotation marks.",
  ),
  'extension-manifest-version-invalid': error(
    () =>
      "Invalid value for 'manifest_version'. Must be an integer either 2 or 3. Set it to 3, without quotation marks.",
  ),
  'extension-manifest-v2': warning(
    () => 'Manifest version 2 is deprecated, and browsers stop running it. Move to version 3.',
  ),
  'extension-name-missing': error(
    () => "Required value 'name' is missing or invalid. Give the extension a name that is not empty.",
  ),
  // Both stores refuse more than 75: Chrome's limit is 75, and Edge's was 45 when it was tested.
  'extension-name-too-long': error(
    (locale, length) =>
      `The name has ${length} characters${locale}; stores accept no more than 75. Shorten it, or move words to the description.`,
  ),
  // INFERRED: 45 was Edge's limit in February 2024; its present limit is not published (MEE#504).
  'extension-name-long': warning(
    (locale, length) =>
      `The name has ${length} characters${locale}; Edge was seen to refuse more than 45. Shorten it.`,
  ),
  'extension-description-missing': warning(
    () => "There is no 'description'. Stores show it; add one of at most 132 characters.",
  ),
  'extension-description-too-long': error(
    (locale, length) =>
      `Invalid value for 'description'. It has ${length} characters${locale}; at most 132 are accepted in every language. Shorten it.`,
  ),
  'extension-version-invalid': error(
    (hint) =>
      `Required value 'version' is missing or invalid. It must be between 1-4 dot-separated integers each between 0 and 65536. ${hint}`,
  ),
  'extension-invalid-value': error((key, expected) => `Invalid value for '${key}'. It must be ${expected}.`),
  'extension-key': error(
    () => "The manifest shouldn't contain the key field. Remove 'key': the store has its own.",
  ),
  'extension-update-url-invalid': error(
    (url) => `Invalid value for update url: '[${url}]'. Remove 'update_url': the store delivers the updates.`,
  ),
  'extension-update-url': warning(
    () => "The manifest has an 'update_url'. Remove it before submission: the store delivers the updates.",
  ),
  'extension-unknown-key': warning(
    (allowed, where, keys) =>
      `Only the following properties are allowed in the object: ${allowed}. Code: ${where}${keys}. Remove what browsers do not know, or ignore this.`,
  ),

  'extension-default-locale-invalid': error(
    () =>
      "Invalid value for default locale - locale name must be a string. Write the name of a folder in '_locales', such as 'en'.",
  ),
  'extension-locales-missing': error(
    () =>
      "Default locale was specified, but _locales subtree is missing. Remove 'default_locale' or pack the folder '_locales'.",
  ),
  'extension-default-locale-missing': error(
    () =>
      "Localization used, but default_locale wasn't specified in the manifest. Add 'default_locale' or remove the folder '_locales'.",
  ),
  'extension-default-messages-missing': error(
    (path) =>
      `Default locale is defined but default data couldn't be loaded. Add '${path}' (letter case matters).`,
  ),
  'extension-no-valid-locale': error(
    () =>
      "No valid locale name could be found in _locales directory. Name its folders as in 'en', 'pt_BR', 'zh_CN'.",
  ),
  'extension-locale-unknown': warning(
    () => "Browsers ignore this folder: its name is no locale. Name it as in 'en', 'pt_BR', 'zh_CN'.",
  ),
  'extension-too-many-locales': error(
    (count, most) => `There are ${count} locales, more than ${most}. Remove those that are none.`,
  ),
  'extension-messages-missing': error(
    (path) => `Messages file is missing for locale. Add '${path}' (letter case matters).`,
  ),
  'extension-messages-invalid': error((path, why) => `Invalid locale file '${path}': ${why}`),
  'extension-messages-too-large': error(
    (most) => `The messages of all locales take more than ${most} bytes. Remove what is not used.`,
  ),
  'extension-message-invalid': warning(
    (key) => `There is no "message" element for key ${key}. Give it a "message" that is a string.`,
  ),
  'extension-message-undefined': error(
    (key) =>
      `Variable __MSG_${key}__ used but not defined. Add the message '${key}' to the default locale's messages.json.`,
  ),

  'extension-icon-128-missing': warning(
    () => "There is no icon of size 128. Stores ask for one: add a PNG of 128x128 as 'icons'.'128'.",
  ),
  'extension-icon-invalid': error(
    (path, why) => `Could not load icon '${path}' specified in 'icons'. ${why} Use a PNG.`,
  ),
  'extension-icon-unsupported': warning(
    (path, kind) =>
      `The icon '${path}' is a ${kind} image, which Chromium does not promise to show. Use a PNG.`,
  ),
  'extension-icon-size': warning(
    (path, actual, wanted) => `The icon '${path}' is ${actual} and should be ${wanted}. Resize it.`,
  ),

  'extension-reference-missing': error(
    (path, hint) =>
      `Manifest file reference '${path}' does not exist in the zip archive. (Note: File locations are case-sensitive)${hint}`,
  ),
  // Edge was seen to refuse such paths in December 2024 and has published extensions full of them since.
  'extension-reference-leading-slash': warning(
    (path) =>
      `Manifest file reference '${path}' does not exist in the zip archive. (Note: File locations are case-sensitive) It does without its leading "/", which Edge did not always accept; remove it.`,
  ),
  'extension-reference-absolute': error(
    (path) =>
      `Manifest file reference '${path}' does not exist in the zip archive. (Note: File locations are case-sensitive) It leads out of the package; pack the file and refer to it by its path.`,
  ),

  'extension-content-scripts-empty': error(
    () => "Invalid value for 'content_scripts'. Edge refuses an empty list; remove the key.",
  ),
  'extension-content-script-matches': error(
    (index) =>
      `Invalid value for 'content_scripts[${index}].matches'. There must be at least one match specified. Add a pattern such as "https://example.com/*".`,
  ),
  'extension-content-script-pattern': error(
    (key, why) => `Invalid value for '${key}': ${why} Write a pattern such as "https://*.example.com/*".`,
  ),
  'extension-content-script-files': error(
    (index) =>
      `At least one js or css file is required for 'content_scripts[${index}]'. Name one or remove the entry.`,
  ),
  'extension-background-combination': error(
    () =>
      'The background.page and background.scripts properties cannot be used at the same time. Keep one of them.',
  ),
  'extension-background-v3': warning(
    (key) =>
      `The "${key}" key cannot be used with manifest_version 3. Use the "background.service_worker" key instead. Without it the extension has no background in Chromium.`,
  ),
  'extension-one-surface': error(
    () => "Only one of 'browser_action', 'page_action', and 'app' can be specified. Keep one of them.",
  ),
  'extension-action-v3': warning((key) => `'${key}' is ignored with manifest_version 3. Use 'action'.`),
  'extension-permission-unknown': warning(
    (permission) =>
      `Permission '${permission}' is unknown or URL pattern is malformed. Correct or remove it.`,
  ),
  'extension-web-accessible-resources': error(
    (index) =>
      `Invalid value for 'web_accessible_resources[${index}]'. Entry must at least have resources, and one other valid key. Add "matches" or "extension_ids".`,
  ),
  'extension-rule-metadata': error(
    (size) =>
      `A declarativeNetRequest rule has ${size} bytes of "metadata"; Edge refuses a package with more than 65536 in one rule. Move it out of the rules.`,
  ),
} satisfies Record<string, Rule>

export type ExtensionCode = keyof typeof extensionRules

const mostOfOneCode = 20

/** Gathers findings, a bounded number of each code. */
export class ExtensionFindings {
  readonly #list: Finding[] = []
  readonly #counts = new Map<ExtensionCode, number>()

  /** `details` come from the package and may be anything; they are made fit to be shown here. */
  add(code: ExtensionCode, target: string | undefined, ...details: (string | number)[]): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count > mostOfOneCode) return
    const rule: Rule = extensionRules[code]
    const message = rule.message(...details.map((detail) => shownName(String(detail))))
    const base = { code, severity: rule.severity, message }
    this.#list.push(target === undefined ? base : { ...base, target: shownName(target) })
  }

  list(): Finding[] {
    const result = [...this.#list]
    for (const [code, count] of this.#counts) {
      const { severity } = extensionRules[code]
      const message = `${count - mostOfOneCode} more of the same kind.`
      if (count > mostOfOneCode) result.push({ code, severity, message })
    }
    return result
  }
}
