import type { IncomingMessage } from 'node:http'
import { type Content, EngineError } from '../engine/index.ts'
import { readBody } from '../protocols/body.ts'

const maxBytes = 1024 * 1024
const idleMs = 30_000
/** Far deeper than any store's document, far from what recursion over it could not bear. */
const maxDepth = 64

/**
 * A request's JSON object; undefined when it has no body at all.
 * @throws EngineError `invalid`, `too_large` beyond 1 MiB, `timeout`
 */
export async function readJson(request: IncomingMessage): Promise<Content | undefined> {
  const body = await readBody(request, maxBytes, idleMs)
  return body.length === 0 ? undefined : parseObject(body)
}

/**
 * Refuses what could not be given back as it came: numbers that lose digits, nesting without end, and the one
 * member name that assignments take for something else.
 * @throws EngineError `invalid`
 */
export function parseObject(bytes: Uint8Array): Content {
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EngineError('invalid', 'the body must be a JSON object')
  }
  const problem = problemIn(value, '', maxDepth)
  if (problem) throw problem
  return value as Content
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new EngineError('invalid', `the body must be JSON in UTF-8: ${(cause as Error).message}`, { cause })
  }
}

function problemIn(value: unknown, path: string, depth: number): EngineError | undefined {
  if (typeof value === 'number' && !isExact(value)) {
    return new EngineError('invalid', 'numbers beyond 2^53 lose digits; send it as a text', { target: path })
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return new EngineError('invalid', `the body is nested deeper than ${maxDepth} levels`)
  for (const [name, member] of Object.entries(value)) {
    const inner = path === '' ? name : `${path}.${name}`
    if (name === '__proto__')
      return new EngineError('invalid', 'no member may have this name', { target: inner })
    const problem = problemIn(member, inner, depth - 1)
    if (problem) return problem
  }
  return undefined
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
}
