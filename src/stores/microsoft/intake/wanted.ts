import type { Content } from '../../../engine/index.ts'
import type { WantedFile } from '../../../engine/store-spec.ts'
import { addOnDocument } from '../document/add-on-submission.ts'
import { appDocument } from '../document/app-submission.ts'
import { kindOfContent, packagesOf } from '../document/documents.ts'
import { imagesOf } from '../document/listings.ts'
import type { Trailers } from '../document/trailers.ts'

/** Every file that the content is waiting for, each once (microsoft-store.md 3.6). */
export function wantedFiles(content: Content): readonly WantedFile[] {
  const wanted = new Map<string, WantedFile>()
  for (const file of [...packageFiles(content), ...pictureFiles(content)]) {
    if (!wanted.has(file.name)) wanted.set(file.name, file)
  }
  return [...wanted.values()]
}

function packageFiles(content: Content): WantedFile[] {
  return packagesOf(content)
    .filter(({ fileStatus }) => fileStatus === 'PendingUpload')
    .map(({ fileName }) => ({ name: fileName, as: 'package' }))
}

function pictureFiles(content: Content): WantedFile[] {
  switch (kindOfContent(content)) {
    case 'flight':
      return []
    case 'add-on':
      return Object.values(addOnDocument(content).listings)
        .filter(({ icon }) => icon?.fileStatus === 'PendingUpload')
        .map(({ icon }) => ({ name: icon?.fileName ?? '', as: 'image' }))
    case 'app': {
      const { listings, trailers } = appDocument(content)
      const images = imagesOf(listings).filter(({ fileStatus }) => fileStatus === 'PendingUpload')
      return [
        ...images.map(({ fileName }): WantedFile => ({ name: fileName, as: 'image' })),
        ...trailerFiles(trailers),
      ]
    }
  }
}

function trailerFiles(trailers: Trailers): WantedFile[] {
  return trailers.flatMap(({ videoFileName, videoFileId, trailerAssets }) => [
    ...(videoFileId === '' ? [{ name: videoFileName, as: 'file' } as const] : []),
    ...Object.values(trailerAssets)
      .flatMap(({ imageList }) => imageList)
      .filter(({ id }) => id === '')
      .map(({ fileName }): WantedFile => ({ name: fileName, as: 'image' })),
  ])
}
