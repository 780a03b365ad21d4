import { TextDecoder } from 'node:util'
import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import type { Say } from './findings.ts'

export interface XmlElement {
  /** Namespace. */
  readonly uri: string
  readonly local: string
  /** Without namespace declarations. */
  readonly attributes: readonly SaxesAttributeNS[]
  readonly children: readonly XmlElement[]
  /** The element's own text, not its children's. */
  readonly text: string
}

export interface XmlDocument {
  readonly root: XmlElement
  /** Prefixes declared on the root, to their namespaces. */
  readonly prefixes: ReadonlyMap<string, string>
}

export interface XmlHandlers {
  open(uri: string, local: string, attributes: readonly SaxesAttributeNS[], depth: number): void
  close?(depth: number): void
}

/** Well below what a sound document needs and far below what the call stack holds. */
const deepest = 64
const mostElements = 250_000
const xmlnsUri = 'http://www.w3.org/2000/xmlns/'

class XmlError extends Error {
  readonly code: 'msix-xml-malformed' | 'msix-xml-doctype'

  constructor(code: XmlError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const malformed = (why: string): XmlError => new XmlError('msix-xml-malformed', why)

/** What handlers throw to end reading; the caller has said why. */
export class XmlStop extends Error {}

/**
 * Feeds a document to handlers as it arrives, in bounded memory. UTF-8 and UTF-16 (with a byte order mark).
 * Document type declarations, undeclared prefixes and unknown entities are refused.
 * @returns false when the document is not acceptable; `say` was told why.
 */
export async function streamXml(
  chunks: AsyncIterable<Uint8Array>,
  handlers: XmlHandlers,
  name: string,
  say: Say,
): Promise<boolean> {
  try {
    const parser = parserFor(handlers)
    let decoder: TextDecoder | undefined
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue
      decoder ??= decoderFor(chunk)
      parser.write(decode(decoder, chunk, true))
    }
    if (decoder !== undefined) parser.write(decode(decoder, undefined, false))
    parser.close()
    return true
  } catch (error) {
    return explain(error, name, say)
  }
}

/** The whole document as a tree; undefined when it is not acceptable, and `say` was told why. */
export function parseXml(bytes: Uint8Array, name: string, say: Say): XmlDocument | undefined {
  const tree = new TreeBuilder()
  try {
    const parser = parserFor(tree)
    parser.write(decode(decoderFor(bytes), bytes, false))
    parser.close()
    if (tree.root === undefined) throw malformed('it has no root element')
    return { root: tree.root, prefixes: tree.prefixes }
  } catch (error) {
    explain(error, name, say)
    return undefined
  }
}

function explain(error: unknown, name: string, say: Say): false {
  if (error instanceof XmlStop) return false
  if (error instanceof XmlError) say(error.code, error.message, name)
  else throw error
  return false
}

function decoderFor(start: Uint8Array): TextDecoder {
  const [first, second] = start
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding, { fatal: true })
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch {
    throw malformed('it is not text in its encoding')
  }
}

interface ParserTarget extends XmlHandlers {
  text?(text: string): void
  namespaces?(declared: Readonly<Record<string, string>>): void
}

function parserFor(target: ParserTarget): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({ xmlns: true })
  let depth = 0
  let elements = 0
  parser.on('error', (error) => {
    throw malformed(`it is not well-formed (${error.message.replace(/\.+$/, '')})`)
  })
  parser.on('doctype', () => {
    throw new XmlError('msix-xml-doctype', 'it has a document type declaration')
  })
  parser.on('opentag', (tag) => {
    if (depth >= deepest) throw malformed(`its elements are nested more than ${deepest} deep`)
    if (depth === 0) target.namespaces?.(tag.ns)
    elements += 1
    if (target.text !== undefined && elements > mostElements) throw malformed('it has too many elements')
    const attributes = Object.values(tag.attributes).filter(({ uri }) => uri !== xmlnsUri)
    target.open(tag.uri, tag.local, attributes, depth)
    depth += 1
  })
  parser.on('closetag', () => {
    depth -= 1
    target.close?.(depth)
  })
  if (target.text !== undefined) {
    const text = (value: string) => target.text?.(value)
    parser.on('text', text)
    parser.on('cdata', text)
  }
  return parser
}

class TreeBuilder implements ParserTarget {
  root: XmlElement | undefined
  readonly prefixes = new Map<string, string>()
  readonly #open: { children: XmlElement[]; text: string }[] = []

  namespaces(declared: Readonly<Record<string, string>>): void {
    for (const [prefix, uri] of Object.entries(declared)) this.prefixes.set(prefix, uri)
  }

  open(uri: string, local: string, attributes: readonly SaxesAttributeNS[]): void {
    const element = { uri, local, attributes, children: [], text: '' }
    this.#open.at(-1)?.children.push(element)
    this.root ??= element
    this.#open.push(element)
  }

  text(text: string): void {
    const element = this.#open.at(-1)
    if (element !== undefined) element.text += text
  }

  close(): void {
    this.#open.pop()
  }
}

/** An attribute's value; attributes of the published schemas that have no prefix are in no namespace. */
export function attribute(element: XmlElement, local: string, uri = ''): string | undefined {
  return element.attributes.find((each) => each.local === local && each.uri === uri)?.value
}

export const childrenNamed = (
  element: XmlElement | undefined,
  local: string,
  uri: string | undefined = element?.uri,
): XmlElement[] => element?.children.filter((child) => child.local === local && child.uri === uri) ?? []
