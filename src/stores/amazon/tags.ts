import { hash } from 'node:crypto'
import type { Submission } from '../../engine/index.ts'
import type { AmazonSettings } from '../store.ts'
import { documentOf } from './document.ts'
import { dataAbsent, refusal, stale } from './errors.ts'

/** The resources that have an ETag of their own, by the names they go by in `revisions`. */
export interface Resources {
  readonly details: string
  readonly availability: string
  listing(language: string): string
  images(language: string, imageType: string): string
  videos(language: string): string
  apk(id: string): string
  targeting(apkId: string): string
}

/** With `shared`, a language's listing, images and videos are one resource to ETags (amazon-appstore.md 7-33). */
export function resourcesOf({ languageTag }: AmazonSettings): Resources {
  const shared = languageTag === 'shared'
  return {
    details: 'details',
    availability: 'availability',
    listing: (language) => `listing/${language}`,
    images: (language, imageType) => (shared ? `listing/${language}` : `images/${language}/${imageType}`),
    videos: (language) => (shared ? `listing/${language}` : `videos/${language}`),
    apk: (id) => `apk/${id}`,
    targeting: (apkId) => `targeting/${apkId}`,
  }
}

/** The ETag of a resource of an edit: strong, quoted, another one after every write. */
export function tagOf(submission: Submission, resource: string): string {
  return tag(submission.id, resource, documentOf(submission).revisions[resource] ?? 0)
}

/** The ETag of the list of listings: moves with each of them. */
export function listTagOf(submission: Submission): string {
  const { revisions } = documentOf(submission)
  const listings = Object.entries(revisions).filter(([resource]) => resource.startsWith('listing/'))
  return tag(submission.id, 'listings', JSON.stringify(listings.sort()))
}

/** The edit's own ETag: with `moves`, it moves with everything inside (amazon-appstore.md 3.2). */
export function editTagOf(submission: Submission, { editTag }: AmazonSettings): string {
  const { id, step, stepAt, revision } = submission
  return tag(id, 'edit', editTag === 'moves' ? `${step} ${stepAt} ${revision}` : `${step} ${stepAt}`)
}

function tag(editId: string, resource: string, revision: string | number): string {
  return `"${hash('sha256', `${editId}\n${resource}\n${revision}`, 'hex').slice(0, 32)}"`
}

/** What an `If-Match` or `If-None-Match` names: some tags, or any. */
export type TagCondition = ReadonlySet<string> | 'any'

/**
 * The `If-Match` of a write that needs one.
 * @throws AmazonRefusal 400 when there is none: never 412 or 428 (amazon-appstore.md 7-5)
 */
export function requiredIfMatch(header: string | undefined): TagCondition {
  const condition = readCondition(header)
  if (!condition) throw dataAbsent('If-Match header is required')
  return condition
}

/** Tags count without quotes, blanks and weakness, which proxies add and clients lose (amazon-appstore.md 3.2). */
export function readCondition(header: string | undefined): TagCondition | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const tags = header.split(',').map((each) => bare(each))
  return tags.includes('*') ? 'any' : new Set(tags)
}

function bare(text: string): string {
  const trimmed = text.trim()
  const strong = /^W\//i.test(trimmed) ? trimmed.slice(2) : trimmed
  return strong.startsWith('"') && strong.endsWith('"') && strong.length > 1 ? strong.slice(1, -1) : strong
}

export function matches(condition: TagCondition, ...tags: readonly string[]): boolean {
  return condition === 'any' || tags.some((each) => condition.has(bare(each)))
}

/** @throws AmazonRefusal 412 unless one of the tags is meant */
export function requireMatch(condition: TagCondition, ...tags: readonly string[]): void {
  if (matches(condition, ...tags)) return
  throw refusal(412, stale, 'The ETag does not match: the resource was changed since it was read.')
}
