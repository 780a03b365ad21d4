import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'
import { escapeXml } from './block-blob-answer.ts'
import { isBlockId } from './block-blob-id.ts'
import { refusals } from './block-blob-refusals.ts'

/** A block as a list names it; `from` says which of its versions. */
export interface ListedBlock {
  readonly blockId: string
  readonly from: 'latest' | 'committed' | 'uncommitted'
}

/** What the service takes in one list. */
const mostBlocks = 50_000

const kinds: Readonly<Record<string, ListedBlock['from']>> = {
  Latest: 'latest',
  Committed: 'committed',
  Uncommitted: 'uncommitted',
}

/**
 * Reads the body of Put Block List as it arrives.
 * @throws BlobRefusal `InvalidXmlDocument` (also for a document type declaration, which could define entities
 *   that grow without bound), `UnsupportedXmlNode`, `InvalidBlockId`, `BlockListTooLong`
 */
export async function readBlockList(bytes: AsyncIterable<Uint8Array>): Promise<ListedBlock[]> {
  const parser = new SaxesParser({ position: false })
  const blocks: ListedBlock[] = []
  let depth = 0
  let text = ''
  parser.on('error', (error) => {
    throw refusals.invalidXml(error.message)
  })
  parser.on('doctype', () => {
    throw refusals.invalidXml('DTD is prohibited in this XML document.')
  })
  parser.on('opentag', ({ name }) => {
    if (depth === 0 ? name !== 'BlockList' : depth > 1 || !Object.hasOwn(kinds, name)) {
      throw refusals.unsupportedXmlNode(name)
    }
    depth++
    text = ''
  })
  parser.on('text', (part) => {
    if (depth === 2) text += part
    else if (part.trim() !== '') throw refusals.invalidXml('There is text outside of the block names.')
  })
  parser.on('cdata', () => {
    throw refusals.invalidXml('CDATA sections are not used in this XML document.')
  })
  parser.on('closetag', ({ name }) => {
    depth--
    const from = kinds[name]
    if (from === undefined) return
    const blockId = text.trim()
    if (!isBlockId(blockId)) throw refusals.invalidBlockId()
    if (blocks.length === mostBlocks) throw refusals.blockListTooLong()
    blocks.push({ blockId, from })
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of bytes) parser.write(decode(decoder, chunk))
  parser.write(decode(decoder)).close()
  return blocks
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    throw refusals.invalidXml('There is an invalid character in the given encoding.')
  }
}

export interface StoredBlock {
  readonly blockId: string
  readonly size: number
}

/** The body of an answer to Get Block List; a list that was not asked for is left out. */
export function writeBlockLists(lists: {
  readonly committed?: readonly StoredBlock[] | undefined
  readonly uncommitted?: readonly StoredBlock[] | undefined
}): string {
  const list = (name: string, blocks: readonly StoredBlock[] | undefined) =>
    blocks === undefined ? '' : `<${name}>${blocks.map(writeBlock).join('')}</${name}>`
  return `<BlockList>${list('CommittedBlocks', lists.committed)}${list('UncommittedBlocks', lists.uncommitted)}</BlockList>`
}

function writeBlock({ blockId, size }: StoredBlock): string {
  return `<Block><Name>${escapeXml(blockId)}</Name><Size>${size}</Size></Block>`
}
