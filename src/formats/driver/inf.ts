import { decodeInf, type InfEncoding } from './inf-encoding.ts'
import { type InfEntry, type InfSyntaxProblem, lexInf } from './inf-lexer.ts'
import { readStrings } from './inf-strings.ts'
import { type InfVersion, readVersion } from './inf-version.ts'

export { type InfModel, modelsOf } from './inf-models.ts'

/** An INF file, read. Names of sections and keys are compared without case, as Windows does. */
export interface Inf {
  readonly encoding: InfEncoding
  readonly version: InfVersion
  /** Section names as written, in order. */
  readonly sectionNames: readonly string[]
  readonly problems: readonly InfSyntaxProblem[]
  /** False when the file is so long that its end was not read. */
  readonly isWhole: boolean
  has(section: string): boolean
  /** The entries of a section, all of its parts together; none when there is no such section. */
  entries(section: string): readonly InfEntry[]
  /** Replaces the %tokens% of [Strings]. */
  expand(text: string): string
  /** Tokens in `text` that have no string. */
  undefinedTokens(text: string): string[]
}

/** Reads an INF file or an .inx template. Anything can be read: what is missing is null, what is odd a problem. */
export function parseInf(bytes: Uint8Array): Inf {
  const { text, encoding } = decodeInf(bytes)
  const { sections, problems, isWhole } = lexInf(text)
  const strings = readStrings(sections)
  return {
    encoding,
    version: readVersion(sections.get('version'), strings),
    sectionNames: [...sections.values()].map(({ name }) => name),
    problems,
    isWhole,
    has: (section) => sections.has(section.toLowerCase()),
    entries: (section) => sections.get(section.toLowerCase())?.entries ?? [],
    expand: strings.expand,
    undefinedTokens: strings.undefinedIn,
  }
}
