/** One entry of a section: `key = field, field` or `field, field`. Text is unquoted, %tokens% are still in it. */
export interface InfEntry {
  readonly key: string | undefined
  readonly fields: readonly string[]
  /** Where it starts, from 1. */
  readonly line: number
}

export interface InfSection {
  /** As first written. */
  readonly name: string
  readonly entries: readonly InfEntry[]
}

export interface InfSyntaxProblem {
  readonly line: number
  readonly what: 'outside' | 'header' | 'quote'
}

export interface LexedInf {
  /** By lower-case name; sections of the same name are one. */
  readonly sections: ReadonlyMap<string, InfSection>
  readonly problems: readonly InfSyntaxProblem[]
  /** False when the file had more fields than are kept. */
  readonly isWhole: boolean
}

/** Fields kept of one file; the largest graphics drivers have some fifty thousand. */
const mostFields = 500_000
const mostProblems = 100

/** Splits an INF file into sections and entries by the general syntax rules for INF files (Windows driver docs). */
export function lexInf(text: string): LexedInf {
  const sections = new Map<string, { name: string; entries: InfEntry[] }>()
  const problems: InfSyntaxProblem[] = []
  const problem = (line: number, what: InfSyntaxProblem['what']) => {
    if (problems.length < mostProblems) problems.push({ line, what })
  }
  let current: InfEntry[] | undefined
  let fields = 0
  for (const { parts, line, isQuoteOpen } of logicalLines(text)) {
    const [first] = parts
    if (first?.startsWith('[')) {
      const name = sectionName(parts.join(''))
      if (name === undefined) problem(line, 'header')
      current = sectionOf(sections, name ?? first.slice(1))
      continue
    }
    if (isQuoteOpen) problem(line, 'quote')
    const entry = readEntry(parts, line)
    if (entry === undefined) continue
    if (current === undefined) {
      problem(line, 'outside')
      continue
    }
    fields += entry.fields.length + 1
    if (fields > mostFields) return { sections, problems, isWhole: false }
    current.push(entry)
  }
  return { sections, problems, isWhole: true }
}

function sectionName(header: string): string | undefined {
  const end = header.indexOf(']')
  return end < 0 ? undefined : header.slice(1, end).trim()
}

function sectionOf(sections: Map<string, { name: string; entries: InfEntry[] }>, name: string): InfEntry[] {
  const key = name.toLowerCase()
  const section = sections.get(key) ?? { name, entries: [] }
  sections.set(key, section)
  return section.entries
}

interface LogicalLine {
  /** Unquoted and quoted text in turn, the first unquoted; comments are gone. */
  readonly parts: readonly string[]
  readonly line: number
  readonly isQuoteOpen: boolean
}

/** Lines without comments, joined where a backslash outside quotes ends one. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let parts: string[] = ['']
  let start = 1
  let isQuoteOpen = false
  let line = 0
  for (const raw of physicalLines(text)) {
    line += 1
    const scanned = scanLine(raw, parts)
    isQuoteOpen ||= scanned.isQuoteOpen
    if (scanned.continues) continue
    if (parts.length > 1 || parts[0]?.trim() !== '')
      yield { parts: trimStart(parts), line: start, isQuoteOpen }
    parts = ['']
    start = line + 1
    isQuoteOpen = false
  }
  if (parts.length > 1 || parts[0]?.trim() !== '') yield { parts: trimStart(parts), line: start, isQuoteOpen }
}

function trimStart(parts: readonly string[]): string[] {
  return [parts[0]?.trimStart() ?? '', ...parts.slice(1)]
}

/** Lines by CR, LF or both; a control-Z ends the file, as editors of old wrote it. */
function* physicalLines(text: string): Generator<string> {
  const end = text.indexOf('\u001a') < 0 ? text.length : text.indexOf('\u001a')
  let start = 0
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 10 && code !== 13) continue
    yield text.slice(start, at)
    if (code === 13 && text.charCodeAt(at + 1) === 10) at += 1
    start = at + 1
  }
  if (start < end) yield text.slice(start, end)
}

/** Adds the line to `parts`; quoted text makes a part of its own. */
function scanLine(raw: string, parts: string[]): { continues: boolean; isQuoteOpen: boolean } {
  let at = 0
  let plainFrom = 0
  const append = (text: string) => {
    parts[parts.length - 1] = `${parts.at(-1) ?? ''}${text}`
  }
  while (at < raw.length) {
    const char = raw[at]
    if (char === ';') break
    if (char === '%') {
      at = tokenEnd(raw, at)
      continue
    }
    if (char !== '"') {
      at += 1
      continue
    }
    append(raw.slice(plainFrom, at))
    const quoted = readQuoted(raw, at + 1)
    parts.push(quoted.text, '')
    at = quoted.end
    plainFrom = at
    if (quoted.isOpen) return { continues: false, isQuoteOpen: true }
  }
  const tail = raw.slice(plainFrom, at).trimEnd()
  const continues = tail.endsWith('\\')
  append(continues ? tail.slice(0, -1) : tail)
  return { continues, isQuoteOpen: false }
}

/** After a %token%, in which a semicolon starts no comment; after the percent sign when it starts none. */
function tokenEnd(raw: string, at: number): number {
  const end = raw.indexOf('%', at + 1)
  if (end < 0) return at + 1
  const inside = raw.slice(at + 1, end)
  return inside.length > 255 || /[",=]/.test(inside) ? at + 1 : end + 1
}

/** A quoted string ends at a quote that is not doubled, or at the end of the line. */
function readQuoted(raw: string, start: number): { text: string; end: number; isOpen: boolean } {
  let end = raw.indexOf('"', start)
  while (end >= 0 && raw[end + 1] === '"') end = raw.indexOf('"', end + 2)
  const isOpen = end < 0
  const text = raw.slice(start, isOpen ? raw.length : end).replaceAll('""', '"')
  return { text, end: isOpen ? raw.length : end + 1, isOpen }
}

/** Splits at the first equals sign and at commas, where they are not quoted. */
function readEntry(parts: readonly string[], line: number): InfEntry | undefined {
  let key: string | undefined
  const fields: string[] = []
  let field = ''
  /** Length of `field` up to the end of quoted text, whose blanks are kept. */
  let solid = 0
  let isQuoted = false
  const finish = () => {
    fields.push(field.slice(0, solid) + field.slice(solid).trimEnd())
    field = ''
    solid = 0
    isQuoted = false
  }
  parts.forEach((part, index) => {
    if (index % 2 === 1) {
      field += part
      solid = field.length
      isQuoted = true
      return
    }
    let rest = part
    for (;;) {
      const comma = rest.indexOf(',')
      const equals = key === undefined && fields.length === 0 ? rest.indexOf('=') : -1
      const isKey = equals >= 0 && (comma < 0 || equals < comma)
      const cut = isKey ? equals : comma
      const text = cut < 0 ? rest : rest.slice(0, cut)
      field += field === '' && !isQuoted ? text.trimStart() : text
      if (cut < 0) break
      finish()
      if (isKey) key = fields.pop()
      rest = rest.slice(cut + 1)
    }
  })
  finish()
  if (key === undefined && fields.length === 1 && fields[0] === '' && parts.length === 1) return undefined
  return { key, fields, line }
}
