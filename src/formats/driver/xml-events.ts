import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'

/** Called as the elements of an XML document go by. Names are without their prefix. */
export interface XmlVisitor {
  open(name: string, attributes: ReadonlyMap<string, string>, path: readonly string[]): void
  close?(name: string): void
  text?(text: string): void
}

const deepest = 100
const longestText = 64 * 1024

/**
 * Reads an XML document as a stream. A document type declaration is refused: it could define entities that grow
 * without bound.
 * @returns why it can't be read, or undefined when it was.
 * @throws what the chunks throw.
 */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  visitor: XmlVisitor,
): Promise<string | undefined> {
  const parser = new SaxesParser()
  const path: string[] = []
  let fault: string | undefined
  let textLength = 0
  parser.on('error', (error) => {
    fault ??= error.message
  })
  parser.on('doctype', () => {
    fault ??= 'it has a document type declaration (DOCTYPE)'
  })
  parser.on('opentag', ({ name, attributes }) => {
    const local = localName(name)
    if (path.length >= deepest) fault ??= 'it is nested too deeply'
    if (fault !== undefined) return
    visitor.open(
      local,
      new Map(Object.entries(attributes).map(([key, value]) => [localName(key), value])),
      path,
    )
    path.push(local)
    textLength = 0
  })
  parser.on('closetag', ({ name }) => {
    if (fault !== undefined) return
    path.pop()
    visitor.close?.(localName(name))
  })
  parser.on('text', (text) => {
    textLength += text.length
    if (fault === undefined && textLength <= longestText) visitor.text?.(text)
  })
  let decoder: TextDecoder | undefined
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk))
    parser.write(decoder.decode(chunk, { stream: true }))
    if (fault !== undefined) return fault
  }
  if (decoder === undefined) return 'it is empty'
  parser.write(decoder.decode())
  parser.close()
  return fault
}

function encodingOf([a, b]: Uint8Array): 'utf-16le' | 'utf-16be' | 'utf-8' {
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  return a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
