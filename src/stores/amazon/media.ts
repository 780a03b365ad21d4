import { createHash } from 'node:crypto'
import type { KeptFile, Submission } from '../../engine/index.ts'
import { type Asset, documentOf, type EditDocument, touched } from './document.ts'
import { invalidInput, refusal } from './errors.ts'
import { imageTypeOf } from './image-types.ts'
import type { Resources } from './tags.ts'

/** No limit is published; these only bound what is taken in (INFERRED). */
export const imageBytes = 32 * 1024 ** 2
export const videoBytes = 1024 ** 3

/** amazon-appstore.md 2.7 */
const mostVideos = 5

/** One place for assets of an edit: images of a language and type, or videos of a language. */
export interface Shelf {
  readonly resource: string
  readonly of: (document: EditDocument) => readonly Asset[]
  readonly put: (document: EditDocument, assets: readonly Asset[]) => EditDocument
  readonly most: number
}

export function imageShelf(resources: Resources, language: string, imageType: string): Shelf {
  return {
    resource: resources.images(language, imageType),
    most: imageTypeOf(imageType).most,
    of: ({ images }) => images[language]?.[imageType] ?? [],
    put: (document, assets) => ({
      ...document,
      images: { ...document.images, [language]: { ...document.images[language], [imageType]: assets } },
    }),
  }
}

export function videoShelf(resources: Resources, language: string): Shelf {
  return {
    resource: resources.videos(language),
    most: mostVideos,
    of: ({ videos }) => videos[language] ?? [],
    put: (document, assets) => ({ ...document, videos: { ...document.videos, [language]: assets } }),
  }
}

/**
 * Adds an asset, or replaces the one of a place for one (amazon-appstore.md 2.6).
 * @throws AmazonRefusal 400 when the place is full
 */
export function addAsset(
  submission: Submission,
  shelf: Shelf,
  { sha256 }: KeptFile,
): { document: EditDocument; asset: Asset } {
  const document = documentOf(submission)
  const there = shelf.most === 1 ? [] : shelf.of(document)
  if (there.length >= shelf.most) throw invalidInput(`There may be ${shelf.most} of them`)
  const asset = { id: assetId(submission, sha256), sha256 }
  return { document: touched(shelf.put(document, [...there, asset]), shelf.resource), asset }
}

/** @throws AmazonRefusal 404 for an asset that is not there */
export function removeAsset(document: EditDocument, shelf: Shelf, id: string): EditDocument {
  const there = shelf.of(document)
  const left = there.filter((asset) => asset.id !== id)
  if (left.length === there.length) throw refusal(404, 'error_invalid_asset_id', `There is no asset ${id}`)
  return touched(shelf.put(document, left), shelf.resource)
}

/** Empties a place; an empty one, too (amazon-appstore.md 7-35). */
export function clearShelf(document: EditDocument, shelf: Shelf): EditDocument {
  return touched(shelf.put(document, []), shelf.resource)
}

/** Another one for every upload: no two writes of an edit see the same revision. */
function assetId({ id, revision }: Submission, sha256: string): string {
  const hash = createHash('sha256').update(`${id}\n${revision}\n${sha256}`).digest('hex')
  return `amzn1.dex.asset.${hash.slice(0, 32)}`
}
