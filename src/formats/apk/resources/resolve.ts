import { asInteger, asText, isReference, type ResourceValue, referenceId } from '../axml/value.ts'
import { anyDensity, type Configuration, noDensity } from './configuration.ts'
import type { ResourceCandidate, ResourceTable } from './table.ts'

/** Follows references into the package's own resources; without a table it knows literal values only. */
export interface Resolver {
  /** A text, or a number as text, in the default language; undefined when it can't be resolved. */
  text(value: ResourceValue): string | undefined
  integer(value: ResourceValue): number | undefined
  /** The value itself, or what it finally refers to. */
  value(value: ResourceValue): ResourceValue | undefined
  /** The file of a drawable: the densest bitmap, or a vector when there is no bitmap. */
  file(value: ResourceValue): string | undefined
}

/** As deep as Android follows (AOSP `ResTable::resolveReference`). */
const deepest = 20
/** A sound manifest has a dozen references; each costs a search through the table. */
const mostLookups = 2000

type Choice = (candidates: readonly ResourceCandidate[]) => ResourceCandidate | undefined

export function resolver(table: ResourceTable | undefined): Resolver {
  const known = new Map<number, ResourceCandidate[]>()
  const lookup = (id: number): ResourceCandidate[] => {
    const cached = known.get(id)
    if (cached !== undefined || table === undefined || known.size >= mostLookups) return cached ?? []
    const found = table.candidates(id)
    known.set(id, found)
    return found
  }
  const follow = (value: ResourceValue, choose: Choice): ResourceValue | undefined => {
    let current: ResourceValue | undefined = value
    for (let depth = 0; current !== undefined && depth < deepest; depth++) {
      if (!isReference(current)) return current
      current = choose(lookup(referenceId(current)))?.value
    }
    return undefined
  }
  const scalar = (value: ResourceValue) => follow(value, mostGeneral)
  return {
    value: scalar,
    text: (value) => convert(scalar(value), asText),
    integer: (value) => convert(scalar(value), asInteger),
    file: (value) => follow(value, bestPicture)?.text,
  }
}

const convert = <T>(value: ResourceValue | undefined, as: (value: ResourceValue) => T | undefined) =>
  value === undefined ? undefined : as(value)

function best(
  candidates: readonly ResourceCandidate[],
  score: (candidate: ResourceCandidate) => readonly number[],
): ResourceCandidate | undefined {
  let chosen: ResourceCandidate | undefined
  for (const candidate of candidates) {
    if (chosen === undefined || isGreater(score(candidate), score(chosen))) chosen = candidate
  }
  return chosen
}

function isGreater(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0)
}

const anyLanguage = ({ language }: Configuration): number => (language === 0 ? 1 : 0)

const mostGeneral: Choice = (candidates) =>
  best(candidates, ({ configuration }) => [anyLanguage(configuration), -configuration.qualifiers])

const bestPicture: Choice = (candidates) =>
  best(candidates, ({ configuration, value }) => {
    const bitmap = value.text === undefined || value.text.endsWith('.xml') ? 0 : 1
    const { density } = configuration
    const scaled = density === anyDensity || density === noDensity ? 0 : density
    return [anyLanguage(configuration), bitmap, scaled, -configuration.qualifiers]
  })
