import { Malformed } from '../../byte-cursor.ts'

/** One section of `MANIFEST.MF` or an `.SF` file. */
export interface JarSection {
  /** Value of its `Name` attribute, which must be the first one; undefined for the main section. */
  readonly name: string | undefined
  /** Its bytes, with the blank line that ends it. */
  readonly bytes: Uint8Array
  /** Value of the first attribute of this name, letter case ignored. */
  attribute(name: string): string | undefined
}

/** A name of 64 KiB folded into the usual lines takes a thousand. */
const mostLines = 10_000

/**
 * Splits a JAR manifest the way Android does: lines end with CR, LF or both and are of any length, a line that
 * begins with a space continues the one before it, sections end with blank lines. One section is in memory at a
 * time.
 * @throws Malformed for a section of absurdly many lines
 */
export function* readJarManifest(bytes: Uint8Array): Generator<JarSection, void, undefined> {
  let start = 0
  let count = 0
  let lines: Uint8Array[][] = []
  for (let at = 0; at < bytes.length; ) {
    const { end, next } = lineAt(bytes, at)
    const line = bytes.subarray(at, end)
    at = next
    if (line.length === 0) {
      if (lines.length > 0) yield section(lines, bytes.subarray(start, next))
      lines = []
      count = 0
      start = next
      continue
    }
    if (++count > mostLines) throw new Malformed(`a section has more than ${mostLines} lines`)
    if (line[0] === space && lines.length > 0) lines.at(-1)?.push(line.subarray(1))
    else lines.push([line])
  }
  if (lines.length > 0) yield section(lines, bytes.subarray(start))
}

const space = 0x20
const lineFeed = 0x0a
const carriageReturn = 0x0d

function lineAt(bytes: Uint8Array, from: number): { end: number; next: number } {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === lineFeed) return { end: at, next: at + 1 }
    if (byte === carriageReturn) return { end: at, next: bytes[at + 1] === lineFeed ? at + 2 : at + 1 }
  }
  return { end: bytes.length, next: bytes.length }
}

function section(lines: readonly (readonly Uint8Array[])[], bytes: Uint8Array): JarSection {
  const attributes = new Map<string, string>()
  let name: string | undefined
  for (const [index, pieces] of lines.entries()) {
    const text = Buffer.concat(pieces).toString('utf8')
    const colon = text.indexOf(': ')
    const key = (colon < 0 ? text : text.slice(0, colon)).toLowerCase()
    const value = colon < 0 ? '' : text.slice(colon + 2)
    if (index === 0 && key === 'name') name = value
    if (!attributes.has(key)) attributes.set(key, value)
  }
  return { name, bytes, attribute: (key) => attributes.get(key.toLowerCase()) }
}
