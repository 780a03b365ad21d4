import type { Fact } from '../types.ts'
import type { DriverFindingList } from './findings.ts'
import type { Inf } from './inf.ts'
import type { InfOutline } from './inf-install.ts'
import { eachModel } from './inf-models.ts'
import { isExtensionInf } from './inf-rules.ts'
import { architecturesOf, isUniversal, notDeclarative } from './inf-universal.ts'

export interface InfFacts {
  readonly [name: string]: Fact
  readonly architectures: readonly string[]
}

/** What of a package's text may still be stored: hostile or huge INF files must not become huge facts. */
export interface FactBudget {
  models: number
  characters: number
  isExhausted: boolean
}

/** Enough for the largest graphics packages (some ten thousand devices). */
export function newFactBudget(): FactBudget {
  return { models: 20_000, characters: 4_000_000, isExhausted: false }
}

/** LINE_LEN, the most that Windows keeps of a name or description. */
const longestText = 256
const mostIds = 100

/** Facts of one INF (microsoft-hardware.md 2.7 is made of them). Says once when not all models fit the budget. */
export function infFacts(
  inf: Inf,
  outline: InfOutline,
  name: string,
  path: string,
  budget: FactBudget,
  findings: DriverFindingList,
): InfFacts {
  const { version } = inf
  const reasons = notDeclarative(inf, outline)
  return {
    name,
    encoding: inf.encoding,
    class: clip(version.class),
    classGuid: clip(version.classGuid),
    provider: clip(version.provider),
    driverVersion: version.driverVersion,
    driverDate: version.driverDate,
    extensionId: clip(version.extensionId),
    catalogFile: clip(version.catalogFiles[''] ?? Object.values(version.catalogFiles)[0] ?? null),
    isExtension: isExtensionInf(inf),
    isDeclarative: reasons.length === 0,
    isUniversal: isUniversal(inf, outline),
    notDeclarativeBecause: reasons.map((reason) => clip(reason)),
    architectures: architecturesOf(inf, outline),
    models: modelFacts(inf, outline, path, budget, findings),
  }
}

function modelFacts(
  inf: Inf,
  outline: InfOutline,
  path: string,
  budget: FactBudget,
  findings: DriverFindingList,
): Fact[] {
  const models: Fact[] = []
  for (const model of eachModel(inf, outline.models)) {
    const hardwareIds = model.hardwareIds.slice(0, mostIds).map((id) => clip(id))
    const texts = [model.osDecoration, model.manufacturer, model.description, model.installSection].map(clip)
    const size = [...hardwareIds, ...texts].reduce((sum, text) => sum + (text?.length ?? 0), 0)
    if (budget.isExhausted || budget.models === 0 || size > budget.characters) {
      budget.isExhausted = true
      findings.add('driver-facts-truncated', path)
      return models
    }
    budget.models -= 1
    budget.characters -= size
    const [osDecoration = '', manufacturer = '', description = '', installSection = ''] = texts
    models.push({
      architecture: model.architecture,
      osDecoration,
      manufacturer,
      description,
      installSection,
      hardwareIds,
    })
  }
  return models
}

function clip(text: string): string
function clip(text: string | null): string | null
function clip(text: string | null): string | null {
  return text === null ? null : text.slice(0, longestText)
}
