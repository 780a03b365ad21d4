import type { IncomingHttpHeaders } from 'node:http'
import type { Upload } from '../engine/index.ts'
import { etagOf } from './block-blob-answer.ts'
import { refusals } from './block-blob-refusals.ts'

/** Whether a request depends on what is there, in another way than that it must be nothing. */
export function hasConditions(headers: IncomingHttpHeaders): boolean {
  const { 'if-none-match': except } = headers
  return (
    (except !== undefined && except !== '*') ||
    headers['if-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-unmodified-since'] !== undefined
  )
}

/**
 * Holds the conditions of a request to what is there now, if anything.
 * @throws BlobRefusal `ConditionNotMet`
 */
export function assertConditions(headers: IncomingHttpHeaders, upload: Upload | undefined): void {
  const wanted = headers['if-match']
  if (wanted !== undefined && !(upload && matches(wanted, upload))) throw refusals.conditionNotMet()
  const latest = secondOf(headers['if-unmodified-since'])
  if (latest !== undefined && upload && changedAt(upload) > latest) throw refusals.conditionNotMet()
}

/** Whether what is there is what the client has already; a date counts only where no ETag is given. */
export function isUnchanged(headers: IncomingHttpHeaders, upload: Upload): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) return matches(known, upload)
  const since = secondOf(headers['if-modified-since'])
  return since !== undefined && changedAt(upload) <= since
}

function matches(etags: string, upload: Upload): boolean {
  const own = etagOf(upload)
  return etags.split(',').some((etag) => ['*', own].includes(etag.trim().replace(/^W\//, '')))
}

function secondOf(date: string | undefined): number | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

/** HTTP dates know no milliseconds. */
function changedAt({ updatedAt }: Upload): number {
  return Math.floor(updatedAt / 1000)
}
