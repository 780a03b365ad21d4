import type { Finding, Severity } from '../types.ts'

interface Rule {
  readonly severity: Severity
  /** `detail` is a whole clause that starts in lower case and names no entry: the target does. */
  readonly message: (detail: string) => string
}

const rule = (severity: Severity, advice: string): Rule => ({
  severity,
  message: (detail) => `${detail[0]?.toUpperCase() ?? ''}${detail.slice(1)}. ${advice}`,
})

const rebuild = 'Pack the archive again with an ordinary ZIP tool.'

/**
 * Everything the ZIP container has to say. The severities are those of a cautious reader; a store that is known
 * to be milder or stricter says so through {@link withSeverities}.
 */
export const zipRules = {
  'zip-not-a-zip': rule('error', 'Upload a ZIP archive, whole and not renamed from another format.'),
  'zip-truncated': rule('error', 'Upload the file again; it seems to have been cut off.'),
  'zip-ambiguous-end': rule('error', `Readers would not agree where its directory is. ${rebuild}`),
  'zip-multi-disk': rule('error', 'Pack everything into one file.'),
  'zip-leading-bytes': rule('error', 'Remove what stands before the first entry.'),
  'zip-trailing-bytes': rule('error', 'Remove what stands after the end of the archive.'),
  'zip-bytes-before-directory': rule('warning', rebuild),
  'zip-bytes-after-directory': rule('warning', rebuild),
  'zip-unclaimed-bytes': rule('warning', rebuild),
  'zip-hidden-entry': rule('error', `Some readers would unpack it. ${rebuild}`),
  'zip-bad-directory': rule('error', rebuild),
  'zip-directory-too-large': rule('error', 'Use fewer or shorter entry names.'),
  'zip-entry-count': rule('error', rebuild),
  'zip-too-many-entries': rule('error', 'Pack fewer files.'),
  'zip-too-large': rule('error', 'Make the unpacked package smaller.'),
  'zip-zip64': rule('notice', 'Stores read ZIP64; some older tools do not.'),
  'zip-zip64-lie': rule('error', rebuild),
  'zip-bad-extra-field': rule('warning', rebuild),
  'zip-empty-name': rule('error', 'Give every entry a name.'),
  'zip-name-too-long': rule('error', 'Use shorter paths.'),
  'zip-name-encoding': rule('error', 'Write names as UTF-8.'),
  'zip-name-ambiguous': rule('error', `Readers would not agree on the name. ${rebuild}`),
  'zip-absolute-path': rule('error', 'Store paths relative to the root of the package.'),
  'zip-drive-letter': rule('error', 'Store paths relative to the root of the package.'),
  'zip-parent-path': rule('error', 'Store paths that stay inside the package.'),
  'zip-backslash': rule('warning', 'Separate folders with "/".'),
  'zip-control-character': rule('error', 'Rename the file.'),
  'zip-unnormalised-path': rule('warning', 'Store paths without "." and empty parts.'),
  'zip-duplicate-name': rule('error', 'Keep one of them.'),
  'zip-case-collision': rule('warning', 'Rename one of them: on Windows they are the same file.'),
  'zip-file-as-folder': rule('error', 'Rename the file or the folder.'),
  'zip-symlink': rule('error', 'Pack the file itself in place of the link.'),
  'zip-special-file': rule('error', 'Pack regular files and folders only.'),
  'zip-folder-mismatch': rule('warning', rebuild),
  'zip-folder-with-data': rule('error', rebuild),
  'zip-encrypted': rule('error', 'Pack without a password.'),
  'zip-unsupported-method': rule('error', 'Compress with deflate or store without compression.'),
  'zip-unsupported-flags': rule('error', rebuild),
  'zip-ratio': rule('error', 'No sound file compresses that far.'),
  'zip-out-of-bounds': rule('error', rebuild),
  'zip-overlap': rule('error', rebuild),
  'zip-local-header-missing': rule('error', rebuild),
  'zip-local-mismatch': rule('error', `Readers would not agree about this entry. ${rebuild}`),
  'zip-local-flags-differ': rule('warning', rebuild),
  'zip-descriptor-missing': rule('warning', rebuild),
  'zip-descriptor-mismatch': rule('error', rebuild),
  'zip-size-mismatch': rule('error', 'Pack the file again.'),
  'zip-crc-mismatch': rule('error', 'Pack the file again; its content is damaged.'),
  'zip-bad-data': rule('error', 'Pack the file again; its compressed data is damaged.'),
} satisfies Record<string, Rule>

export type ZipCode = keyof typeof zipRules

/** Codes that only reading an entry's content can bring up, as a `ZipError`. */
export type ZipContentCode = Extract<
  ZipCode,
  | 'zip-size-mismatch'
  | 'zip-crc-mismatch'
  | 'zip-bad-data'
  | 'zip-encrypted'
  | 'zip-unsupported-method'
  | 'zip-unsupported-flags'
  | 'zip-out-of-bounds'
  | 'zip-local-header-missing'
  | 'zip-too-large'
>

export function zipFinding(code: ZipCode, detail: string, target?: string): Finding {
  const { severity, message } = zipRules[code]
  const base = { code, severity, message: message(detail) }
  return target === undefined ? base : { ...base, target: shownName(target) }
}

/**
 * The findings with a store's own severities: `{ 'zip-backslash': 'error', 'zip-zip64': 'ignore' }`.
 * `ignore` leaves the finding out; what is not named keeps its severity.
 */
export function withSeverities(
  findings: readonly Finding[],
  severities: Readonly<Partial<Record<ZipCode, Severity | 'ignore'>>>,
): Finding[] {
  const result: Finding[] = []
  for (const finding of findings) {
    const own = (severities as Readonly<Record<string, Severity | 'ignore' | undefined>>)[finding.code]
    if (own !== 'ignore') result.push(own === undefined ? finding : { ...finding, severity: own })
  }
  return result
}

const longestShown = 256

/** A name fit for a message: no control characters, no lone surrogates, not longer than a line or two. */
export function shownName(name: string): string {
  const cut = name.length > longestShown ? `${name.slice(0, longestShown)}…` : name
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be shown
  const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g
  return cut.toWellFormed().replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const mostOfOneCode = 20

/**
 * Gathers findings, a bounded number of each code: an archive of a hundred thousand bad names must not become
 * a hundred thousand findings.
 */
export class ZipFindings {
  readonly #list: Finding[] = []
  readonly #counts = new Map<ZipCode, number>()

  add(code: ZipCode, detail: string, target?: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count <= mostOfOneCode) this.#list.push(zipFinding(code, detail, target))
  }

  /** A `ZipError`; by its shape, since that class builds on this module. */
  addError(error: { readonly code: ZipContentCode; readonly entry: string; readonly detail: string }): void {
    this.add(error.code, error.detail, error.entry)
  }

  has(code: ZipCode): boolean {
    return this.#counts.has(code)
  }

  /** All findings, with one closing line for each code that was found too often to be listed. */
  list(): Finding[] {
    const result = [...this.#list]
    for (const [code, count] of this.#counts) {
      if (count > mostOfOneCode) result.push(zipFinding(code, `${count - mostOfOneCode} more of this kind`))
    }
    return result
  }
}
