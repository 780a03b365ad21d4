import type { Content } from '../../../engine/index.ts'
import { MicrosoftRefusal, refusals } from '../refusals.ts'
import { addOnDocument, blankAddOn, updateAddOn } from './add-on-submission.ts'
import { appDocument, blankApp, updateApp } from './app-submission.ts'
import { idleDelivery } from './delivery.ts'
import { blankFlight, flightDocument, updateFlight } from './flight-submission.ts'
import type { PackageEntry } from './packages.ts'

export const lifecycleNames = ['app', 'flight', 'add-on'] as const
/** The three kinds of submissions, which are the lifecycles' names too. */
export type SubmissionKind = (typeof lifecycleNames)[number]

interface Documents {
  /** @throws MicrosoftRefusal */
  readonly read: (content: Content) => object
  readonly blank: () => Content
  /** @throws MicrosoftRefusal */
  readonly update: (content: Content, body: unknown) => Content
}

const documents: Record<SubmissionKind, Documents> = {
  app: { read: appDocument, blank: blankApp, update: updateApp },
  flight: { read: flightDocument, blank: blankFlight, update: updateFlight },
  'add-on': { read: addOnDocument, blank: blankAddOn, update: updateAddOn },
}

export function documentsOf(kind: string): Documents {
  const found = lifecycleNames.find((name) => name === kind)
  if (!found) throw new RangeError(`there are no '${kind}' submissions`)
  return documents[found]
}

/** What is wrong with a stored document, as a sentence; undefined when it can be stored. */
export function problemOf(kind: string, content: Content): MicrosoftRefusal | undefined {
  try {
    documentsOf(kind).read(content)
    if (kindOfContent(content) === kind) return undefined
    const member = kind === 'flight' ? 'flightPackages' : 'contentType'
    return refusals.invalid(member, `${member} is missing, or the document is of another kind of submission`)
  } catch (error) {
    if (error instanceof MicrosoftRefusal) return error
    throw error
  }
}

/** Which kind a stored document is of, by the member that only it has. */
export function kindOfContent(content: Content): SubmissionKind {
  if (content.flightPackages !== undefined) return 'flight'
  return content.contentType === undefined ? 'app' : 'add-on'
}

/** The packages of an app or flight document; add-ons have none. */
export function packagesOf(content: Content): readonly PackageEntry[] {
  const kind = kindOfContent(content)
  if (kind === 'flight') return flightDocument(content).flightPackages
  return kind === 'app' ? appDocument(content).applicationPackages : []
}

/**
 * What a draft inherits of a release: everything but its rollout, with the ids of its files kept, and the next
 * number in its name (microsoft-store.md 3.3, 7-18). The languages are remembered for the listing warnings.
 */
export function cloneContent(content: Content): Content {
  const { listings, friendlyName } = content
  return {
    ...content,
    ...(kindOfContent(content) === 'add-on' ? {} : { packageDeliveryOptions: cloneDelivery(content) }),
    ...(typeof friendlyName === 'string' ? { friendlyName: nextName(friendlyName) } : {}),
    ...(typeof listings === 'object' && listings !== null
      ? { inheritedLanguages: Object.keys(listings) }
      : {}),
  }
}

function cloneDelivery(content: Content): object {
  const options = content.packageDeliveryOptions
  return {
    ...idleDelivery,
    ...(typeof options === 'object' ? options : {}),
    packageRollout: idleDelivery.packageRollout,
  }
}

function nextName(name: string): string {
  const number = /^Submission (\d{1,9})$/.exec(name)?.[1]
  return number === undefined ? 'Submission 2' : `Submission ${Number(number) + 1}`
}
