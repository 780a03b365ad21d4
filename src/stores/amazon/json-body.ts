import type { IncomingMessage } from 'node:http'
import { readBody } from '../../protocols/body.ts'
import { dataAbsent, invalidInput } from './errors.ts'

export type JsonObject = { readonly [key: string]: unknown }

/** Several times the longest listing there can be. */
const mostBytes = 1024 * 1024

/**
 * A body as a JSON object, whatever its Content-Type says (amazon-appstore.md 7-11). Of duplicate keys the last
 * one counts (7-16).
 * @throws AmazonRefusal 400 for what is none; EngineError `too_large`, `timeout`
 */
export async function readJson(request: IncomingMessage, idleMs: number): Promise<JsonObject> {
  const text = (await readBody(request, mostBytes, idleMs)).toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') throw dataAbsent('The request body is required')
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput('The request body must be a JSON object')
  }
  return value as JsonObject
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidInput('The request body is no valid JSON')
  }
}

/** A text, empty where it is missing or null; @throws AmazonRefusal 400 for another type */
export function textIn(body: JsonObject, key: string): string {
  const value = body[key] ?? ''
  if (typeof value !== 'string') throw invalidInput(`${key} must be a string`)
  return value
}

/** A list of texts; @throws AmazonRefusal 400 for another type */
export function textsIn(body: JsonObject, key: string): readonly string[] {
  const value = body[key] ?? []
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw invalidInput(`${key} must be an array of strings`)
  }
  return value
}
