import { Malformed } from '../byte-cursor.ts'
import { type Chunk, chunkType, isBad, readChunk } from './chunk.ts'
import { StringPool } from './string-pool.ts'
import { type ResourceValue, valueType } from './value.ts'

const none = 0xffffffff
const attributeLength = 20

export interface XmlAttribute extends ResourceValue {
  /** Undefined for an attribute without a namespace. */
  readonly namespace: string | undefined
  readonly name: string | undefined
  /** Identifier of the framework attribute; 0 for one without. Android goes by it and ignores the name. */
  readonly resourceId: number
}

export interface XmlElement {
  readonly name: string
  /** Empty for an element without a namespace. */
  readonly namespace: string
  /** 1 for the root. */
  readonly depth: number
  /** Decoded at every call: most elements of a manifest are never asked. */
  attributes(): XmlAttribute[]
}

/** A binary XML document, as far as it could be read. */
export interface XmlDocument {
  /** In document order. */
  readonly elements: readonly XmlElement[]
  /** Why Android, or its signature verifier, does not read the document to its end. */
  readonly refusals: readonly string[]
  /** Unusual structure that Android passes over; obfuscators leave it. */
  readonly oddities: readonly string[]
}

/**
 * Reads a binary XML document ("AXML") the way Android's `ResXMLTree` does: unknown chunks are passed over,
 * attributes may be longer than they need, the type of the outermost chunk is not looked at. What the platform
 * or its signature verifier refuses is collected while the rest is still read. Never throws.
 */
export function readXml(bytes: Uint8Array): XmlDocument {
  const document = new DocumentReader()
  try {
    document.read(bytes)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    document.refuse(error.message)
  }
  return document.result()
}

const mostRemarks = 8

class DocumentReader {
  readonly #elements: XmlElement[] = []
  readonly #refusals = new Set<string>()
  readonly #oddities = new Set<string>()
  #pool: StringPool | undefined
  #resourceIds: Uint8Array | undefined
  #depth = 0
  #roots = 0

  result(): XmlDocument {
    const first = (remarks: Set<string>) => [...remarks].slice(0, mostRemarks)
    return { elements: this.#elements, refusals: first(this.#refusals), oddities: first(this.#oddities) }
  }

  refuse(why: string): void {
    this.#refusals.add(why)
  }

  read(bytes: Uint8Array): void {
    const outer = readChunk(bytes, 0)
    if (outer === undefined || isBad(outer)) throw new Malformed(outer?.problem ?? 'it is too short')
    if (outer.type !== chunkType.xml) this.refuse(`it begins with a chunk of type ${outer.type}`)
    if (outer.bytes.length < bytes.length) this.#oddities.add('bytes follow the document')
    const { body } = outer
    for (let at = 0; ; ) {
      const chunk = readChunk(body, at)
      if (chunk === undefined) break
      if (isBad(chunk)) throw new Malformed(chunk.problem)
      this.#chunk(chunk)
      at += chunk.bytes.length
    }
    if (this.#roots === 0) this.refuse('it has no root element')
  }

  #chunk(chunk: Chunk): void {
    if (((chunk.headerSize | chunk.bytes.length) & 3) !== 0)
      this.refuse('a chunk is not a multiple of four bytes')
    const { type } = chunk
    if (type === chunkType.stringPool) this.#stringPool(chunk)
    else if (type === chunkType.resourceMap) this.#resourceMap(chunk)
    else if (type === chunkType.startElement) this.#startElement(chunk)
    else if (type === chunkType.endElement) this.#endElement(chunk)
    else if (type < chunkType.firstNode || type > chunkType.lastNode) {
      this.#oddities.add('it has chunks of unknown types')
    }
  }

  // Android uses the last pool before the first element; its signature verifier takes no second one.
  #stringPool(chunk: Chunk): void {
    if (this.#pool !== undefined) this.refuse('it has two string pools')
    if (this.#roots === 0) this.#pool = new StringPool(chunk)
  }

  #resourceMap(chunk: Chunk): void {
    if (this.#resourceIds !== undefined) this.refuse('it has two resource maps')
    if (this.#roots === 0) this.#resourceIds = chunk.body
  }

  #string(index: number): string {
    const text = this.#pool?.get(index)
    if (text === undefined) this.refuse('an element has a name that is not in the string pool')
    return text ?? ''
  }

  #startElement({ headerSize, body }: Chunk): void {
    if (headerSize < 16 || body.length < 20) throw new Malformed('the start of an element is too short')
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    const namespace = view.getUint32(0, true)
    const name = this.#string(view.getUint32(4, true))
    const start = view.getUint16(8, true)
    const size = view.getUint16(10, true)
    const count = view.getUint16(12, true)
    if (start + size * count > body.length)
      throw new Malformed('the attributes of an element do not fit into it')
    const readable = size >= attributeLength
    if (count > 0 && !readable) this.refuse(`an element has attributes of ${size} bytes`)
    if (count > 0 && size > attributeLength) this.#oddities.add('attributes are longer than they need')
    if (this.#depth <= 0) this.#roots++
    if (this.#roots > 1 && this.#depth <= 0) this.refuse('it has a second root element')
    this.#depth++
    this.#elements.push({
      name,
      namespace: namespace === none ? '' : this.#string(namespace),
      depth: this.#depth,
      attributes: () =>
        Array.from({ length: readable ? count : 0 }, (_, index) =>
          this.#attribute(view, start + index * size),
        ),
    })
  }

  #endElement({ body }: Chunk): void {
    if (body.length < 8) throw new Malformed('the end of an element is too short')
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    if (view.getUint32(0, true) !== none) this.#string(view.getUint32(0, true))
    this.#string(view.getUint32(4, true))
    this.#depth--
  }

  #attribute(view: DataView, at: number): XmlAttribute {
    const namespace = view.getUint32(at, true)
    const name = view.getUint32(at + 4, true)
    const type = view.getUint8(at + 15)
    const data = view.getInt32(at + 16, true)
    return {
      namespace: namespace === none ? undefined : (this.#pool?.get(namespace) ?? ''),
      name: this.#pool?.get(name),
      resourceId: this.#resourceId(name),
      type,
      data,
      text: type === valueType.string ? this.#pool?.get(data >>> 0) : undefined,
    }
  }

  #resourceId(nameIndex: number): number {
    const ids = this.#resourceIds
    if (ids === undefined || nameIndex >= Math.floor(ids.length / 4)) return 0
    return new DataView(ids.buffer, ids.byteOffset, ids.byteLength).getUint32(nameIndex * 4, true)
  }
}
