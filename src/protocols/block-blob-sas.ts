import { createHmac, timingSafeEqual } from 'node:crypto'
import { refusals } from './block-blob-refusals.ts'

/** `r`ead, `w`rite, `l`ist: what the stores grant on a place to upload to, and on a file to fetch. */
export type BlobPermissions = 'rwl' | 'rl'

export interface SasKey {
  readonly id: string
  /** Base64. */
  readonly secret: string
}

export interface SasWish {
  readonly uploadId: string
  readonly permissions: BlobPermissions
  /** Milliseconds since 1970. */
  readonly now: number
  readonly expiresAt: number
  /** The name the file is to be saved under. */
  readonly fileName?: string | undefined
}

/** The version of the service that signs, and that requests without `x-ms-version` are meant for. */
export const signedVersion = '2024-05-04'

/** The directory that the real stores' signing identity belongs to (microsoft-hardware.md 3.5). */
const signingTenant = '975f013f-7f24-47e8-a7d3-abc4752bf346'

const keyLifeMs = 7 * 24 * 60 * 60 * 1000

/**
 * Every parameter that belongs to a signature. One that is absent counts as empty, so that none can be changed,
 * taken away or added; all others (`comp`, `blockid`, `timeout` …) are the client's.
 */
const signedNames = [
  ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv'],
  ...['sv', 'st', 'se', 'sr', 'sp', 'sip', 'spr', 'ss', 'srt', 'si', 'sdd', 'ses'],
  ...['saoid', 'suoid', 'scid', 'snapshot', 'versionid'],
  ...['rscc', 'rscd', 'rsce', 'rscl', 'rsct'],
] as const

/**
 * The query of a signed URL, in the order that the stores have used since 2024 (microsoft-store.md 3.6). `se` is
 * never the first parameter (behaviour 24). `skoid` names the key it is signed with.
 */
export function signQuery(key: SasKey, { uploadId, permissions, now, expiresAt, fileName }: SasWish): string {
  const fields: Record<string, string> = {
    skoid: key.id,
    sktid: signingTenant,
    skt: inSeconds(now),
    ske: inSeconds(Math.max(now + keyLifeMs, expiresAt)),
    sks: 'b',
    skv: signedVersion,
    sv: signedVersion,
    se: inSeconds(expiresAt),
    sr: 'b',
    sp: permissions,
    ...(fileName === undefined ? {} : { rscd: dispositionOf(fileName) }),
  }
  const sig = signatureOf(key, uploadId, (name) => fields[name] ?? '')
  return [...Object.entries(fields), ['sig', sig]]
    .map(([name, value = '']) => `${name}=${encodeURIComponent(value).replaceAll('%20', '+')}`)
    .join('&')
}

/** What a signature that is good allows. */
export interface SasGrant {
  readonly permissions: string
  /** Service version that was signed for. */
  readonly version: string
  /** The Content-Disposition to answer with, when one was signed. */
  readonly disposition: string | undefined
}

/**
 * Checks the signature over the values as they are once decoded: however they were encoded again, in whatever
 * order, whatever was put between them (microsoft-hardware.md behaviour 22, microsoft-store.md behaviour 25).
 * @throws BlobRefusal `AuthenticationFailed`, saying what is wrong
 */
export function verifyQuery(
  keys: readonly SasKey[],
  uploadId: string,
  query: URLSearchParams,
  now: number,
): SasGrant {
  const sent = query.get('sig')
  if (sent === null || sent === '') throw refusals.unauthenticated('sig is mandatory. Cannot be empty')
  const decoded = (name: string) => canonical(query.get(name) ?? '')
  const key = keys.find(({ id }) => id === decoded('skoid'))
  const signature = Buffer.from(standardBase64(sent))
  // A stranger's key costs the same time as a wrong signature.
  const expected = Buffer.from(standardBase64(signatureOf(key ?? { id: '', secret: '' }, uploadId, decoded)))
  const matches = signature.length === expected.length && timingSafeEqual(signature, expected)
  if (!key || !matches) throw refusals.unauthenticated('Signature did not match.')
  const expiry = Date.parse(decoded('se'))
  if (!(now < expiry)) {
    const [start, end, current] = [Date.parse(decoded('skt')), expiry, now].map((time) =>
      new Date(time).toUTCString(),
    )
    throw refusals.unauthenticated(
      `Signature not valid in the specified time frame: Start [${start}] - Expiry [${end}] - Current [${current}]`,
    )
  }
  const disposition = decoded('rscd')
  return {
    permissions: decoded('sp'),
    version: decoded('sv'),
    disposition: disposition === '' ? undefined : disposition,
  }
}

function signatureOf(key: SasKey, uploadId: string, decoded: (name: string) => string): string {
  const text = JSON.stringify([uploadId, ...signedNames.map((name) => [name, decoded(name)])])
  return createHmac('sha256', Buffer.from(key.secret, 'base64')).update(text).digest('base64')
}

/** Clients write `%2B` for every `+`, also for one that stands for a blank, and `%20` for that. */
function canonical(value: string): string {
  return value.replaceAll('+', ' ')
}

/** A `+` that was not encoded has become a blank; base64url has no such trouble and means the same. */
function standardBase64(text: string): string {
  return text
    .replace(/[ -]/g, '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
}

/** Only what may stand in a header unquoted and survives {@link canonical}. */
function dispositionOf(fileName: string): string {
  return `attachment; filename=${fileName.replace(/[^\w.~()-]/g, '_')}`
}

function inSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
