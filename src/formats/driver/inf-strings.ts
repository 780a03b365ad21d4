import type { InfSection } from './inf-lexer.ts'

/** Longest string after substitution (INF size limits of the Windows driver docs, without the closing zero). */
const longest = 4095
const english = 'strings.0409'

/** Replaces %tokens%; what has no string is left as it is. */
export interface InfStrings {
  expand(text: string): string
  /** Tokens in `text` that no [Strings] section defines, in lower case. */
  undefinedIn(text: string): string[]
}

/**
 * The strings of an INF: American English where it is given, then the unlocalised ones, then any other language,
 * so that the answer does not depend on where it is asked.
 */
export function readStrings(sections: ReadonlyMap<string, InfSection>): InfStrings {
  const strings = new Map<string, string>()
  const localised = [...sections.keys()].filter((name) => name.startsWith('strings.') && name !== english)
  for (const name of [english, 'strings', ...localised.toSorted()]) {
    for (const { key, fields } of sections.get(name)?.entries ?? []) {
      const token = key?.toLowerCase()
      if (token !== undefined && !strings.has(token)) strings.set(token, (fields[0] ?? '').slice(0, longest))
    }
  }
  const stringOf = (token: string): string | undefined => strings.get(token.trim().toLowerCase())
  return {
    expand(text) {
      if (!text.includes('%')) return text.slice(0, longest)
      let result = ''
      for (const part of tokensOf(text)) {
        result += part.token === undefined ? part.text : (stringOf(part.token) ?? part.text)
        if (result.length > longest) return result.slice(0, longest)
      }
      return result
    },
    undefinedIn(text) {
      const tokens = tokensOf(text).flatMap(({ token }) => token ?? [])
      // Numbers are directory identifiers (%11%).
      const unknown = tokens.filter((token) => stringOf(token) === undefined && !/^-?\d+$/.test(token))
      return unknown.map((token) => token.toLowerCase())
    },
  }
}

function tokensOf(text: string): { text: string; token?: string }[] {
  const parts: { text: string; token?: string }[] = []
  let at = 0
  while (at < text.length) {
    const start = text.indexOf('%', at)
    const end = start < 0 ? -1 : text.indexOf('%', start + 1)
    if (end < 0) break
    if (start > at) parts.push({ text: text.slice(at, start) })
    const token = text.slice(start + 1, end)
    // A doubled percent sign stands for one.
    parts.push(token === '' ? { text: '%' } : { text: text.slice(start, end + 1), token })
    at = end + 1
  }
  if (at < text.length) parts.push({ text: text.slice(at) })
  return parts
}
