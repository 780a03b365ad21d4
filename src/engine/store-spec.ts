import type { Lifecycle } from './lifecycle.ts'
import type { Random } from './random.ts'
import type { Content, Fact, Finding, Package, Product, Refusal, Submission } from './types.ts'

/** A file that is made of a submission for clients to fetch. */
export interface Artefact {
  /** What it is in the words of the store; a submission has at most one of each. */
  readonly purpose: string
  readonly fileName: string
  readonly contentType: string
  /** Its bytes: a text, those of a package, or what one of `formats/makers.ts` makes of a package. */
  readonly content:
    | { readonly text: string }
    | { readonly package: Package }
    | { readonly package: Package; readonly maker: string; readonly options: Content }
}

/** A copy that another account is given. */
export interface Gift {
  isFor(accountId: string): boolean
  /** The document of the receiver's product. */
  readonly data: Content
  /** Which of the files made of the submission go along. */
  readonly purposes: readonly string[]
}

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

export type IdKind = 'product' | 'track' | 'submission' | 'operation' | 'package'

/** A file that was looked for in an upload. */
export interface TakenFile {
  readonly name: string
  /** False when the upload has no such file. */
  readonly found: boolean
  readonly size: number
  /** What it is, for files wanted as packages: inspected, and stored under its id. */
  readonly package: Package | null
  /** What it is, for files wanted as images: null when it is no image at all. */
  readonly image: { readonly width: number; readonly height: number; readonly type: string } | null
}

export interface WantedFile {
  /** The path in the archive; `/` and `\\` are the same. */
  readonly name: string
  readonly as: 'package' | 'image' | 'file'
}

/** What the `ingest` step does with the bytes that were put behind the submission's signed URL. */
export interface Intake {
  /** The lifecycles whose drafts get a place to upload to. */
  readonly lifecycles: readonly string[]
  /** What the place is called in the store's words. */
  readonly purpose: string
  /** The name the bytes go by when they are fetched again. */
  fileName(submission: Submission): string
  /** `archive`: a ZIP of files that the content names. `package`: the upload itself is the package. */
  readonly kind: 'archive' | 'package'
  /** The files the content is waiting for. */
  wanted(content: Content): readonly WantedFile[]
  /**
   * What becomes of the content now that its files were looked for. `problem` says why there was nothing to
   * look in: no upload at all, or no readable archive. `mint` gives new ids for what is no package. Content that
   * waits for nothing gets no files and no problem.
   */
  taken(
    content: Content,
    files: readonly TakenFile[],
    problem: 'no_upload' | 'unreadable' | null,
    mint: () => string,
  ): { readonly content: Content; readonly findings: readonly Finding[] }
}

/** What the engine may know of a store: data and pure functions, handed to it at start. */
export interface StoreSpec {
  readonly store: string
  /** By the product's kind; a kind without a lifecycle is not a product of this store. */
  readonly lifecycles: { readonly [productKind: string]: Lifecycle }
  /** The lifecycles that are kinds of products; all of them when absent. */
  readonly productKinds?: readonly string[]
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
  /** The packages a content names, for stores whose content says which it has. */
  packageIds?(content: Content): readonly string[]
  /** How uploads behind signed URLs become packages, for stores that have them. */
  readonly intake?: Intake
  /**
   * The files made of a submission: of one that is about to be published, stored in the transaction that publishes
   * it; of one that has failed, soon after.
   */
  artefacts?(of: {
    readonly product: Product
    readonly submission: Submission
    readonly packages: readonly Package[]
  }): readonly Artefact[]
  /** What another account is given when a submission is published that belongs to another one; null for nothing. */
  handsOver?(of: {
    readonly product: Product
    readonly submission: Submission
    readonly given: Submission
  }): Gift | null
  /** When it may be released at the earliest: a time, `manual`, or at once. */
  heldUntil(content: Content): number | 'manual' | null
  summarize(content: Content, packages: readonly Package[]): Summary
}
