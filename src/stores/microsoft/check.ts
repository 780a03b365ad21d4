import type { Content, Finding } from '../../engine/index.ts'
import type { Judged } from '../../engine/store-spec.ts'
import { compareQuads, parseQuad } from '../../formats/msix/version.ts'
import { addOnDocument } from './document/add-on-submission.ts'
import { appDocument } from './document/app-submission.ts'
import { namesEverySupported } from './document/device-families.ts'
import { kindOfContent, packagesOf } from './document/documents.ts'
import { languageOf } from './document/listings.ts'
import type { PackageEntry } from './document/packages.ts'
import { type MicrosoftRefusal, refusals } from './refusals.ts'

/** What a commit fails for besides its files; the codes are the store's (microsoft-store.md 2.12, 3.7). */
export function checkSubmission({ content, live }: Pick<Judged, 'content' | 'live'>): Finding[] {
  switch (kindOfContent(content)) {
    case 'app':
      return [...checkApp(content), ...checkPackages(content, live?.content)]
    case 'flight':
      return checkPackages(content, live?.content)
    case 'add-on':
      return checkAddOn(content)
  }
}

function checkApp(content: Content): Finding[] {
  const {
    pricing,
    listings,
    allowTargetFutureDeviceFamilies: families,
    applicationPackages,
  } = appDocument(content)
  const languages = new Set(applicationPackages.flatMap(({ languages }) => languages))
  return [
    ...(pricing.priceId === 'Base' ? [failure(refusals.basePrice('Base'))] : []),
    ...(namesEverySupported(families) ? [] : [failure(refusals.deviceFamilies())]),
    ...(Object.keys(listings).length === 0 ? [failure(refusals.emptyListings('AppListings'))] : []),
    ...unlisted([...languages], listings),
  ]
}

function checkAddOn(content: Content): Finding[] {
  const { contentType, pricing, listings } = addOnDocument(content)
  const chosen = refusals.invalid('contentType', "'NotSet' is not a valid ContentType of a submission")
  return [
    ...(contentType === 'NotSet' ? [failure(chosen)] : []),
    ...(pricing.priceId === 'Base' ? [failure(refusals.basePrice('Base'))] : []),
    ...(Object.keys(listings).length === 0 ? [failure(refusals.emptyListings('Listings'))] : []),
  ]
}

/** A package's language without a listing is a warning (microsoft-store.md 2.12); the region does not count. */
function unlisted(
  languages: readonly string[],
  listings: { readonly [language: string]: unknown },
): Finding[] {
  const primary = new Set(Object.keys(listings).map(primaryOf))
  const missing = languages.filter(
    (language) => languageOf(listings, language) === undefined && !primary.has(primaryOf(language)),
  )
  if (missing.length === 0) return []
  const message = `The packages support languages without a listing: [${missing.join(', ')}]`
  return [{ code: 'ListingOptOutWarning', severity: 'warning', message, target: 'listings' }]
}

function primaryOf(language: string): string {
  return language.split('-', 1)[0]?.toLowerCase() ?? ''
}

function checkPackages(content: Content, live: Content | undefined): Finding[] {
  const packages = packagesOf(content).filter(({ fileStatus }) => fileStatus !== 'PendingDelete')
  if (packages.length === 0) {
    const message = 'The submission has no package. Add one, or keep one of those it had.'
    return [{ code: 'PackageValidationFailed', severity: 'error', message, target: 'packages' }]
  }
  const before = live ? packagesOf(live) : []
  return [...twins(packages), ...packages.flatMap((entry) => versionProblem(entry, before))]
}

/** Two packages of one version and architecture have the same full name, which no machine can hold twice. */
function twins(packages: readonly PackageEntry[]): Finding[] {
  const seen = new Map<string, PackageEntry>()
  const findings: Finding[] = []
  for (const entry of packages) {
    if (entry.version === '') continue
    const key = `${entry.version} ${entry.architecture} ${entry.targetPlatform}`
    const twin = seen.get(key)
    if (twin) {
      const message = `The packages ${twin.fileName} and ${entry.fileName} have the same version ${entry.version} and architecture ${entry.architecture}. Remove one of them or raise its version.`
      findings.push({ code: 'PackageValidationFailed', severity: 'error', message, target: entry.fileName })
    }
    seen.set(key, entry)
  }
  return findings
}

/** A new package is newer than every published one that it would replace (INFERRED from "identity/version problems"). */
function versionProblem(entry: PackageEntry, before: readonly PackageEntry[]): Finding[] {
  if (entry.id === '' || before.some(({ id }) => id === entry.id)) return []
  const [highest] = before
    .filter((published) => replaces(entry, published) && parseQuad(published.version))
    .map(({ version }) => version)
    .sort((one, other) => compareVersions(other, one))
  if (highest === undefined || !parseQuad(entry.version)) return []
  if (compareVersions(entry.version, highest) > 0) return []
  const message = `The version ${entry.version} of ${entry.fileName} must be higher than ${highest}, which is published for ${entry.architecture}. Raise the Version of the package's Identity.`
  return [{ code: 'PackageValidationFailed', severity: 'error', message, target: entry.fileName }]
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [parseQuad(one), parseQuad(other)]
  return a && b ? compareQuads(a, b) : 0
}

function replaces(entry: PackageEntry, published: PackageEntry): boolean {
  if (entry.targetPlatform !== published.targetPlatform) return false
  const architectures = [entry.architecture.toLowerCase(), published.architecture.toLowerCase()]
  return architectures[0] === architectures[1] || architectures.includes('neutral')
}

function failure({ code, message, target }: MicrosoftRefusal): Finding {
  return { code, severity: 'error', message, ...(target === undefined ? {} : { target }) }
}
