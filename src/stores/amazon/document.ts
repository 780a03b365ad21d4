import type { Content, Submission } from '../../engine/index.ts'

export interface Details {
  readonly defaultLanguage: string
  readonly contactWebsite: string
  readonly contactEmail: string
  readonly contactPhone: string
}

export interface Listing {
  readonly title: string
  readonly shortDescription: string
  readonly fullDescription: string
  readonly recentChanges: string
  readonly featureBullets: readonly string[]
  readonly keywords: readonly string[]
}

/** An image or a video. */
export interface Asset {
  readonly id: string
  /** Names its bytes; null for what was uploaded elsewhere. */
  readonly sha256: string | null
}

export interface Apk {
  readonly id: string
  readonly versionCode: number
  /** The console's alias. */
  readonly name: string
  /** Null for one that was uploaded elsewhere: it is carried along, and its bytes are not here. */
  readonly packageId: string | null
  /** Whether the store adds its DRM; null as long as nobody said. */
  readonly drm: boolean | null
}

export interface Targeting {
  /** Ids of the devices it is meant for, whether or not its manifest allows them. */
  readonly devices: readonly string[]
  readonly other: 'TARGETING' | 'NOT_TARGETING' | null
}

/** Null and null: as soon as it is approved. */
export interface Availability {
  readonly dateTime: string | null
  readonly zoneId: string | null
}

type ByLanguage<T> = { readonly [language: string]: T }

/** An edit's content. Languages are hyphenated. */
export type EditDocument = {
  readonly details: Details
  readonly listings: ByLanguage<Listing>
  readonly images: ByLanguage<{ readonly [imageType: string]: readonly Asset[] }>
  readonly videos: ByLanguage<readonly Asset[]>
  readonly availability: Availability
  readonly apks: readonly Apk[]
  /** By APK; one that is missing targets every device. */
  readonly targeting: { readonly [apkId: string]: Targeting }
  /** How often each resource was written in this edit: what their ETags are made of. */
  readonly revisions: { readonly [resource: string]: number }
  /** Languages whose release notes were written in this edit; notes that were copied do not count. */
  readonly written: readonly string[]
  /** Version codes of the live version. */
  readonly published: readonly number[]
}

export const blankDocument: EditDocument = {
  details: { defaultLanguage: 'en-US', contactWebsite: '', contactEmail: '', contactPhone: '' },
  listings: {},
  images: {},
  videos: {},
  availability: { dateTime: null, zoneId: null },
  apks: [],
  targeting: {},
  revisions: {},
  written: [],
  published: [],
}

export const blankListing: Listing = {
  title: '',
  shortDescription: '',
  fullDescription: '',
  recentChanges: '',
  featureBullets: [],
  keywords: [],
}

/** The content of a submission that this store made or took: its shape was checked then. */
export function documentOf({ content }: Pick<Submission, 'content'>): EditDocument {
  return { ...blankDocument, ...(content as Partial<EditDocument>) }
}

/**
 * What a new edit is made of: a copy of the live version without its release date and, where `notes` is `blank`,
 * without its release notes (amazon-appstore.md 3.1).
 */
export function cloneDocument(content: Content, notes: 'blank' | 'copy'): EditDocument {
  const live = documentOf({ content })
  const listings = Object.entries(live.listings).map(([language, listing]): [string, Listing] => [
    language,
    notes === 'copy' ? listing : { ...listing, recentChanges: '' },
  ])
  return {
    ...live,
    listings: Object.fromEntries(listings),
    availability: blankDocument.availability,
    revisions: {},
    written: [],
    published: live.apks.map((apk) => apk.versionCode),
  }
}

/** The document with a resource's ETag moved on. */
export function touched(document: EditDocument, ...resources: readonly string[]): EditDocument {
  const revisions = { ...document.revisions }
  for (const resource of resources) revisions[resource] = (revisions[resource] ?? 0) + 1
  return { ...document, revisions }
}
