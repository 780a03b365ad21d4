import type { SaxesAttributeNS } from 'saxes'
import type { InspectionLimits } from '../types.ts'
import { pathKey } from './file-name.ts'
import type { Say } from './findings.ts'
import { footprint, neverInBlockMap } from './footprint.ts'
import { streamXml, XmlStop } from './xml.ts'

export const blockSize = 64 * 1024

export type HashName = 'sha256' | 'sha384' | 'sha512'

export const hashLengths = { sha256: 32, sha384: 48, sha512: 64 } as const satisfies Record<HashName, number>

const hashMethods = new Map<string, HashName>([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

const blockMapNamespace = 'http://schemas.microsoft.com/appx/2010/blockmap'
/** Adds a hash of the whole file, for files of several blocks. */
const namespace2021 = 'http://schemas.microsoft.com/appx/2021/blockmap'

/** What the block map says about one file. */
export interface BlockMapFile {
  /** As Windows writes it: `Assets\Logo.png`. */
  readonly name: string
  /** Unpacked bytes. */
  readonly size: number
  /** Bytes of the local file header in the archive, name and extra field included. */
  readonly headerSize: number | undefined
  /** The blocks' hashes, one behind the other. */
  readonly hashes: Uint8Array
  readonly blockCount: number
  /** Compressed bytes of each block; -1 where the map has no Size. */
  readonly compressedSizes: Float64Array
  /** Of the whole unpacked file. */
  readonly fileHash: Uint8Array | undefined
}

export interface BlockMap {
  readonly hashName: HashName
  /** By pathKey. */
  readonly files: ReadonlyMap<string, BlockMapFile>
}

const target = footprint.blockMap

/**
 * Reads AppxBlockMap.xml as it streams by, in some 40 bytes a block; undefined when it can't be used, and `say`
 * was told why.
 */
export async function readBlockMap(
  chunks: AsyncIterable<Uint8Array>,
  limits: InspectionLimits,
  say: Say,
): Promise<BlockMap | undefined> {
  const reader = new BlockMapReader(limits, say)
  const usable = await streamXml(chunks, reader, target, say)
  if (!usable || reader.hashName === undefined) return undefined
  if (!reader.sawFile) say('msix-block-map-invalid', 'it lists no file', target)
  return { hashName: reader.hashName, files: reader.files }
}

interface OpenFile {
  readonly name: string
  readonly size: number
  readonly headerSize: number | undefined
  /** Grows by doubling; `compressedSizes` counts the blocks in it. */
  hashes: Uint8Array
  readonly compressedSizes: number[]
  fileHash: Uint8Array | undefined
}

type Attributes = readonly SaxesAttributeNS[]

const valueIn = (attributes: Attributes, name: string): string | undefined =>
  attributes.find((each) => each.local === name && each.uri === '')?.value

class BlockMapReader {
  hashName: HashName | undefined
  sawFile = false
  readonly files = new Map<string, BlockMapFile>()
  #file: OpenFile | undefined
  #blocks = 0
  readonly #limits: InspectionLimits
  readonly #say: Say

  constructor(limits: InspectionLimits, say: Say) {
    this.#limits = limits
    this.#say = say
  }

  open(uri: string, local: string, attributes: Attributes, depth: number): void {
    if (depth === 0) {
      this.#openRoot(uri, local, attributes)
      return
    }
    if (uri === namespace2021 && local === 'FileHash' && depth === 2) {
      if (this.#file !== undefined) this.#file.fileHash = this.#hash(attributes)
      return
    }
    if (uri !== blockMapNamespace) return
    if (depth === 1 && local === 'File') this.#openFile(attributes)
    else if (depth === 2 && local === 'Block') this.#addBlock(attributes)
    else this.#say('msix-block-map-invalid', `it has an element ${local} where none belongs`, target)
  }

  close(depth: number): void {
    if (depth === 1) this.#closeFile()
  }

  #openRoot(uri: string, local: string, attributes: Attributes): void {
    if (uri !== blockMapNamespace || local !== 'BlockMap') {
      const wanted = `BlockMap in "${blockMapNamespace}"`
      this.#say('msix-xml-root', `its root is ${local} in namespace "${uri}", not ${wanted}`, target)
      throw new XmlStop()
    }
    const method = valueIn(attributes, 'HashMethod')
    this.hashName = hashMethods.get(method ?? '')
    if (this.hashName === undefined) {
      this.#say('msix-block-map-hash-method', `its HashMethod is ${method ?? 'missing'}`, target)
      throw new XmlStop()
    }
  }

  #openFile(attributes: Attributes): void {
    this.sawFile = true
    const name = valueIn(attributes, 'Name')
    const size = wholeNumber(valueIn(attributes, 'Size'))
    const headerText = valueIn(attributes, 'LfhSize')
    const headerSize = wholeNumber(headerText)
    if (
      name === undefined ||
      name === '' ||
      size === undefined ||
      (headerText !== undefined && !headerSize)
    ) {
      this.#say(
        'msix-block-map-invalid',
        `a File has no usable Name, Size or LfhSize (${name ?? ''})`,
        target,
      )
      return
    }
    this.#file = {
      name,
      size,
      headerSize,
      hashes: new Uint8Array(64),
      compressedSizes: [],
      fileHash: undefined,
    }
  }

  #addBlock(attributes: Attributes): void {
    this.#blocks += 1
    if (this.#blocks > this.#limits.unpackedBytes / blockSize + this.#limits.entries) {
      this.#say('msix-block-map-invalid', 'it has more blocks than a package may', target)
      throw new XmlStop()
    }
    const sizeText = valueIn(attributes, 'Size')
    const size = sizeText === undefined ? -1 : wholeNumber(sizeText)
    const hash = this.#hash(attributes)
    if (this.#file === undefined) return
    const index = this.#file.compressedSizes.length
    if (size === undefined || size === 0 || hash === undefined) {
      const where = `block ${index} of ${this.#file.name}`
      this.#say('msix-block-map-invalid', `${where} has no usable Hash or Size`, target)
    }
    // An unusable hash leaves zeros, which no content has.
    this.#file.hashes = withRoom(this.#file.hashes, (index + 1) * this.#hashLength)
    this.#file.hashes.set(hash ?? [], index * this.#hashLength)
    this.#file.compressedSizes.push(size ?? -1)
  }

  get #hashLength(): number {
    return hashLengths[this.hashName ?? 'sha256']
  }

  #hash(attributes: Attributes): Uint8Array | undefined {
    const text = valueIn(attributes, 'Hash') ?? ''
    const bytes = Buffer.from(text, 'base64')
    return bytes.length === this.#hashLength && bytes.toString('base64') === text.trim() ? bytes : undefined
  }

  #closeFile(): void {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    const key = pathKey(file.name)
    if (this.files.has(key)) {
      this.#say('msix-block-map-file-twice', `it lists ${file.name} twice`, target)
    } else if (neverInBlockMap.has(key)) {
      this.#say('msix-block-map-footprint', `it lists ${file.name}, which no block map covers`, target)
    }
    const blockCount = file.compressedSizes.length
    this.files.set(key, {
      name: file.name,
      size: file.size,
      headerSize: file.headerSize,
      hashes: file.hashes.slice(0, blockCount * this.#hashLength),
      blockCount,
      compressedSizes: Float64Array.from(file.compressedSizes),
      fileHash: file.fileHash,
    })
    if (this.files.size > this.#limits.entries) {
      this.#say('msix-block-map-invalid', `it lists more than ${this.#limits.entries} files`, target)
      throw new XmlStop()
    }
  }
}

function withRoom(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(length, bytes.length * 2))
  larger.set(bytes)
  return larger
}

/** A decimal number; undefined for anything else, and for what no file can be. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}
