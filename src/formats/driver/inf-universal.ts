import type { Inf } from './inf.ts'
import { parseDecoration } from './inf-decoration.ts'
import { directives, type InfOutline, namesIn } from './inf-install.ts'

// "Using a universal INF file", Windows driver docs.
const forbiddenSections = /^classinstall32(?:\.|$)|\.(?:coinstallers|factdef|logconfigoverride)$/i
const forbiddenDirectives = [
  'bitreg',
  'delfiles',
  'delproperty',
  'delreg',
  'delservice',
  'ini2reg',
  'logconfig',
  'profileitems',
  'registerdlls',
  'renfiles',
  'unregisterdlls',
  'updateinifields',
  'updateinis',
]
const allowedDirectories = new Set(['10', '11', '12', '13'])
/** Keys outside the device's own that may be written: COM registration and Media Foundation transforms. */
const allowedKeys = [
  'software\\classes',
  'software\\microsoft\\windows media foundation',
  'software\\wow6432node\\microsoft\\windows media foundation',
  'software\\wow3232node\\microsoft\\windows media foundation',
]

/**
 * What keeps an INF from being declarative: sections and directives whose effect can't be told from the file. An
 * approximation of `infverif`, which is not published (microsoft-hardware.md 8.3).
 */
export function notDeclarative(inf: Inf, { installs, models }: InfOutline): string[] {
  const reasons = inf.sectionNames.filter((name) => forbiddenSections.test(name)).map((name) => `[${name}]`)
  const used = forbiddenDirectives.filter((directive) => !directives(inf, installs, directive).next().done)
  if (inf.has('defaultinstall')) reasons.push('[DefaultInstall]')
  const targets = models.filter(({ decoration }) => decoration.hasProductOrSuite)
  return [...reasons, ...used, ...targets.map(({ decoration }) => decoration.text)].slice(0, 20)
}

/** Declarative, copies only to places that every edition of Windows has, writes only keys of its own. */
export function isUniversal(inf: Inf, outline: InfOutline): boolean {
  const isDeclarative = notDeclarative(inf, outline).length === 0
  return isDeclarative && copiesToUniversalPlaces(inf) && writesOwnKeys(inf, outline)
}

function copiesToUniversalPlaces(inf: Inf): boolean {
  return inf
    .entries('destinationdirs')
    .every(({ fields }) => allowedDirectories.has(inf.expand(fields[0] ?? '').trim()))
}

function writesOwnKeys(inf: Inf, { installs }: InfOutline): boolean {
  for (const section of namesIn(inf, installs, 'addreg')) {
    for (const { fields } of inf.entries(section)) {
      const [root = '', key = ''] = fields.map((field) => inf.expand(field).trim().toLowerCase())
      const isAllowed =
        root === 'hkr' ||
        root === 'hkcr' ||
        (root === 'hklm' && allowedKeys.some((start) => key.startsWith(start)))
      if (!isAllowed) return false
    }
  }
  return true
}

/** Architectures with something to install: models that are there, and decorated DefaultInstall sections. */
export function architecturesOf(inf: Inf, { models }: InfOutline): string[] {
  const found = new Set<string>()
  for (const { name, decoration } of models) {
    // Undecorated models have been for x86 alone since Windows Server 2003 SP1.
    if (decoration.isKnown && inf.entries(name).length > 0) found.add(decoration.architecture || 'x86')
  }
  for (const name of inf.sectionNames) {
    const [, target = undefined] = /^defaultinstall(?:\.(nt.*))?$/i.exec(name) ?? []
    if (target !== undefined || name.toLowerCase() === 'defaultinstall') {
      const decoration = parseDecoration(target ?? '')
      if (decoration.isKnown) found.add(decoration.architecture || 'x86')
    }
  }
  return [...found].toSorted()
}
