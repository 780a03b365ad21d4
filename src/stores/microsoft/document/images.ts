import { refusals } from '../refusals.ts'
import { type FileEntry, fileStatuses } from './files.ts'
import { mostEntries } from './packages.ts'
import { choice, list, object, optional, text } from './readers.ts'

/** The documented kinds, and those still met in older listings (microsoft-store.md 2.7). */
export const imageTypes = [
  'Screenshot',
  'MobileScreenshot',
  'XboxScreenshot',
  'SurfaceHubScreenshot',
  'HoloLensScreenshot',
  'StoreLogo9x16',
  'StoreLogoSquare',
  'Icon',
  'PromotionalArt16x9',
  'PromotionalArtwork2400X1200',
  'XboxBrandedKeyArt',
  'XboxTitledHeroArt',
  'XboxFeaturedPromotionalArt',
  'SquareIcon358X358',
  'BackgroundImage1000X800',
  'PromotionalArtwork414X180',
  'PromotionalArtwork846X468',
  'PromotionalArtwork558X756',
  'PromotionalArtwork414X468',
  'PromotionalArtwork558X558',
  'WideIcon358X173',
  'Unknown',
] as const
export type ImageType = (typeof imageTypes)[number]

export interface ImageEntry extends FileEntry {
  /** Empty as long as it is waiting for its file. */
  readonly id: string
  /** Left out when there is none. */
  readonly description?: string
  readonly imageType: ImageType
}

const readEntry = object({
  fileName: text(1024),
  fileStatus: choice([...fileStatuses, ''], ''),
  id: text(64),
  description: optional(text(200)),
  imageType: choice(imageTypes, 'Unknown'),
})
const readEntries = list(readEntry, mostEntries)

/**
 * The images of one listing against all that the submission has. An existing one is named by its id; one that is
 * not named is gone, as Microsoft's samples replace whole listings (microsoft-store.md 3.4, INFERRED).
 */
export function mergeImages(existing: ReadonlyMap<string, ImageEntry>, value: unknown): ImageEntry[] {
  return readEntries(value, 'images').map((sent) =>
    sent.id === '' ? newImage(existing, sent) : keptImage(existing, sent),
  )
}

type Sent = ReturnType<typeof readEntry>

function keptImage(existing: ReadonlyMap<string, ImageEntry>, sent: Sent): ImageEntry {
  const known = existing.get(sent.id)
  if (!known) throw refusals.invalid('images', `Image ${sent.id} is not part of the submission`)
  if (sent.fileStatus === 'PendingUpload') throw refusals.needsId('Image', sent.fileName)
  const keeps = sent.fileStatus === '' || sent.fileStatus === 'None'
  return imageEntry(known, keeps ? known.fileStatus : sent.fileStatus, sent.description)
}

function newImage(existing: ReadonlyMap<string, ImageEntry>, sent: Sent): ImageEntry {
  // Microsoft's own sample sends new images without any status (microsoft-store.md 6.4).
  const isNew =
    sent.fileStatus === 'PendingUpload' ||
    (sent.fileStatus === '' && [...existing.values()].every(({ fileName }) => fileName !== sent.fileName))
  if (!isNew) throw refusals.needsId('Image', sent.fileName)
  if (sent.fileName === '') {
    throw refusals.invalid('images', 'An image that is to be uploaded needs a FileName')
  }
  return imageEntry(sent, 'PendingUpload', sent.description)
}

/** The members in their documented order; no description when it is empty. */
export function imageEntry(
  { fileName, id, imageType }: Pick<ImageEntry, 'fileName' | 'id' | 'imageType'>,
  fileStatus: ImageEntry['fileStatus'],
  description: string | undefined,
): ImageEntry {
  const words = description === undefined || description === '' ? {} : { description }
  return { fileName, fileStatus, id, ...words, imageType }
}

export const readStoredImage = object({
  fileName: text(1024),
  fileStatus: choice(fileStatuses, 'Uploaded'),
  id: text(64),
  description: optional(text(200)),
  imageType: choice(imageTypes, 'Unknown'),
})
