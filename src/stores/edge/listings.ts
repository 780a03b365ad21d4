import type { Content, Fact, Finding, Package } from '../../engine/index.ts'
import type { Judged } from '../../engine/store-spec.ts'

/** What the dashboard holds of one language's listing; name and short description come from the manifest. */
interface Listing {
  readonly description?: string
  readonly searchTerms?: readonly string[]
}

const descriptionLength = { least: 250, most: 10_000 }
const searchTerms = { most: 7, length: 30, words: 21 }

/** What is wrong with a content document: `listings` maps languages to listings, all else is free. */
export function readListings({ listings }: Content): Finding[] {
  if (listings === undefined) return []
  if (!isObject(listings)) return [malformed('listings', 'must be an object of languages')]
  return Object.entries(listings).flatMap(([language, listing]) => {
    const target = `listings.${language}`
    if (!isObject(listing)) return [malformed(target, 'must be an object')]
    const { description, searchTerms: terms } = listing
    const findings: Finding[] = []
    if (description !== undefined && typeof description !== 'string') {
      findings.push(malformed(`${target}.description`, 'must be a string'))
    }
    if (terms !== undefined && !(Array.isArray(terms) && terms.every((term) => typeof term === 'string'))) {
      findings.push(malformed(`${target}.searchTerms`, 'must be an array of strings'))
    }
    return findings
  })
}

function malformed(target: string, problem: string): Finding {
  return { code: 'edge-content', severity: 'error', message: `${target} ${problem}`, target }
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A language the package brings anew needs a listing, filled in by hand, before anything is published
 * (edge-addons.md section 3 and 7.2). What the first release here brings is taken as listed already.
 */
export function checkListings({ content, packages, live }: Judged): Finding[] {
  const listings = (content.listings ?? {}) as { [language: string]: Listing }
  return [...checkLanguages(Object.keys(listings), packages[0], live?.packages[0]), ...checkTexts(listings)]
}

function checkLanguages(listed: string[], pack: Package | undefined, live: Package | undefined): Finding[] {
  if (listed.length === 0 && !live) return []
  const known = new Set([...listed, ...languagesOf(live)].map(normalize))
  const missing = languagesOf(pack).filter((language) => !known.has(normalize(language)))
  if (missing.length === 0) return []
  const message = `The package is new in ${missing.join(', ')}, which has no listing. Add a description for it.`
  return [{ code: 'edge-module-listing', severity: 'error', message, target: 'LISTING' }]
}

/** The languages that translate what the manifest shows; other translations need no listing. */
function languagesOf(pack: Package | undefined): string[] {
  const locales: Fact | undefined = pack?.facts.listingLocales ?? pack?.facts.locales
  return Array.isArray(locales) ? locales.filter((locale) => typeof locale === 'string') : []
}

function normalize(language: string): string {
  return language.replaceAll('_', '-').toLowerCase()
}

function checkTexts(listings: { [language: string]: Listing }): Finding[] {
  return Object.entries(listings).flatMap(([language, { description, searchTerms: terms = [] }]) => {
    const findings: Finding[] = []
    const length = description?.length ?? 0
    if (length < descriptionLength.least || length > descriptionLength.most) {
      findings.push(invalid(language, 'description', `has ${length} characters; it needs 250 to 10,000`))
    }
    if (terms.length > searchTerms.most) {
      findings.push(invalid(language, 'searchTerms', `are ${terms.length}; at most 7 are shown`))
    }
    if (terms.some((term) => term.length > searchTerms.length)) {
      findings.push(invalid(language, 'searchTerms', 'have one of more than 30 characters'))
    }
    if (terms.join(' ').split(/\s+/).filter(Boolean).length > searchTerms.words) {
      findings.push(invalid(language, 'searchTerms', 'have more than 21 words in all'))
    }
    return findings
  })
}

function invalid(language: string, field: string, problem: string): Finding {
  const target = `listings.${language}.${field}`
  return {
    code: 'edge-listing-text',
    severity: 'error',
    message: `The ${language} ${field} ${problem}.`,
    target,
  }
}
