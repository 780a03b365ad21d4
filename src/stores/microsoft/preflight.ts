import type { Content, Finding } from '../../engine/index.ts'
import type { Preflight } from '../store.ts'
import { updateAddOn } from './document/add-on-submission.ts'
import { updateApp } from './document/app-submission.ts'
import { documentsOf, type SubmissionKind } from './document/documents.ts'
import { updateFlight } from './document/flight-submission.ts'
import { MicrosoftRefusal } from './refusals.ts'

/**
 * What an update with a submission document would be refused for, member by member, and what the draft would be
 * without those. Files that have an id are taken for those of the release that the draft copies.
 */
export const preflight: Preflight = (document) => {
  if (!isObject(document)) {
    const message = 'The document is no JSON object. Write what a GET of the submission answers.'
    return { content: {}, findings: [{ code: 'InvalidParameterValue', severity: 'error', message }] }
  }
  const kind = kindOf(document)
  const inherited = inheritedBy(kind, document)
  const harmless = harmlessUpdate(kind, inherited)
  const findings: Finding[] = []
  const sound: { [member: string]: unknown } = {}
  for (const name of new Set([
    ...Object.keys(document),
    ...required[kind].filter((one) => !has(document, one)),
  ])) {
    const refusal = refusalOf(() =>
      update[kind](inherited, { ...without(harmless, name), [name]: document[name] }),
    )
    if (refusal) findings.push(refusal)
    else sound[name] = document[name]
  }
  const kept = Object.keys(sound).reduce(without, harmless)
  return { content: update[kind](inherited, { ...kept, ...sound }), findings }
}

const update: Record<SubmissionKind, (content: Content, body: unknown) => Content> = {
  app: updateApp,
  flight: updateFlight,
  'add-on': updateAddOn,
}

const required: Record<SubmissionKind, readonly string[]> = {
  app: ['pricing', 'listings', 'applicationPackages', 'allowTargetFutureDeviceFamilies'],
  flight: ['flightPackages'],
  'add-on': ['contentType', 'pricing', 'listings'],
}

type Members = { readonly [member: string]: unknown }

function kindOf(document: Members): SubmissionKind {
  if (has(document, 'flightPackages')) return 'flight'
  return has(document, 'contentType') ? 'add-on' : 'app'
}

/** The release that the draft was copied from, as far as the document tells: its files. */
function inheritedBy(kind: SubmissionKind, document: Members): Content {
  const blank = documentsOf(kind).blank()
  if (kind === 'add-on') return { ...blank, listings: icons(memberOf(document, 'listings')) }
  const member = kind === 'app' ? 'applicationPackages' : 'flightPackages'
  const content = {
    ...blank,
    [member]: uploaded(memberOf(document, member)),
    ...(kind === 'app'
      ? { listings: images(memberOf(document, 'listings')), trailers: memberOf(document, 'trailers') }
      : {}),
  }
  return refusalOf(() => documentsOf(kind).read(content)) ? { ...content, trailers: [] } : content
}

/** An update that is refused for nothing, to try one member at a time in. */
function harmlessUpdate(kind: SubmissionKind, inherited: Content): Members {
  const listings = { 'en-us': {} }
  if (kind === 'flight') return { flightPackages: inherited.flightPackages }
  if (kind === 'add-on') return { contentType: 'Asp', pricing: { priceId: 'Free' }, listings }
  return {
    pricing: { priceId: 'Free' },
    listings,
    applicationPackages: inherited.applicationPackages,
    allowTargetFutureDeviceFamilies: { Desktop: false, Mobile: false, Xbox: false, Holographic: false },
  }
}

/** Entries with an id, as they stood before the document asked for anything. */
function uploaded(list: unknown): Members[] {
  if (!Array.isArray(list)) return []
  return list.filter(isObject).flatMap((entry) => {
    const id = memberOf(entry, 'id')
    if (typeof id !== 'string' || id === '') return []
    const texts = Object.entries(entry).filter(([name]) => name.toLowerCase() !== 'filestatus')
    return [{ ...Object.fromEntries(texts), fileStatus: 'Uploaded' }]
  })
}

function images(listings: unknown): Members {
  return byLanguage(listings, (listing) => {
    const base = memberOf(listing, 'baseListing')
    return { baseListing: { images: isObject(base) ? uploaded(memberOf(base, 'images')) : [] } }
  })
}

function icons(listings: unknown): Members {
  return byLanguage(listings, (listing) => {
    const icon = memberOf(listing, 'icon')
    const fileName = isObject(icon) ? memberOf(icon, 'fileName') : undefined
    const waits = isObject(icon) && /^pendingupload$/i.test(String(memberOf(icon, 'fileStatus')))
    return typeof fileName === 'string' && !waits ? { icon: { fileName, fileStatus: 'Uploaded' } } : {}
  })
}

function byLanguage(listings: unknown, change: (listing: Members) => Members): Members {
  if (!isObject(listings)) return {}
  return Object.fromEntries(
    Object.entries(listings)
      .filter(([language]) => /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}$/.test(language))
      .flatMap(([language, listing]) => (isObject(listing) ? [[language, change(listing)]] : [])),
  )
}

function refusalOf(attempt: () => unknown): Finding | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (!(error instanceof MicrosoftRefusal)) throw error
    const { code, message, target } = error
    return { code, severity: 'error', message, ...(target === undefined ? {} : { target }) }
  }
}

function without(members: Members, name: string): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([member]) => member.toLowerCase() !== name.toLowerCase()),
  )
}

function memberOf(members: Members, name: string): unknown {
  return Object.entries(members).findLast(([member]) => member.toLowerCase() === name.toLowerCase())?.[1]
}

function has(members: Members, name: string): boolean {
  return memberOf(members, name) !== undefined
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
