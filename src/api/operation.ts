import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { EngineErrorCode } from '../engine/index.ts'

/** Handlers take and answer what their route's schemas say; types only, nothing of it is there at run time. */
export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** The scope the routes are declared in. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>

/** What the documentation says of a route beyond its schemas. */
export interface Operation {
  /** Unique, in camel case: what generated clients call it. */
  readonly id: string
  readonly tag:
    | 'Products'
    | 'Submissions'
    | 'Packages'
    | 'Credentials'
    | 'Accounts'
    | 'Events'
    | 'Sandbox'
    | 'Documentation'
  readonly summary: string
  readonly description?: string
  /** Refusals of its own; those that its schemas and its token bring are added. */
  readonly errors?: readonly EngineErrorCode[]
  /** Headers of a successful answer, with what they say. */
  readonly headers?: { readonly [name: string]: string }
  /** Media type of a successful answer; JSON when absent. */
  readonly produces?: string
  /** Answered without a token. */
  readonly open?: true
}

/** A route's options: what it takes and answers, and what the documentation says of it. */
export function operation<const Schema extends FastifySchema>(
  about: Operation,
  schema: Schema,
): { schema: Schema; config: { operation: Operation } } {
  return { schema, config: { operation: about } }
}
