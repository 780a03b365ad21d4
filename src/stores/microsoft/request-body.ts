import type { FastifyRequest } from 'fastify'
import { readBody } from '../../protocols/body.ts'
import { contentTypeOf } from '../../protocols/content-type.ts'
import { refusals } from './refusals.ts'

/** Documents of 290 kB are usual (microsoft-store.md 1.2); this only keeps a body from filling the memory. */
const mostBytes = 32 * 1024 * 1024

/**
 * What a POST or PUT says: undefined for no body, whether or not a JSON type announces one, and for a literal
 * `null` (microsoft-store.md 5.5, 7-9).
 * @throws MicrosoftRefusal for another type than JSON, and for what is no JSON; EngineError as `readBody`
 */
export async function readJson(request: FastifyRequest, idleMs: number): Promise<unknown> {
  const type = contentTypeOf(request.raw)
  if (type !== undefined && !isJson(type)) throw refusals.notJson()
  const bytes = await readBody(request.raw, mostBytes, idleMs)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') return undefined
  try {
    return (JSON.parse(text) as unknown) ?? undefined
  } catch {
    throw refusals.invalid('request', 'The request body is not valid JSON')
  }
}

function isJson(type: string): boolean {
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return (
    media === '' ||
    media === 'application/json' ||
    media === 'text/json' ||
    /^application\/[\w.-]+\+json$/.test(media)
  )
}
