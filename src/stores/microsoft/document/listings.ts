import { refusals } from '../refusals.ts'
import { type ImageEntry, mergeImages, readStoredImage } from './images.ts'
import { mostEntries } from './packages.ts'
import { dictionary, list, object, optional, type Reader, text } from './readers.ts'

/** Lengths of the description texts (microsoft-store.md 2.6). */
const texts = {
  description: text(10_000),
  features: list(text(200), 20),
  releaseNotes: text(1500),
} as const
const hardware = {
  recommendedHardware: list(text(200), 11),
  minimumHardware: list(text(200), 11),
} as const
const titles = {
  title: text(200),
  shortDescription: text(500),
  shortTitle: text(50),
  sortTitle: text(255),
  voiceTitle: text(255),
  devStudio: text(255),
} as const
const legal = {
  copyrightAndTrademarkInfo: text(200),
  keywords: list(text(30), 7),
  licenseTerms: text(10_000),
  privacyPolicy: text(2048),
  supportContact: text(2048),
  websiteUrl: text(2048),
} as const

const platforms = [
  'Unknown',
  'Windows80',
  'Windows81',
  'WindowsPhone71',
  'WindowsPhone80',
  'WindowsPhone81',
] as const

interface BaseListing {
  readonly description: string
  readonly images: readonly ImageEntry[]
  readonly privacyPolicy: string
  readonly supportContact: string
  readonly websiteUrl: string
  readonly title: string
}

export interface Listing {
  readonly baseListing: BaseListing
  readonly platformOverrides: { readonly [platform: string]: unknown }
}
export type Listings = { readonly [language: string]: Listing }

/** A listing whose images are read by `images`; overrides hold what stands from `description` to `title`. */
function listingReader(images: Reader<readonly ImageEntry[]>) {
  const overrides = override(images)
  return object({
    baseListing: object({ ...legal, ...texts, images, ...hardware, ...titles }),
    platformOverrides: dictionary(
      (value, key) => {
        if (!platformOf(key)) throw refusals.invalid('listings', `'${key.slice(0, 50)}' is not a platform`)
        return overrides(value, 'platformOverrides')
      },
      (key) => platformOf(key) ?? key,
    ),
  })
}

function platformOf(key: string): string | undefined {
  return platforms.find((platform) => platform.toLowerCase() === key.toLowerCase())
}

function override(images: Reader<readonly ImageEntry[]>) {
  return object({
    description: optional(texts.description),
    features: optional(texts.features),
    releaseNotes: optional(texts.releaseNotes),
    images: optional(images),
    recommendedHardware: optional(hardware.recommendedHardware),
    minimumHardware: optional(hardware.minimumHardware),
    title: optional(titles.title),
  })
}

const storedListing = listingReader(list(readStoredImage, mostEntries))

export const readStoredListings: Reader<Listings> = (value, name) => byLanguage(storedListing)(value, name)

/**
 * The listings of an update: languages that are left out are gone, and at least one stays; the three obsolete
 * addresses keep what they had (microsoft-store.md 2.6, 3.4, 7-22).
 */
export function mergeListings(existing: Listings, value: unknown): Listings {
  const images = imagesById(existing)
  const read = byLanguage(listingReader((sent) => mergeImages(images, sent)))(value, 'listings')
  const listings = Object.entries(read).map(([language, listing]): [string, Listing] => {
    const known = languageOf(existing, language)
    const base = known === undefined ? undefined : existing[known]?.baseListing
    const { privacyPolicy = '', supportContact = '', websiteUrl = '' } = base ?? {}
    const baseListing = { ...listing.baseListing, privacyPolicy, supportContact, websiteUrl }
    return [known ?? language, { ...listing, baseListing }]
  })
  if (listings.length === 0) throw refusals.emptyListings('AppListings')
  return Object.fromEntries(listings)
}

/** Languages in any case; of two spellings of one the last counts, where the first stood. */
export function byLanguage<T>(item: Reader<T>): Reader<{ readonly [language: string]: T }> {
  const languages = dictionary((value, key) => {
    if (!languageTag.test(key)) throw refusals.invalid('listings', `'${key.slice(0, 50)}' is not a language`)
    return item(value, 'listings')
  })
  return (value, name) => {
    const one = new Map<string, [string, T]>()
    for (const [language, listing] of Object.entries(languages(value, name))) {
      one.set(language.toLowerCase(), [language, listing])
    }
    return Object.fromEntries(one.values())
  }
}

const languageTag = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}$/

/** How a language is spelled among those that are there. */
export function languageOf(listings: { readonly [language: string]: unknown }, language: string) {
  return Object.keys(listings).find((known) => known.toLowerCase() === language.toLowerCase())
}

/** All images of all listings, overrides included; only those that have an id. */
export function imagesById(listings: Listings): ReadonlyMap<string, ImageEntry> {
  return new Map(
    imagesOf(listings)
      .filter(({ id }) => id !== '')
      .map((image) => [image.id, image]),
  )
}

export function imagesOf(listings: Listings): ImageEntry[] {
  return Object.values(listings).flatMap(({ baseListing, platformOverrides }) => [
    ...baseListing.images,
    ...Object.values(platformOverrides).flatMap(
      (override) => (override as Partial<BaseListing>).images ?? [],
    ),
  ])
}

/** The listings with every image replaced by what `change` makes of it; undefined takes it away. */
export function mapImages(
  listings: Listings,
  change: (image: ImageEntry) => ImageEntry | undefined,
): Listings {
  const changed = (images: readonly ImageEntry[]) => images.flatMap((image) => change(image) ?? [])
  return Object.fromEntries(
    Object.entries(listings).map(([language, { baseListing, platformOverrides }]) => [
      language,
      {
        baseListing: { ...baseListing, images: changed(baseListing.images) },
        platformOverrides: Object.fromEntries(
          Object.entries(platformOverrides).map(([platform, override]) => {
            const { images } = override as Partial<BaseListing>
            return [
              platform,
              images === undefined ? override : { ...(override as object), images: changed(images) },
            ]
          }),
        ),
      },
    ]),
  )
}
