import { refusals } from '../refusals.ts'
import { byLanguage } from './listings.ts'
import { list, object, optional, text } from './readers.ts'

/** Trailers have no fileStatus: what has no id is waiting for its file (microsoft-store.md 2.11). */
export const readTrailers = list(
  object({
    id: text(64),
    videoFileName: text(1024),
    videoFileId: text(64),
    trailerAssets: byLanguage(
      object({
        title: text(255),
        imageList: list(
          object({ fileName: text(1024), id: text(64), description: optional(text(200)) }),
          // Documented as exactly one; Microsoft's sample sends two.
          10,
        ),
      }),
    ),
  }),
  15,
)
export type Trailers = ReturnType<typeof readTrailers>

/** Ids that the submission does not have are not taken over: what they name would never be looked for. */
export function mergeTrailers(existing: Trailers, value: unknown): Trailers {
  const known = new Set(existing.flatMap(idsOf))
  const trailers = readTrailers(value, 'trailers')
  for (const trailer of trailers) {
    const unknown = idsOf(trailer).find((id) => id !== '' && !known.has(id))
    if (unknown) throw refusals.invalid('trailers', `Trailer file ${unknown} is not part of the submission`)
    const isNamed = trailer.videoFileName !== '' || trailer.videoFileId !== ''
    if (!isNamed) throw refusals.invalid('trailers', 'A trailer needs a VideoFileName')
  }
  return trailers
}

function idsOf(trailer: Trailers[number]): string[] {
  return [
    trailer.id,
    trailer.videoFileId,
    ...Object.values(trailer.trailerAssets).flatMap(({ imageList }) => imageList.map(({ id }) => id)),
  ]
}

/** Every file of the trailers with what `change` says is its id now. */
export function mapTrailerFiles(
  trailers: Trailers,
  change: (fileName: string, id: string, kind: 'video' | 'image') => string,
): Trailers {
  return trailers.map((trailer) => {
    const videoFileId = change(trailer.videoFileName, trailer.videoFileId, 'video')
    return {
      ...trailer,
      id: trailer.id === '' ? videoFileId : trailer.id,
      videoFileId,
      trailerAssets: Object.fromEntries(
        Object.entries(trailer.trailerAssets).map(([language, assets]) => [
          language,
          {
            ...assets,
            imageList: assets.imageList.map((image) => ({
              ...image,
              id: change(image.fileName, image.id, 'image'),
            })),
          },
        ]),
      ),
    }
  })
}
