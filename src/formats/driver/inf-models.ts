import type { Inf } from './inf.ts'
import { type Decoration, parseDecoration } from './inf-decoration.ts'

/** One device that an INF can install on one kind of Windows. */
export interface InfModel {
  /** '' when the models section is not decorated with one, or with none that exists. */
  readonly architecture: Decoration['architecture']
  /** `NTamd64.10.0...16299` as written; '' when undecorated. */
  readonly osDecoration: string
  readonly manufacturer: string
  readonly description: string
  /** The install section's name, without its decorations. */
  readonly installSection: string
  /** The hardware id first, then the compatible ids, as written. */
  readonly hardwareIds: readonly string[]
}

export interface ModelsSection {
  readonly name: string
  readonly isPresent: boolean
  readonly manufacturer: string
  readonly decoration: Decoration
}

const idsOfOneModel = 1000

/**
 * The models sections that [Manufacturer] names, undecorated and decorated, in order. A section is the first
 * manufacturer's that names it, so that reading them all never takes longer than the file is.
 */
export function modelsSections(inf: Inf): ModelsSection[] {
  const sections = new Map<string, ModelsSection>()
  for (const { key, fields } of inf.entries('manufacturer')) {
    const [base = '', ...targets] = fields.map((field) => inf.expand(field).trim())
    const manufacturer = inf.expand(key ?? fields[0] ?? '').trim()
    if (base === '') continue
    const decorations = targets.filter((target) => target !== '')
    // With decorations the plain section is only for Windows before XP, so it need not be there.
    const names = inf.has(base) || decorations.length === 0 ? ['', ...decorations] : decorations
    for (const target of names) {
      const name = target === '' ? base : `${base}.${target}`
      const key = name.toLowerCase()
      if (sections.has(key)) continue
      sections.set(key, { name, isPresent: inf.has(name), manufacturer, decoration: parseDecoration(target) })
    }
  }
  return [...sections.values()]
}

/** Every line of every models section (INF Models section of the Windows driver docs). */
export function* eachModel(inf: Inf, sections: readonly ModelsSection[]): Generator<InfModel> {
  for (const { name, manufacturer, decoration } of sections) {
    for (const { key, fields } of inf.entries(name)) {
      const [installSection = '', ...ids] = fields
        .slice(0, idsOfOneModel + 1)
        .map((field) => inf.expand(field).trim())
      yield {
        architecture: decoration.architecture,
        osDecoration: decoration.text,
        manufacturer,
        description: inf.expand(key ?? '').trim(),
        installSection,
        hardwareIds: ids.filter((id) => id !== ''),
      }
    }
  }
}

/** All models of an INF; where they are many, {@link eachModel} goes one by one. */
export function modelsOf(inf: Inf): InfModel[] {
  return [...eachModel(inf, modelsSections(inf))]
}
