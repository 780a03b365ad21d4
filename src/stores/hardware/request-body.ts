import type { FastifyRequest } from 'fastify'
import { readBody } from '../../protocols/body.ts'
import { contentTypeOf } from '../../protocols/content-type.ts'
import { parseExact } from '../../protocols/exact-json.ts'
import type { StoreSettings } from '../store.ts'
import { GatewayRefusal, refusals } from './refusals.ts'

/** A label that names every device of a large package has some megabytes; this only keeps the memory free. */
const mostBytes = 32 * 1024 * 1024

/**
 * What a POST or PATCH says; undefined for an empty body, whatever type is announced (microsoft-hardware.md 1.3).
 * @throws GatewayRefusal 415 for another type than JSON, only where the settings are strict; HardwareRefusal for what
 * is no JSON; EngineError as `readBody`
 */
export async function readJson(request: FastifyRequest, settings: StoreSettings): Promise<unknown> {
  if (settings.hardware.contentType === 'required') {
    const media = contentTypeOf(request.raw)?.split(';', 1)[0]?.trim().toLowerCase()
    if (media !== 'application/json')
      throw new GatewayRefusal(415, 'Unsupported media type. Send application/json.')
  }
  const bytes = await readBody(request.raw, mostBytes, settings.bodyIdleMs)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') return undefined
  try {
    return parseExact(text)
  } catch {
    throw refusals.input('The request body is not valid JSON.')
  }
}
