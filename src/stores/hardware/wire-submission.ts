import type { Package, Submission, Upload } from '../../engine/index.ts'
import { bareInteger } from '../../protocols/exact-json.ts'
import type { Address, Link } from './links.ts'
import { factsOf, infsOf } from './package-facts.ts'
import { commitStatus, workflowStatus } from './workflow.ts'

export interface Download {
  readonly type: string
  readonly url: string
}

interface Shown {
  readonly submission: Submission
  readonly packages: readonly Package[]
}

/** A submission as lists show it: without its downloads (microsoft-hardware.md 2.2). */
export function toWireListed({ submission, packages }: Shown, address: Address) {
  const { id, productId, content } = submission
  const infs = infsOf(factsOf(packages))
  const all = (is: (inf: (typeof infs)[number]) => boolean) => infs.length > 0 && infs.every(is)
  return {
    id: bareInteger(id),
    productId: bareInteger(productId),
    links: linksOf(submission, address.submission(productId, id)),
    workflowStatus: workflowStatus(submission),
    commitStatus: commitStatus(submission),
    isExtensionInf: infs.some((inf) => inf.isExtension),
    isUniversal: all((inf) => inf.isUniversal),
    isDeclarativeInf: all((inf) => inf.isDeclarative),
    name: String(content.name ?? ''),
    type: String(content.type ?? 'initial'),
    createdBy: submission.accountId,
    createdDateTime: new Date(submission.createdAt).toISOString(),
  }
}

/** A submission alone; the error report stands in its workflow status only when there is one (7-11). */
export function toWireSubmission(shown: Shown, address: Address, downloads: Downloads) {
  const { workflowStatus: status, ...listed } = toWireListed(shown, address)
  const { errorReport, items } = downloads
  return {
    ...listed,
    workflowStatus: { ...status, ...(errorReport === undefined ? {} : { errorReport }) },
    downloads: { items, messages: [] },
  }
}

export interface Downloads {
  readonly items: readonly Download[]
  readonly errorReport: string | undefined
}

function linksOf(submission: Submission, self: string): Link[] {
  const commit: Link[] =
    submission.step === 'commitPending'
      ? [{ href: `${self}/commit`, rel: 'commit_submission', method: 'POST' }]
      : []
  return [
    { href: self, rel: 'self', method: 'GET' },
    { href: self, rel: 'update_submission', method: 'PATCH' },
    ...commit,
  ]
}

/** In the order of the table of microsoft-hardware.md 3.3; the package that was uploaded comes first (7-4). */
const order = ['initialPackage', 'derivedPackage', 'signedPackage', 'certificationReport', 'driverMetadata']

export async function downloadsOf(
  { submission, uploads }: { readonly submission: Submission; readonly uploads: readonly Upload[] },
  {
    publisherId,
    urlOf,
  }: { readonly publisherId: string; readonly urlOf: (upload: Upload) => Promise<string> },
): Promise<Downloads> {
  const items: Download[] = []
  let errorReport: string | undefined
  for (const upload of uploads) {
    const url = await urlOf(upload)
    if (upload.purpose === 'errorReport') errorReport = url
    else items.push({ type: upload.purpose, url })
  }
  if (submission.step === 'completed') {
    const path = [publisherId, submission.productId, submission.id].join('/')
    const url = `https://manage.devcenter.microsoft.com/dashboard/hardware/Driver/DownloadCertificationReport/${path}`
    items.push({ type: 'certificationReport', url })
  }
  return {
    items: items.toSorted((one, other) => order.indexOf(one.type) - order.indexOf(other.type)),
    errorReport,
  }
}
