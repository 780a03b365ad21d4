import { blankListing, type EditDocument, type Listing, touched } from './document.ts'
import { AmazonRefusal, dataAbsent, invalidInput, refusal, type WireError } from './errors.ts'
import { type JsonObject, textIn, textsIn } from './json-body.ts'
import { readLanguage } from './languages.ts'
import type { Resources } from './tags.ts'

/** Characters at most (amazon-appstore.md 2.3; the title's is INFERRED there). */
const longest = { title: 250, shortDescription: 1200, fullDescription: 4000, recentChanges: 4000 } as const
const mostBullets = 5

/** @throws AmazonRefusal 400 for what is no language of the store (amazon-appstore.md 5.2) */
export function languageOf(text: string): string {
  const language = readLanguage(text)
  if (language === undefined) throw invalidInput(`Invalid language ${text}`)
  return language
}

/**
 * A whole listing as a client puts it; keys that are no listing's, such as the echoed `language`, are passed over.
 * @throws AmazonRefusal 400 with everything that is wrong with its texts
 */
export function readListing(body: JsonObject): Listing {
  if (body.keywords === undefined || body.keywords === null) throw dataAbsent('keywords is required')
  const listing: Listing = {
    title: textIn(body, 'title'),
    shortDescription: textIn(body, 'shortDescription'),
    fullDescription: textIn(body, 'fullDescription'),
    recentChanges: textIn(body, 'recentChanges'),
    featureBullets: textsIn(body, 'featureBullets'),
    keywords: textsIn(body, 'keywords'),
  }
  const problems = listingProblems(listing)
  if (problems.length > 0) throw new AmazonRefusal(400, problems)
  return listing
}

/** What is wrong with a listing's texts, for the answer to a PUT and for the check before a commit. */
export function listingProblems(listing: Listing): WireError[] {
  const problems: WireError[] = []
  for (const [field, most] of Object.entries(longest) as [keyof typeof longest, number][]) {
    const length = [...listing[field]].length
    if (length > most) {
      problems.push(problem(`${field} has ${length} characters; it may have ${most}`))
    }
  }
  if (listing.featureBullets.length > mostBullets) {
    problems.push(problem(`featureBullets are ${listing.featureBullets.length}; there may be ${mostBullets}`))
  }
  for (const keyword of listing.keywords) {
    if (/\s/.test(keyword.trim())) {
      problems.push({
        errorCode: 'SINGLE_WORD',
        errorMessage: `The keyword '${keyword}' must be a single word`,
      })
    }
  }
  return problems
}

function problem(errorMessage: string): WireError {
  return { errorCode: 'invalid_input', errorMessage }
}

/**
 * The listing of a language; a blank one where there is none yet: the flows page adds a locale by getting its
 * listing first.
 */
export function listingOf({ listings }: EditDocument, language: string): Listing {
  return listings[language] ?? blankListing
}

export function putListing(
  document: EditDocument,
  resources: Resources,
  language: string,
  listing: Listing,
): EditDocument {
  const others = document.written.filter((each) => each !== language)
  const changed = {
    ...document,
    listings: { ...document.listings, [language]: listing },
    written: listing.recentChanges.trim() === '' ? others : [...others, language],
  }
  return touched(changed, resources.listing(language))
}

/**
 * The document without a language's listing, images and videos.
 * @throws AmazonRefusal 400 for the default language, 404 for a language without a listing
 */
export function removeListing(document: EditDocument, resources: Resources, language: string): EditDocument {
  if (language === document.details.defaultLanguage) {
    throw invalidInput('The listing of the default language cannot be deleted')
  }
  if (!document.listings[language]) throw refusal(404, 'not_found', `There is no listing for ${language}`)
  const { [language]: _listing, ...listings } = document.listings
  const { [language]: _images, ...images } = document.images
  const { [language]: _videos, ...videos } = document.videos
  const written = document.written.filter((each) => each !== language)
  return touched({ ...document, listings, images, videos, written }, resources.listing(language))
}
