import { type ExtensionContext, manifestKey } from './context.ts'
import { member } from './json.ts'
import type { Locales } from './locales.ts'
import { resolveText } from './messages.ts'

const mostNameInStores = 75
const mostNameInEdge = 45
const mostDescription = 132

/** `name`, `short_name`, `version_name` and `description`, in every language (edge-addons.md 7.1). */
export function judgeTexts(context: ExtensionContext, locales: Locales): void {
  const { manifest, findings } = context
  const name = member(manifest, 'name')
  if (typeof name !== 'string' || name.trim() === '')
    findings.add('extension-name-missing', manifestKey('name'))
  for (const key of ['short_name', 'version_name', 'description']) {
    const value = member(manifest, key)
    if (value !== undefined && typeof value !== 'string') {
      findings.add('extension-invalid-value', manifestKey(key), key, 'a string')
    }
  }
  const description = member(manifest, 'description')
  if (description === undefined || description === '') {
    findings.add('extension-description-missing', manifestKey('description'))
  }
  judgeNameLength(context, locales)
  judgeDescriptionLength(context, locales)
}

/** What a translated key says in one locale, undefined when it is no string. */
export function textIn(context: ExtensionContext, locales: Locales, key: string, locale: string | undefined) {
  const value = member(context.manifest, key)
  return typeof value === 'string' ? resolveText(value, (name) => locales.look(locale, name)) : undefined
}

/** Characters as people count them: a surrogate pair is one. */
const length = (text: string): number => [...text].length

interface Measured {
  readonly locale: string | undefined
  readonly characters: number
}

/** The text's length in the default locale and in every other, each different length once. */
function measure(context: ExtensionContext, locales: Locales, key: string): Measured[] {
  const measured: Measured[] = []
  const seen = new Set<string>()
  for (const locale of new Set([locales.defaultLocale, ...locales.names])) {
    const text = textIn(context, locales, key, locale)
    if (text === undefined || seen.has(text)) continue
    seen.add(text)
    if (text === '' && key === 'name') context.findings.add('extension-name-missing', where(key, locale))
    measured.push({ locale, characters: length(text) })
  }
  return measured
}

const where = (key: string, locale: string | undefined): string =>
  locale === undefined ? manifestKey(key) : `_locales/${locale}/messages.json`
const inLocale = (locale: string | undefined): string =>
  locale === undefined ? '' : ` in locale '${locale}'`

function judgeNameLength(context: ExtensionContext, locales: Locales): void {
  if (member(context.manifest, 'name') === '') return
  for (const { locale, characters } of measure(context, locales, 'name')) {
    if (characters <= mostNameInEdge) continue
    const code = characters > mostNameInStores ? 'extension-name-too-long' : 'extension-name-long'
    context.findings.add(code, where('name', locale), inLocale(locale), characters)
  }
}

function judgeDescriptionLength(context: ExtensionContext, locales: Locales): void {
  for (const { locale, characters } of measure(context, locales, 'description')) {
    if (characters <= mostDescription) continue
    const target = where('description', locale)
    context.findings.add('extension-description-too-long', target, inLocale(locale), characters)
  }
}
