import { isObject, type Json, member, objectMember } from './json.ts'

/** One locale's messages, by lower-cased key: keys ignore letter case. */
export type Messages = ReadonlyMap<string, string>

/** Longer texts are cut: placeholders can multiply a small file into gigabytes, and no limit is that high. */
export const longestText = 4096

const isReserved = (key: string): boolean => key.startsWith('@@')

/** Keys of the `__MSG_key__` references in a text. */
export function messageKeys(text: string): string[] {
  const keys: string[] = []
  eachReference(text, (key) => {
    keys.push(key)
    return ''
  })
  return keys
}

/** The text with its references replaced; what `look` does not know stays as it is. */
export const resolveText = (text: string, look: (key: string) => string | undefined): string =>
  eachReference(text, (key) => (isReserved(key) ? '' : look(key.toLowerCase())))

/** Keys that every extension has, such as `@@extension_id`. */
export const isPredefined = isReserved

const opening = '__MSG_'

function eachReference(text: string, replace: (key: string) => string | undefined): string {
  let result = ''
  let at = 0
  while (at < text.length && result.length < longestText) {
    const start = text.indexOf(opening, at)
    const end = start < 0 ? -1 : text.indexOf('__', start + opening.length)
    if (end < 0) break
    const key = text.slice(start + opening.length, end)
    // A manifest's own words may look like a reference; a key has no blanks.
    const value = /^[A-Za-z0-9_@]+$/.test(key) ? replace(key) : undefined
    if (value === undefined) {
      result += text.slice(at, start + opening.length)
      at = start + opening.length
    } else {
      result += text.slice(at, start) + value
      at = end + 2
    }
  }
  return (result + text.slice(at, at + longestText)).slice(0, longestText)
}

/**
 * The message with its placeholders filled in, as Chromium does: `$NAME$` by the placeholder's content, `$$` for a
 * dollar, `$1` for an argument that a manifest never passes. Undefined when the item is no message.
 */
export function messageText(item: Json | undefined): string | undefined {
  const message = isObject(item) ? member(item, 'message') : undefined
  if (!isObject(item) || typeof message !== 'string') return undefined
  const contents = new Map<string, string>()
  for (const [name, placeholder] of Object.entries(objectMember(item, 'placeholders'))) {
    const content = isObject(placeholder) ? member(placeholder, 'content') : undefined
    if (typeof content === 'string') contents.set(name.toLowerCase(), content.slice(0, longestText))
  }
  let result = ''
  let last = 0
  for (const match of message.matchAll(/\$(?:([A-Za-z0-9_@]+)\$|([0-9])|(\$))/g)) {
    if (result.length > longestText) break
    const [whole, name, argument] = match
    const value = name === undefined ? (argument === undefined ? '$' : '') : contents.get(name.toLowerCase())
    result += message.slice(last, match.index) + (value ?? whole)
    last = match.index + whole.length
  }
  return (result + message.slice(last, last + longestText)).slice(0, longestText)
}
