import { mintUuid, type Random } from '../../engine/random.ts'
import type { IdKind, StoreSpec } from '../../engine/store-spec.ts'
import type { AmazonSettings } from '../store.ts'
import { largeUploadBytes } from './apks.ts'
import { releaseMoment } from './availability.ts'
import { checkEdit } from './check.ts'
import { blankDocument, cloneDocument, documentOf } from './document.ts'
import { edit } from './lifecycle.ts'
import { readContent } from './read-content.ts'

/** What ids are called before their 32 hexadecimal digits (amazon-appstore.md section 1). */
const prefixes: Record<IdKind, string> = {
  product: 'amzn1.devportal.mobileapp.',
  track: 'amzn1.devportal.track.',
  submission: 'amzn1.devportal.apprelease.',
  operation: 'amzn1.devportal.assetupload.',
  package: 'amzn1.devportal.package.',
}

/** Ids that were chosen, such as a seed's, need not be hexadecimal. */
const chosenPart = /^[A-Za-z0-9]{1,64}$/

function mintId(kind: IdKind, random: Random): string {
  return prefixes[kind] + mintUuid(random).replaceAll('-', '')
}

function readId(kind: IdKind, id: string): string | undefined {
  const prefix = prefixes[kind]
  return id.startsWith(prefix) && chosenPart.test(id.slice(prefix.length)) ? id : undefined
}

/** The spec with the switches of its rules set. */
export function amazonSpec(settings: Pick<AmazonSettings, 'certificate' | 'releaseNotes'>): StoreSpec {
  return {
    store: 'amazon',
    lifecycles: { app: edit },
    formats: ['apk'],
    uploadBytes: largeUploadBytes,
    clones: 'live',
    mintId,
    readId,
    blank: () => blankDocument,
    clone: (content) => cloneDocument(content, settings.releaseNotes),
    readContent: (_kind, content) => readContent(content),
    identityOf: (facts) => (typeof facts.package === 'string' ? facts.package : null),
    check: (judged) => checkEdit(judged, settings),
    refusalOf: () => 'submission_invalid',
    packageIds: (content) => documentOf({ content }).apks.flatMap(({ packageId }) => packageId ?? []),
    heldUntil: (content) => releaseMoment(documentOf({ content }).availability),
    summarize(content, packages) {
      const { details, listings, apks } = documentOf({ content })
      const [newest] = [...apks].sort((one, other) => other.versionCode - one.versionCode)
      const version = packages.find((pack) => pack.id === newest?.packageId)?.facts.versionName
      return {
        title: listings[details.defaultLanguage]?.title ?? null,
        version: typeof version === 'string' ? version : newest ? String(newest.versionCode) : null,
      }
    },
  }
}
