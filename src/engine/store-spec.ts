import type { Lifecycle } from './lifecycle.ts'
import type { Random } from './random.ts'
import type { Content, Fact, Finding, Package, Product, Refusal } from './types.ts'

/** What a check gets to see. */
export interface Judged {
  readonly product: Product
  readonly content: Content
  readonly packages: readonly Package[]
  /** What customers have now; null before the first release and where it was made elsewhere. */
  readonly live: { readonly content: Content; readonly packages: readonly Package[] } | null
}

/** What the console and the native API show of any submission. */
export interface Summary {
  readonly title: string | null
  readonly version: string | null
}

export type IdKind = 'product' | 'submission' | 'operation' | 'package'

/** What the engine may know of a store: data and pure functions, handed to it at start. */
export interface StoreSpec {
  readonly store: string
  /** By the product's kind; a kind without a lifecycle is not a product of this store. */
  readonly lifecycles: { readonly [productKind: string]: Lifecycle }
  /** Names of the package formats it takes. */
  readonly formats: readonly string[]
  /** Most bytes of one uploaded package. */
  readonly uploadBytes: number
  /** Which submission a new draft copies: the one made last, or the one that is live. */
  readonly clones: 'newest' | 'live'
  mintId(kind: IdKind, random: Random): string
  /** What an id looks like once it is stored, whatever spelling a client uses; undefined when it can't be one. */
  readId(kind: IdKind, id: string): string | undefined
  /** The content of a draft that copies nothing. */
  blank(productKind: string): Content
  /** What a new draft inherits. */
  clone(content: Content): Content
  /** What is wrong with a content document's shape, as findings; empty when it can be stored. */
  readContent(productKind: string, content: Content): Finding[]
  /** What a package claims to be, where the format knows identities. */
  identityOf(facts: { readonly [name: string]: Fact }): string | null
  /** Everything the store would say before it lets the submission pass; an `error` refuses it. */
  check(judged: Judged): Finding[]
  /** What such findings mean to a client that asked to publish. */
  refusalOf(findings: readonly Finding[]): Refusal
  /** When it may be released at the earliest: a time, `manual`, or at once. */
  heldUntil(content: Content): number | 'manual' | null
  summarize(content: Content, packages: readonly Package[]): Summary
}
