import type { FastifyInstance } from 'fastify'
import type { Engine } from '../engine/index.ts'
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
}

export type Routes = (app: FastifyInstance, mounting: Mounting) => void | Promise<void>

/** A dialect: one folder under `src/stores/`. */
export interface Store {
  readonly spec: StoreSpec
  /** The real service's host names, for the redirection. */
  readonly hosts: readonly string[]
  /** The store's own routes, at the real service's paths. */
  readonly routes: Routes
  /** Endpoints it shares with other stores, each mounted once by its name. */
  readonly protocols: readonly { readonly name: string; readonly routes: Routes }[]
}
