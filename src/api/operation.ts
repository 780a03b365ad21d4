import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { EngineErrorCode } from '../engine/index.ts'

/** The scope the routes are declared in. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
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
