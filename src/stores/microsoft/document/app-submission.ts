import type { Content } from '../../../engine/index.ts'
import { categories } from './categories.ts'
import { readDelivery } from './delivery.ts'
import { readDeviceFamilies } from './device-families.ts'
import { readGamingOptions } from './gaming.ts'
import { type Listings, mergeListings, readStoredListings } from './listings.ts'
import { mergePackages, mostEntries, readStoredPackage } from './packages.ts'
import { readPricing } from './pricing.ts'
import { choice, dictionary, flag, list, object, optional, text } from './readers.ts'
import { schedule } from './schedule.ts'
import { readStoredDelivery } from './stored-delivery.ts'
import { readStoredPricing } from './stored-pricing.ts'
import { mergeTrailers, readTrailers } from './trailers.ts'

const hardwarePreferences = [
  'Touch',
  'Keyboard',
  'Mouse',
  'Camera',
  'NfcHce',
  'Nfc',
  'BluetoothLE',
  'Telephony',
] as const

const microsoftDecides = 'allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies'

/** What is read and kept in the same way from an update and from a stored document, in the documented order. */
const start = { applicationCategory: choice(categories, 'NotSet') }
const visibility = {
  visibility: choice(['Public', 'Hidden', 'Private', 'NotSet'], 'Public'),
  ...schedule,
}
const declarations = {
  hardwarePreferences: list(choice(hardwarePreferences, 'Touch'), 100),
  automaticBackupEnabled: flag(),
  canInstallOnRemovableMedia: flag(true),
  isGameDvrEnabled: flag(true),
  gamingOptions: readGamingOptions,
  hasExternalInAppProducts: flag(),
  meetAccessibilityGuidelines: flag(),
  notesForCertification: text(),
}
const licensing = {
  packageDeliveryOptions: readDelivery,
  enterpriseLicensing: choice(['None', 'Online', 'OnlineAndOffline'], 'Online'),
  [microsoftDecides]: flag(true),
} as const

const readStored = object({
  ...start,
  pricing: readStoredPricing('app'),
  ...visibility,
  listings: readStoredListings,
  ...declarations,
  applicationPackages: list(readStoredPackage, mostEntries),
  ...licensing,
  packageDeliveryOptions: readStoredDelivery,
  allowTargetFutureDeviceFamilies: dictionary((value) => value === true),
  friendlyName: text(255, 'Submission 1'),
  trailers: readTrailers,
  isSeekEnabled: optional(flag()),
  inheritedLanguages: optional(list(text(100), mostEntries)),
})

export type AppDocument = ReturnType<typeof readStored>

/**
 * The document of an app submission as it is stored; members that a seed left out have their defaults.
 * @throws MicrosoftRefusal saying what is wrong with it
 */
export function appDocument(content: Content): AppDocument {
  return updated.get(content) ?? readStored(content, 'submission')
}

/** What an update has just read need not be read again for its reply. */
const updated = new WeakMap<Content, AppDocument>()

/**
 * What a draft becomes by an update, a replacement of everything that is the client's to say
 * (microsoft-store.md 3.4). Members that are the service's are ignored.
 * @throws MicrosoftRefusal
 */
export function updateApp(content: Content, body: unknown): Content {
  const existing = appDocument(content)
  const read = object({
    ...start,
    pricing: readPricing('app'),
    ...visibility,
    listings: (value: unknown): Listings => mergeListings(existing.listings, value),
    ...declarations,
    applicationPackages: (value: unknown) => mergePackages(existing.applicationPackages, value),
    ...licensing,
    [microsoftDecides]: optional(flag()),
    allowMicrosftDecideAppAvailabilityToFutureDeviceFamilies: optional(flag()),
    allowTargetFutureDeviceFamilies: readDeviceFamilies,
    trailers: (value: unknown) => mergeTrailers(existing.trailers, value),
    isSeekEnabled: optional(flag()),
  })
  // The documentation's own table of the update misspells this member.
  const { allowMicrosftDecideAppAvailabilityToFutureDeviceFamilies: misspelt, ...document } = read(
    body,
    'submission',
  )
  const { friendlyName, inheritedLanguages } = existing
  const replaced = {
    ...document,
    [microsoftDecides]: document[microsoftDecides] ?? misspelt ?? true,
    friendlyName,
    ...(inheritedLanguages === undefined ? {} : { inheritedLanguages }),
  }
  updated.set(replaced, replaced as AppDocument)
  return replaced
}

export function blankApp(): Content {
  return { ...appDocument({}) }
}
