/** Shorter ones are parsed faster than they are found. */
const leastRemembered = 500

/** Text of remembered documents in one generation, in characters; parsed they take about three times as many bytes. */
const generation = 2_000_000

interface Remembered {
  readonly text: string
  /** From the second reading on: most documents are read once. */
  readonly document: object | undefined
}

/** Two generations, of which the older one is forgotten whole: to forget one by one would cost more than parsing. */
let recent = new Map<string, Remembered>()
let older = new Map<string, Remembered>()
let characters = 0

/**
 * Parses a row's JSON document, which takes longer than finding the row. One that is read again and again, as by
 * clients that poll, is parsed once; it is then shared by all readers, and frozen so that none can change it.
 *
 * @param id the row's, to remember the document by; what is remembered counts for the same text only
 */
export function parseDocument<T extends object>(id: string, text: string): T {
  if (text.length < leastRemembered) return JSON.parse(text) as T
  const known = recent.get(id) ?? older.get(id)
  if (known?.text === text && known.document) {
    if (!recent.has(id)) remember(id, known)
    return known.document as T
  }
  const document = JSON.parse(text) as T
  remember(id, { text, document: known?.text === text ? freeze(document) : undefined })
  return document
}

function remember(id: string, entry: Remembered): void {
  characters += entry.text.length - (recent.get(id)?.text.length ?? 0)
  recent.set(id, entry)
  if (characters <= generation) return
  older = recent
  recent = new Map()
  characters = 0
}

function freeze<T extends object>(document: T): T {
  for (const value of Object.values(document)) {
    if (typeof value === 'object' && value !== null) freeze(value)
  }
  return Object.freeze(document)
}
