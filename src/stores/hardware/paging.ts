import { refusals } from './refusals.ts'

const usual = 50
const most = 10_000

export interface PageWish {
  readonly size: number
  /** The id after which the page begins; empty for the first. */
  readonly after: string
}

/** @throws HardwareRefusal for a token that this server did not make */
export function pageOf(query: { readonly [name: string]: unknown }): PageWish {
  const { pageSize, continuationToken } = query
  const size = typeof pageSize === 'string' && /^[1-9]\d{0,8}$/.test(pageSize) ? Number(pageSize) : usual
  return {
    size: Math.min(size, most),
    after: continuationToken === undefined ? '' : readToken(continuationToken),
  }
}

/**
 * The token's wire form is a small document in base64 that names the place in the service's table
 * (microsoft-hardware.md 1); clients hand it back as it is.
 */
export function writeToken(after: string): string {
  const row = `user-deleted-0-      HardwareDriver-products-${after.padStart(20, '0')}`
  const key = (text: string) => Buffer.from(text, 'utf8').toString('base64')
  const xml =
    '<?xml version="1.0" encoding="utf-16"?><ContinuationToken><Version>2.0</Version><Type>Table</Type>' +
    `<NextPartitionKey>1!48!${key('publishers')}</NextPartitionKey><NextRowKey>1!96!${key(row)}</NextRowKey>` +
    '<TargetLocation>Primary</TargetLocation></ContinuationToken>'
  return Buffer.from(xml, 'utf8').toString('base64')
}

function readToken(token: unknown): string {
  // A `+` that was not encoded has become a blank.
  const text = typeof token === 'string' ? token.replaceAll(' ', '+') : ''
  const xml = Buffer.from(text, 'base64').toString('utf8')
  const key = /<NextRowKey>1!96!([A-Za-z0-9+/=]{1,200})<\/NextRowKey>/.exec(xml)?.[1]
  const row = Buffer.from(key ?? '', 'base64').toString('utf8')
  const id = /^user-deleted-0- {6}HardwareDriver-products-0(\d{19})$/.exec(row)?.[1]
  if (id === undefined) {
    throw refusals.invalid([{ target: 'continuationToken', message: 'The continuation token is invalid.' }])
  }
  return BigInt(id).toString()
}
