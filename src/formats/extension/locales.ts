import { ZipError } from '../containers/zip-error.ts'
import type { Finding } from '../types.ts'
import { type ExtensionContext, manifestKey } from './context.ts'
import { isObject, type JsonObject, member, parseJson } from './json.ts'
import { isPredefined, type Messages, messageKeys, messageText } from './messages.ts'

/** What the extension says in each of its languages. */
export interface Locales {
  /** The manifest's `default_locale`, when it is one. */
  readonly defaultLocale: string | undefined
  /** Folders of `_locales` that browsers take for locales and that have messages, in alphabetical order. */
  readonly names: readonly string[]
  /** The message of a lower-cased key: the locale's own, its parent's (`pt` of `pt_BR`), or the default one. */
  look(locale: string | undefined, key: string): string | undefined
  /** What the ZIP container has to say about the files of messages. */
  readonly damage: readonly Finding[]
}

const mostMessageBytes = 64 * 1024 ** 2
/** There are some nine hundred locales; an archive may have a hundred thousand folders. */
const mostLocales = 1000
const mostBytesOfALocale = 4 * 1024 ** 2
const messagesPath = (locale: string): string => `_locales/${locale}/messages.json`
const localeName = /^[a-z]{2,3}(?:_[A-Z][a-z]{3})?(?:_(?:[A-Z]{2}|[0-9]{3}))?$/

/** Reads and judges `_locales` (edge-addons.md 7.1, `default_locale`). */
export async function readLocales(context: ExtensionContext): Promise<Locales> {
  const { manifest, files, findings } = context
  const folders = localeFolders(context)
  const given = member(manifest, 'default_locale')
  const defaultLocale = typeof given === 'string' && given !== '' ? given : undefined
  const key = manifestKey('default_locale')
  if (given !== undefined && defaultLocale === undefined)
    findings.add('extension-default-locale-invalid', key)
  const present = folders.length > 0 || files.hasFolder('_locales')
  if (defaultLocale !== undefined && !present) findings.add('extension-locales-missing', key)
  if (given === undefined && present) findings.add('extension-default-locale-missing', '_locales')
  if (defaultLocale !== undefined && present && files.find(messagesPath(defaultLocale)) === undefined) {
    findings.add('extension-default-messages-missing', key, messagesPath(defaultLocale))
  }
  const valid = present ? validLocales(folders, context) : []
  const names = valid.slice(0, mostLocales)
  if (names.length < valid.length)
    findings.add('extension-too-many-locales', '_locales', valid.length, mostLocales)
  return readMessages(context, defaultLocale, names)
}

function localeFolders({ files }: ExtensionContext): string[] {
  const folders = new Set<string>()
  for (const path of files.paths()) {
    const [top, folder, below] = path.startsWith('_locales/') ? path.split('/', 3) : []
    if (top !== undefined && folder !== undefined && below !== undefined) folders.add(folder)
  }
  return [...folders].sort()
}

function validLocales(folders: readonly string[], { files, findings }: ExtensionContext): string[] {
  const valid: string[] = []
  for (const folder of folders) {
    if (folder.startsWith('.')) continue
    const path = messagesPath(folder)
    if (!localeName.test(folder)) findings.add('extension-locale-unknown', `_locales/${folder}`)
    else if (files.find(path) === undefined) findings.add('extension-messages-missing', path, path)
    else valid.push(folder)
  }
  if (valid.length === 0 && !folders.some((folder) => localeName.test(folder))) {
    findings.add('extension-no-valid-locale', '_locales')
  }
  return valid
}

async function readMessages(
  context: ExtensionContext,
  defaultLocale: string | undefined,
  names: readonly string[],
): Promise<Locales> {
  const catalogs = new Map<string, Messages>()
  const damage: Finding[] = []
  const wanted = wantedKeys(context.manifest)
  let left = mostMessageBytes
  for (const locale of new Set(defaultLocale === undefined ? names : [defaultLocale, ...names])) {
    const entry = context.files.find(messagesPath(locale))
    if (entry === undefined) continue
    left -= entry.uncompressedSize
    if (left < 0) {
      context.findings.add('extension-messages-too-large', '_locales', mostMessageBytes)
      break
    }
    if (entry.uncompressedSize > mostBytesOfALocale) {
      const path = messagesPath(locale)
      context.findings.add(
        'extension-messages-invalid',
        path,
        path,
        `It has more than ${mostBytesOfALocale} bytes.`,
      )
      continue
    }
    try {
      const bytes = await context.archive.read(entry, mostBytesOfALocale)
      const catalog = parseMessages(bytes, locale, wanted, context)
      if (catalog !== undefined) catalogs.set(locale, catalog)
    } catch (error) {
      if (!(error instanceof ZipError)) throw error
      damage.push(error.toFinding())
    }
  }
  const chain = (locale: string | undefined) => [locale, locale?.split('_', 1)[0], defaultLocale]
  return {
    defaultLocale,
    names,
    look(locale, key) {
      for (const each of chain(locale)) {
        const text = each === undefined ? undefined : catalogs.get(each)?.get(key)
        if (text !== undefined) return text
      }
      return undefined
    },
    damage,
  }
}

function parseMessages(
  bytes: Uint8Array,
  locale: string,
  wanted: ReadonlySet<string>,
  { findings }: ExtensionContext,
): Messages | undefined {
  const path = messagesPath(locale)
  const parsed = parseJson(bytes)
  if (parsed.error !== undefined) {
    findings.add('extension-messages-invalid', path, path, parsed.error)
    return undefined
  }
  if (!isObject(parsed.value)) {
    findings.add('extension-messages-invalid', path, path, 'Its top level must be an object.')
    return undefined
  }
  if (parsed.nonstandard) findings.add('extension-nonstandard-json', path)
  const messages = new Map<string, string>()
  for (const [key, item] of Object.entries(parsed.value)) {
    if (!isObject(item) || typeof member(item, 'message') !== 'string') {
      findings.add('extension-message-invalid', `${path}#/${key}`, key)
      continue
    }
    const lower = key.toLowerCase()
    const text = wanted.has(lower) ? messageText(item) : undefined
    if (text !== undefined) messages.set(lower, text)
  }
  return messages
}

/** The manifest's texts that browsers translate, by their key. */
export function translatedTexts(manifest: JsonObject): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  const add = (value: unknown, ...keys: string[]) => {
    if (typeof value === 'string') texts.set(manifestKey(...keys), value)
  }
  for (const key of ['name', 'short_name', 'description']) add(member(manifest, key), key)
  for (const key of ['action', 'browser_action', 'page_action']) {
    const action = member(manifest, key)
    if (isObject(action)) add(member(action, 'default_title'), key, 'default_title')
  }
  const omnibox = member(manifest, 'omnibox')
  if (isObject(omnibox)) add(member(omnibox, 'keyword'), 'omnibox', 'keyword')
  const commands = member(manifest, 'commands')
  if (isObject(commands)) {
    for (const [name, command] of Object.entries(commands)) {
      if (isObject(command)) add(member(command, 'description'), 'commands', name, 'description')
    }
  }
  return texts
}

function wantedKeys(manifest: JsonObject): Set<string> {
  const keys = new Set<string>()
  for (const text of translatedTexts(manifest).values()) {
    for (const key of messageKeys(text)) keys.add(key.toLowerCase())
  }
  return keys
}

/** Messages that the manifest uses and the default locale does not define. */
export function judgeUndefinedMessages(context: ExtensionContext, locales: Locales): void {
  for (const [target, text] of translatedTexts(context.manifest)) {
    for (const key of new Set(messageKeys(text))) {
      if (isPredefined(key)) continue
      if (locales.look(locales.defaultLocale, key.toLowerCase()) === undefined) {
        context.findings.add('extension-message-undefined', target, key)
      }
    }
  }
}
