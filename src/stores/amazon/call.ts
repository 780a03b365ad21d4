import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Product, ProductAddress, Submission } from '../../engine/index.ts'
import { bodyOf } from '../../protocols/body.ts'
import type { Mounting } from '../store.ts'
import { authenticateClient } from './auth.ts'
import { documentOf, type EditDocument } from './document.ts'
import { sendJson } from './errors.ts'
import { type JsonObject, readJson } from './json-body.ts'
import {
  matches,
  type Resources,
  readCondition,
  requireMatch,
  resourcesOf,
  type TagCondition,
} from './tags.ts'
import type { Tokens } from './tokens.ts'

/** Names in the paths; which of them a route has, its path says. */
interface PathParts {
  readonly appId: string
  readonly editId: string
  readonly language: string
  readonly imageType: string
  readonly apkId: string
  readonly assetId: string
}

export type Request = FastifyRequest<{ Params: PathParts }>

/** What the routes stand on. */
export interface Api extends Mounting {
  readonly tokens: Tokens
  readonly resources: Resources
}

export function apiOf(mounting: Mounting, tokens: Tokens): Api {
  return { ...mounting, tokens, resources: resourcesOf(mounting.settings.amazon) }
}

/** One request of a client that is known. */
export interface Call extends Api {
  readonly actor: Actor
  readonly request: Request
  readonly reply: FastifyReply
  readonly parts: PathParts
  readonly app: ProductAddress
  /** The edit of the path: a draft, one in review, or the live one, which getPreviousEdit gives. */
  readonly edit: {
    readonly id: string
    readonly product: ProductAddress
    readonly phases: Submission['phase'][]
  }
}

/** Makes a route of what answers a call. */
export function route(api: Api, answer: (call: Call) => Promise<FastifyReply>) {
  return async (request: Request, reply: FastifyReply): Promise<FastifyReply> => {
    const actor = await authenticateClient(api, api.tokens, request.headers.authorization)
    const { appId, editId } = request.params
    const app: ProductAddress = { store: 'amazon', kind: 'app', id: appId, answersTo }
    const edit = { id: editId, product: app, phases: ['draft', 'moving', 'live'] as Submission['phase'][] }
    return answer({ ...api, actor, request, reply, parts: request.params, app, edit })
  }
}

/** A product without an identity yet may have a package name for paths in its data. */
function answersTo({ data }: Product, name: string): boolean {
  return data.packageName === name
}

export function jsonOf({ request, settings }: Call): Promise<JsonObject> {
  return readJson(request.raw, settings.bodyIdleMs)
}

export function bytesOf({ request, settings }: Call): AsyncGenerator<Uint8Array> {
  return bodyOf(request.raw, settings.bodyIdleMs)
}

/** `fileName`, however it is spelled; only ever a name to show (amazon-appstore.md 1.1). */
export function fileNameOf({ request }: Call): string | undefined {
  const name = request.headers.filename
  const shown = typeof name === 'string' ? name.trim().slice(0, 255) : ''
  return shown === '' ? undefined : shown
}

/**
 * Changes a resource of the edit: the decision gets the content as it is now, and has its precondition checked
 * against it, in one transaction.
 */
export async function change<T>(
  { engine, actor, edit }: Call,
  condition: TagCondition,
  tags: (submission: Submission) => readonly string[],
  decide: (document: EditDocument, submission: Submission) => { document: EditDocument; result: T },
): Promise<{ submission: Submission; result: T }> {
  return engine.editSubmission<T>(actor, {
    ...edit,
    action: 'update',
    edit: (submission) => {
      requireMatch(condition, ...tags(submission))
      const { document, result } = decide(documentOf(submission), submission)
      return { content: document, result }
    },
  })
}

/** Answers a read: with its ETag, or 304 when the client has it already. */
export function sendRead({ request, reply }: Call, tag: string, body: () => unknown): FastifyReply {
  setTag(reply, tag)
  const known = readCondition(request.headers['if-none-match'])
  if (known && matches(known, tag)) return reply.code(304).send()
  return sendJson(reply, body())
}

/** Answers a write: 200 with what it is now, and its new ETag. */
export function sendWritten({ reply }: Call, tag: string, body: unknown): FastifyReply {
  setTag(reply, tag)
  return sendJson(reply, body)
}

/** Answers a deletion: 204 without a body (amazon-appstore.md 7-3). */
export function sendDeleted({ reply }: Call, tag?: string): FastifyReply {
  if (tag !== undefined) setTag(reply, tag)
  return reply.code(204).send()
}

/** Spelled so on the wire: clients look for exactly `ETag`, and the framework writes names in lower case (7-9). */
function setTag(reply: FastifyReply, tag: string): void {
  reply.raw.setHeader('ETag', tag)
}
