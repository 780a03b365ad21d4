/** A parsed JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own member; a manifest's keys may be called `constructor`. */
export const member = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** A member that is an object, or an empty one. */
export function objectMember(object: JsonObject, key: string): JsonObject {
  const value = member(object, key)
  return isObject(value) ? value : {}
}

/** A member that is a list, or an empty one. */
export function listMember(object: JsonObject, key: string): readonly Json[] {
  const value = member(object, key)
  return Array.isArray(value) ? value : []
}

export type ParsedJson =
  | { readonly value: Json; readonly nonstandard: boolean; readonly error?: never }
  | { readonly error: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses UTF-8 JSON as Chromium reads manifests and messages: a byte order mark, comments, `\\x41` and `\\v`, and
 * control characters in strings are tolerated (`nonstandard` says that there were such).
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { error: 'Save it as UTF-8.' }
  }
  const strict = tryParse(text)
  if (strict.error === undefined) return strict
  const relaxed = tryParse(standardise(text))
  return relaxed.error === undefined ? { ...relaxed, nonstandard: true } : strict
}

function tryParse(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text) as Json, nonstandard: false }
  } catch (error) {
    return { error: `${error instanceof Error ? error.message : 'It can not be parsed'}.` }
  }
}

/** Drops comments and writes strings as JSON wants them; positions are not kept. */
function standardise(text: string): string {
  const parts: string[] = []
  const special = /["/]/g
  let at = 0
  let copied = 0
  const skip = (from: number, to: number, replacement: string) => {
    parts.push(text.slice(copied, from), replacement)
    copied = to
    at = to
  }
  while (at < text.length) {
    special.lastIndex = at
    const match = special.exec(text)
    if (match === null) break
    at = match.index
    if (match[0] === '"') {
      const end = stringEnd(text, at)
      skip(at, end, escapeControls(text.slice(at, end)))
    } else if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at)
      skip(at, end < 0 ? text.length : end, '')
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) break
      skip(at, end + 2, ' ')
    } else {
      at += 1
    }
  }
  parts.push(text.slice(copied))
  return parts.join('')
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function escapeControls(literal: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return literal.replace(/\\(?:x([0-9A-Fa-f]{2})|([\s\S]))|[\u0000-\u001f]/g, (found, hex, escaped) => {
    if (hex !== undefined) return `\\u00${hex}`
    if (escaped !== undefined) return escaped === 'v' ? '\\u000b' : found
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
