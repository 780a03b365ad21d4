/**
 * The languages of listings: the documented ones (amazon-appstore.md 2.3), and Spanish for Mexico, which clients use.
 */
const languages: readonly string[] = [
  'de-DE',
  'en-AU',
  'en-GB',
  'en-IN',
  'en-US',
  'es-ES',
  'es-MX',
  'fr-FR',
  'it-IT',
  'ja-JP',
  'pt-BR',
  'zh-CN',
]

const bySpelling = new Map(languages.map((language) => [language.toLowerCase(), language]))

/** The hyphenated spelling, which is the one on the wire; undefined for what is no language of the store. */
export function readLanguage(text: string): string | undefined {
  return bySpelling.get(text.replace('_', '-').toLowerCase())
}
