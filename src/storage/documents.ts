/** Text of documents that are remembered, in characters; parsed they take about three times as many bytes. */
const mostRemembered = 4_000_000

interface Remembered {
  readonly text: string
  /** From the second reading on: most documents are read once. */
  readonly document: object | undefined
}

const remembered = new Map<string, Remembered>()
let characters = 0

/**
 * Parses a row's JSON document, which takes longer than finding the row. One that is read again and again, as by
 * clients that poll, is parsed once; it is then shared by all readers, and frozen so that none can change it.
 *
 * @param id the row's, to remember the document by; what is remembered counts for the same text only
 */
export function parseDocument<T extends object>(id: string, text: string): T {
  const known = remembered.get(id)
  if (known?.text === text && known.document) return known.document as T
  const document = JSON.parse(text) as T
  if (known) forget(id, known)
  remember(id, { text, document: known?.text === text ? freeze(document) : undefined })
  return document
}

function remember(id: string, entry: Remembered): void {
  remembered.set(id, entry)
  characters += entry.text.length
  for (const [oldest, old] of remembered) {
    if (characters <= mostRemembered) return
    forget(oldest, old)
  }
}

function forget(id: string, { text }: Remembered): void {
  remembered.delete(id)
  characters -= text.length
}

function freeze<T extends object>(document: T): T {
  for (const value of Object.values(document)) {
    if (typeof value === 'object' && value !== null) freeze(value)
  }
  return Object.freeze(document)
}
