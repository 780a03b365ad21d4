import type { Content } from '../../../engine/index.ts'
import { refusals } from '../refusals.ts'
import { type FileEntry, fileStatuses } from './files.ts'
import { byLanguage, languageOf } from './listings.ts'
import { mostEntries } from './packages.ts'
import { readPricing } from './pricing.ts'
import { choice, list, object, optional, type Reader, text } from './readers.ts'
import { schedule } from './schedule.ts'
import { readStoredPricing } from './stored-pricing.ts'

export const contentTypes = [
  'NotSet',
  'BookDownload',
  'EMagazine',
  'ENewspaper',
  'MusicDownload',
  'MusicStream',
  'OnlineDataStorage',
  'VideoDownload',
  'VideoStream',
  'Asp',
  'OnlineDownload',
] as const

export const lifetimes = [
  'Forever',
  'OneDay',
  'ThreeDays',
  'FiveDays',
  'OneWeek',
  'TwoWeeks',
  'OneMonth',
  'TwoMonths',
  'ThreeMonths',
  'SixMonths',
  'OneYear',
] as const

/** An add-on's picture has a name and no id (microsoft-store.md 7-51). */
export type Icon = FileEntry

function listingReader(icon: Reader<Icon | undefined>) {
  return object({ description: text(200), icon, title: text(100) })
}

const storedIcon = optional(object({ fileName: text(1024), fileStatus: choice(fileStatuses, 'Uploaded') }))

const start = {
  contentType: choice(contentTypes, 'NotSet'),
  keywords: list(text(30), 10),
  lifetime: choice(lifetimes, 'Forever'),
} as const
const end = {
  targetPublishDate: schedule.targetPublishDate,
  targetPublishMode: schedule.targetPublishMode,
  tag: text(3000),
  visibility: choice(['Public', 'Hidden', 'Private', 'NotSet'], 'Public'),
} as const

const readStored = object({
  ...start,
  listings: byLanguage(listingReader(storedIcon)),
  pricing: readStoredPricing('add-on'),
  ...end,
  friendlyName: text(255, 'Submission 1'),
  inheritedLanguages: optional(list(text(100), mostEntries)),
})

export type AddOnDocument = ReturnType<typeof readStored>

/** @throws MicrosoftRefusal saying what is wrong with it */
export function addOnDocument(content: Content): AddOnDocument {
  return readStored(content, 'submission')
}

/**
 * What an add-on's draft becomes by an update; its content type has to be chosen first (microsoft-store.md 2.13).
 * @throws MicrosoftRefusal
 */
export function updateAddOn(content: Content, body: unknown): Content {
  const existing = addOnDocument(content)
  const { friendlyName, inheritedLanguages } = existing
  const read = object({
    ...start,
    listings: (value: unknown) => mergeListings(existing.listings, value),
    pricing: readPricing('add-on'),
    ...end,
  })
  const document = read(body, 'submission')
  if (document.contentType === 'NotSet') {
    throw refusals.invalid('contentType', "'NotSet' is not a valid ContentType of a submission")
  }
  return {
    ...document,
    friendlyName,
    ...(inheritedLanguages === undefined ? {} : { inheritedLanguages }),
  }
}

function mergeListings(existing: AddOnDocument['listings'], value: unknown): AddOnDocument['listings'] {
  const read = byLanguage(listingReader(sentIcon))(value, 'listings')
  const listings = Object.entries(read).map(([language, listing]) => {
    const known = languageOf(existing, language)
    const before = known === undefined ? undefined : existing[known]?.icon
    const { icon, ...texts } = listing
    return [known ?? language, { ...texts, ...mergedIcon(before, icon) }] as const
  })
  if (listings.length === 0) throw refusals.emptyListings('Listings')
  return Object.fromEntries(
    listings.map(([language, { description, title, ...rest }]) => [
      language,
      { description, ...rest, title },
    ]),
  ) as AddOnDocument['listings']
}

const sentIcon: Reader<Icon | undefined> = optional(
  object({ fileName: text(1024), fileStatus: choice(fileStatuses, 'None') }),
)

/** Without an id, the name tells an icon that is there from one that is to come. */
function mergedIcon(before: Icon | undefined, sent: Icon | undefined): { icon?: Icon } {
  if (sent === undefined || (sent.fileName === '' && sent.fileStatus === 'None')) {
    return before === undefined ? {} : { icon: before }
  }
  if (sent.fileStatus === 'PendingUpload') {
    if (sent.fileName === '')
      throw refusals.invalid('icon', 'An icon that is to be uploaded needs a FileName')
    return { icon: sent }
  }
  if (before?.fileName !== sent.fileName || before.fileStatus === 'PendingUpload') {
    if (sent.fileStatus === 'None' || before?.fileStatus === 'PendingUpload') {
      return { icon: { ...sent, fileStatus: 'PendingUpload' } }
    }
    throw refusals.invalid('icon', `The icon '${sent.fileName}' is not part of the submission`)
  }
  return { icon: { ...before, fileStatus: sent.fileStatus === 'None' ? before.fileStatus : sent.fileStatus } }
}

export function blankAddOn(): Content {
  return { ...addOnDocument({}) }
}
