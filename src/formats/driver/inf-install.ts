import type { Inf } from './inf.ts'
import type { InfEntry } from './inf-lexer.ts'
import { type ModelsSection, modelsSections } from './inf-models.ts'

const longestName = 255

/** What an INF installs: found once, as finding it means to read every model. */
export interface InfOutline {
  readonly models: readonly ModelsSection[]
  /** Names of the sections that installing a model, or the INF itself, runs through, as written. */
  readonly installs: readonly string[]
}

export function outlineOf(inf: Inf): InfOutline {
  const models = modelsSections(inf)
  const bases = new Set(['defaultinstall'])
  for (const { name } of models) {
    for (const { fields } of inf.entries(name))
      bases.add(
        inf
          .expand(fields[0] ?? '')
          .trim()
          .toLowerCase(),
      )
  }
  const belongs = (name: string) => name.length <= longestName && belongsTo(name.toLowerCase(), bases)
  return { models, installs: inf.sectionNames.filter(belongs) }
}

/** `Install`, `Install.NTamd64`, `Install.NT.Wdf`: a base name, or one with anything after a dot. */
function belongsTo(name: string, bases: ReadonlySet<string>): boolean {
  if (bases.has(name)) return true
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    if (bases.has(name.slice(0, dot))) return true
  }
  return false
}

/** The entries of a directive such as CopyFiles in the given sections. */
export function* directives(inf: Inf, sections: readonly string[], directive: string): Generator<InfEntry> {
  for (const section of sections) {
    for (const entry of inf.entries(section)) {
      if (entry.key?.toLowerCase() === directive) yield entry
    }
  }
}

/** Values of a directive that lists names, expanded, each once. */
export function namesIn(inf: Inf, sections: readonly string[], directive: string): Set<string> {
  const names = new Set<string>()
  for (const { fields } of directives(inf, sections, directive)) {
    for (const field of fields) {
      const name = inf.expand(field).trim()
      if (name !== '') names.add(name)
    }
  }
  return names
}
