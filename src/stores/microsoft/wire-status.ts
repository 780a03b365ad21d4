import type { Finding, Submission } from '../../engine/index.ts'
import { toWireTime } from './document/dates.ts'

interface CodeAndDetails {
  readonly code: string
  /** A text here, unlike in error replies (microsoft-store.md 7-15). */
  readonly details: string
}

export interface WireStatusDetails {
  readonly errors: readonly CodeAndDetails[]
  readonly warnings: readonly CodeAndDetails[]
  readonly certificationReports: readonly { readonly date: string; readonly reportUrl: string }[]
}

export interface WireStatus {
  readonly status: string
  readonly statusDetails: WireStatusDetails
}

/** @param origin where this server is reached: a failed certification's report is the native API's */
export function toWireStatus(submission: Submission, origin: string): WireStatus {
  return { status: submission.step, statusDetails: statusDetails(submission, origin) }
}

/** Three lists, always (microsoft-store.md 2.12). */
export function statusDetails(submission: Submission, origin: string): WireStatusDetails {
  const of = (severity: Finding['severity']) =>
    submission.findings.filter((finding) => finding.severity === severity).map(toWire)
  return {
    errors: of('error'),
    warnings: [salesUnsupported, ...listingWarnings(submission), ...of('warning')],
    certificationReports: reports(submission, origin),
  }
}

/** Every live submission carries it (microsoft-store.md 2.12). */
const salesUnsupported: CodeAndDetails = {
  code: 'SalesUnsupportedWarning',
  details:
    'The sales resource is no longer supported. To view or edit the sales data for this submission, use the Dev Center dashboard.',
}

function listingWarnings({ content }: Submission): CodeAndDetails[] {
  const { inheritedLanguages: inherited, listings } = content
  if (!Array.isArray(inherited) || typeof listings !== 'object' || listings === null) return []
  const now = Object.keys(listings)
  const removed = without(inherited as string[], now)
  const added = without(now, inherited as string[])
  const optOut = `You have removed listing language(s): [${removed.join(', ')}]`
  const optIn = `You have added listing language(s): [${added.join(', ')}]`
  return [
    ...(removed.length > 0 ? [{ code: 'ListingOptOutWarning', details: optOut }] : []),
    ...(added.length > 0 ? [{ code: 'ListingOptInWarning', details: optIn }] : []),
  ]
}

/** Languages that others do not have, in any case. */
function without(languages: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map((language) => language.toLowerCase()))
  return languages.filter((language) => !known.has(language.toLowerCase()))
}

function reports(
  { id, step, stepAt }: Submission,
  origin: string,
): WireStatusDetails['certificationReports'] {
  if (step !== 'CertificationFailed') return []
  return [{ date: toWireTime(stepAt), reportUrl: `${origin}/api/v1/submissions/${id}` }]
}

const codes: ReadonlySet<string> = new Set([
  'None',
  'InvalidArchive',
  'MissingFiles',
  'PackageValidationFailed',
  'InvalidParameterValue',
  'InvalidOperation',
  'InvalidState',
  'ResourceNotFound',
  'ServiceError',
  'ListingOptOutWarning',
  'ListingOptInWarning',
  'UpdateOnlyWarning',
  'Other',
  'PackageValidationWarning',
  'SalesUnsupportedWarning',
  'InvalidMicrosoftAgeRating',
])

function toWire({ code, severity, message, target }: Finding): CodeAndDetails {
  return {
    code: storeCode(code, severity),
    details: target === undefined ? message : `${message} (${target})`,
  }
}

/** The store's word for what package readers, the engine and reviewers say. */
function storeCode(code: string, severity: Finding['severity']): string {
  if (codes.has(code)) return code
  if (/^(?:msix|zip|package|unknown|extension|apk|driver|cab)-/.test(code)) {
    return severity === 'error' ? 'PackageValidationFailed' : 'PackageValidationWarning'
  }
  return code === 'step-broken' || code === 'not-judged' ? 'ServiceError' : 'Other'
}
