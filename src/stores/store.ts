import type { FastifyInstance } from 'fastify'
import type { Content, Engine, Finding } from '../engine/index.ts'
import type { StoreSpec } from '../engine/store-spec.ts'

/** What routes are handed: the engine and how this server is set up; nothing else. */
export interface Mounting {
  readonly engine: Engine
  readonly settings: StoreSettings
}

/** The switches a store may read; INFERRED behaviours of the references are among them. */
export interface StoreSettings {
  /** Milliseconds a request body may stand still before it is given up. */
  readonly bodyIdleMs: number
  /** What issued tokens are signed with; a token of another algorithm is refused. */
  readonly tokenAlgorithm: 'RS256' | 'HS256'
  readonly edge: {
    /** `accept` serves the retired v1 credentials, `gone` answers 410 as the service has since January 2025. */
    readonly v1: 'accept' | 'gone'
  }
  readonly microsoft: {
    /** Requests a minute of one account before the gateway answers 429; 0 for no limit. */
    readonly requestsPerMinute: number
  }
  readonly hardware: {
    /** `required` answers 415 to a body, also an empty one, that is not announced as JSON. */
    readonly contentType: 'any' | 'required'
    /** OS codes besides those this version knows: new ones appear every year. */
    readonly osCodes: readonly string[]
  }
  readonly amazon: AmazonSettings
}

/** The switches of amazon-appstore.md section 10, with its suggested defaults; all INFERRED. */
export interface AmazonSettings {
  /** Whether the edit's ETag `moves` with everything inside it, or is `fixed` as long as it is a draft. */
  readonly editTag: 'moves' | 'fixed'
  /** Whether the tag of the list of listings is good for one of them. */
  readonly listTag: 'accept' | 'refuse'
  /** Whether listing, images and videos of a language have one ETag. */
  readonly languageTag: 'shared' | 'separate'
  /** The status of creating an edit while one is open. */
  readonly createWhileOpen: 400 | 409 | 412
  /** Whether a new edit has `blank` release notes or a `copy` that does not count. */
  readonly releaseNotes: 'blank' | 'copy'
  /** An uploaded APK's answer to DRM: `none`, or `unset`, which nothing in the API can set. */
  readonly drm: 'none' | 'unset'
  /** What an uploaded APK targets: all `compatible` devices, or `nothing`. */
  readonly targeting: 'compatible' | 'nothing'
  /** Milliseconds until a large APK can be attached. */
  readonly largeMs: number
  /** What an update signed by another certificate is. */
  readonly certificate: 'off' | 'warn' | 'error'
}

/**
 * Reads a submission document as a client would send it, without any server: what it would be refused for, and
 * the content of a draft that took the rest.
 */
export type Preflight = (document: unknown) => {
  readonly content: Content
  readonly findings: readonly Finding[]
}

export type Routes = (app: FastifyInstance, mounting: Mounting) => void | Promise<void>

/** A dialect: one folder under `src/stores/`. */
export interface Store {
  readonly spec: StoreSpec
  /** The spec as the settings want it, for stores whose rules have switches. */
  readonly specFor?: (settings: StoreSettings) => StoreSpec
  /** The real service's host names, for the redirection. */
  readonly hosts: readonly string[]
  /** The store's own routes, at the real service's paths. */
  readonly routes: Routes
  /** For stores whose submissions are documents with an archive of files. */
  readonly preflight?: Preflight
  /** Endpoints it shares with other stores, each mounted once by its name. */
  readonly protocols: readonly { readonly name: string; readonly routes: Routes }[]
}
