import assert from 'node:assert/strict'
import type { Json, Reply, Send } from '../helpers/patient-client.ts'
import type { seededRandom } from '../helpers/seeded-random.ts'
import { waitFor } from '../helpers/wait-for.ts'

export interface Release {
  readonly submissionId: string
  readonly version: string
}

/** What a server said yes to, and what must be found of it at the end. */
export interface Acknowledged {
  readonly what: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Throws unless the reply shows it. */
  readonly shows: (reply: Reply) => void
}

/** One publisher with one product after another or one version after another, and what it knows of them. */
export interface Lane {
  readonly send: Send
  readonly random: ReturnType<typeof seededRandom>
  /** Asked after each submission, with their number. */
  readonly isOver: (begun: number) => boolean
  /** Releases by product, in their order. */
  readonly published: Map<string, Release[]>
  /** Submissions that must have failed. */
  readonly failed: string[]
  /** Submissions that must be gone. */
  readonly deleted: string[]
  readonly acknowledged: Acknowledged[]
  begun: number
}

export const account = {
  id: 'publisher',
  tenantId: '11111111-1111-1111-1111-111111111111',
  clientId: '22222222-2222-2222-2222-222222222222',
  secret: 'chaos-secret',
  edgeKey: 'chaos-key',
  token: 'chaos-token',
  amazonClient: 'amzn1.application-oa2-client.chaos',
} as const

export const native = { authorization: `Bearer ${account.token}` } as const

/** Of every five submissions one is bad. */
export const isBad = (number: number): boolean => number % 5 === 3

/** @throws unless the status is one of those */
export function want(reply: Reply, ...statuses: readonly number[]): Json {
  assert.ok(
    statuses.includes(reply.status),
    `${reply.address} said ${reply.status} ${reply.text}, not ${statuses.join(' or ')}`,
  )
  return reply.json
}

/**
 * For what cannot be repeated: an answer other than the one wanted is fine when an earlier attempt was not answered, as
 * that one may have been carried out. Whoever gets undefined has to look.
 */
export function wantOrLost(reply: Reply, status: number): Json | undefined {
  if (reply.status === status) return reply.json ?? null
  assert.ok(
    reply.lost,
    `${reply.address} said ${reply.status} ${reply.text}, not ${status}, and nothing was lost`,
  )
  return undefined
}

export function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  return waitFor(what, ask, { timeoutMs: 180_000, everyMs: 200 })
}

export function released(lane: Lane, productId: string, release: Release): void {
  const before = lane.published.get(productId) ?? []
  lane.published.set(productId, [...before, release])
}

/** A token for the Microsoft stores. */
export async function entraToken({ send }: Lane): Promise<string> {
  const fields = {
    grant_type: 'client_credentials',
    client_id: account.clientId,
    client_secret: account.secret,
  }
  const reply = await send('POST', `/${account.tenantId}/oauth2/token`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, resource: 'https://manage.devcenter.microsoft.com' }).toString(),
  })
  return want(reply, 200).access_token
}

/** Of a URL that a server handed out: any of the servers takes what belongs there. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export const blockBlob = { 'x-ms-blob-type': 'BlockBlob' } as const
