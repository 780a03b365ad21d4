import type { Content, Finding } from '../../../engine/index.ts'
import type { Intake, TakenFile } from '../../../engine/store-spec.ts'
import { addOnDocument } from '../document/add-on-submission.ts'
import { appDocument } from '../document/app-submission.ts'
import { kindOfContent, packagesOf } from '../document/documents.ts'
import { imageEntry } from '../document/images.ts'
import { mapImages } from '../document/listings.ts'
import type { PackageEntry } from '../document/packages.ts'
import { mapTrailerFiles } from '../document/trailers.ts'
import { imageProblem } from './image-rules.ts'
import { filledPackage } from './package-facts.ts'

type Taken = ReturnType<Intake['taken']>
type Files = ReadonlyMap<string, TakenFile>

/** Statuses and ids once the files were found, or what the commit fails for (microsoft-store.md 3.5, 3.7). */
export const taken: Intake['taken'] = (content, files, problem, mint) => {
  if (problem !== null) return { content, findings: [unreadable[problem]] }
  const missing = files.filter(({ found }) => !found)
  if (missing.length > 0) return { content, findings: missing.map(({ name }) => missingFile(name)) }
  const byName = new Map(files.map((file) => [file.name, file]))
  const packages = takePackages(packagesOf(content), byName)
  const rest = takePictures(content, byName, mint)
  const member = kindOfContent(content) === 'flight' ? 'flightPackages' : 'applicationPackages'
  const list = kindOfContent(content) === 'add-on' ? {} : { [member]: packages.entries }
  return { content: { ...rest.content, ...list }, findings: [...packages.findings, ...rest.findings] }
}

/**
 * What is to be deleted goes when nothing is waiting for a file either: a commit without any upload is
 * legal then (microsoft-store.md 7-29).
 */
export function withoutDeleted(content: Content): Content {
  switch (kindOfContent(content)) {
    case 'flight':
      return { ...content, flightPackages: packagesOf(content).filter(isKept) }
    case 'app': {
      const { listings, applicationPackages } = appDocument(content)
      return {
        ...content,
        listings: mapImages(listings, (image) => (isKept(image) ? image : undefined)),
        applicationPackages: applicationPackages.filter(isKept),
      }
    }
    case 'add-on': {
      const listings = Object.entries(addOnDocument(content).listings).map(([language, listing]) => {
        const { icon, ...texts } = listing
        return [language, icon === undefined || isKept(icon) ? listing : texts]
      })
      return { ...content, listings: Object.fromEntries(listings) }
    }
  }
}

function isKept({ fileStatus }: { readonly fileStatus: string }): boolean {
  return fileStatus !== 'PendingDelete'
}

const unreadable: Record<'no_upload' | 'unreadable', Finding> = {
  no_upload: {
    code: 'InvalidArchive',
    severity: 'error',
    message:
      'No ZIP archive was uploaded. Upload one with every file that is PendingUpload to the fileUploadUrl before committing.',
  },
  unreadable: {
    code: 'InvalidArchive',
    severity: 'error',
    message: 'The uploaded ZIP archive is invalid or has an unrecognized archive format.',
  },
}

function missingFile(name: string): Finding {
  const message = `The file ${name} is listed in the submission and missing from the ZIP archive, or in another place there.`
  return { code: 'MissingFiles', severity: 'error', message, target: name }
}

function takePackages(
  packages: readonly PackageEntry[],
  files: Files,
): { entries: PackageEntry[]; findings: Finding[] } {
  const findings: Finding[] = []
  const entries = packages.filter(isKept).map((entry) => {
    const pack = entry.fileStatus === 'PendingUpload' ? files.get(entry.fileName)?.package : undefined
    if (!pack) return entry
    if (pack.format !== 'msix' && pack.sound) {
      const message = `The file ${entry.fileName} is no app package. Upload .msix, .appx, their bundles or uploads.`
      findings.push({ code: 'PackageValidationFailed', severity: 'error', message, target: entry.fileName })
    }
    return filledPackage(entry, pack)
  })
  return { entries, findings }
}

function takePictures(content: Content, files: Files, mint: () => string): Taken {
  switch (kindOfContent(content)) {
    case 'flight':
      return { content, findings: [] }
    case 'app':
      return takeAppPictures(content, files, mint)
    case 'add-on':
      return takeIcons(content, files)
  }
}

function takeAppPictures(content: Content, files: Files, mint: () => string): Taken {
  const findings: Finding[] = []
  const { listings, trailers } = appDocument(withoutDeleted(content))
  const images = mapImages(listings, (image) => {
    const file = image.fileStatus === 'PendingUpload' ? files.get(image.fileName) : undefined
    if (!file) return image
    findings.push(...badImage(imageProblem(image.imageType, file), file.name))
    return imageEntry({ ...image, id: mint() }, 'Uploaded', image.description)
  })
  const videos = mapTrailerFiles(trailers, (fileName, id, kind) => {
    const file = id === '' ? files.get(fileName) : undefined
    if (!file) return id
    if (kind === 'image') findings.push(...badImage(imageProblem('trailer thumbnail', file), fileName))
    return mint()
  })
  return { content: { ...content, listings: images, trailers: videos }, findings }
}

function takeIcons(content: Content, files: Files): Taken {
  const findings: Finding[] = []
  const { listings } = addOnDocument(withoutDeleted(content))
  const taken = Object.entries(listings).map(([language, listing]) => {
    const { icon } = listing
    const file = icon?.fileStatus === 'PendingUpload' ? files.get(icon.fileName) : undefined
    if (!icon || !file) return [language, listing]
    findings.push(...badImage(imageProblem('add-on icon', file), file.name))
    return [language, { ...listing, icon: { ...icon, fileStatus: 'Uploaded' } }]
  })
  return { content: { ...content, listings: Object.fromEntries(taken) }, findings }
}

function badImage(message: string | undefined, target: string): Finding[] {
  return message === undefined ? [] : [{ code: 'InvalidParameterValue', severity: 'error', message, target }]
}
